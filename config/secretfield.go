package config

import (
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/virtengine/relight/lazy"
)

// Upper case only: a token pasted into env by mistake rarely looks like that.
var envName = lazy.Pattern(`^[A-Z_][A-Z0-9_]{0,127}$`)

const secretHint = `write { env = "NAME" } (upper case) or { file = "/path" } (mode 0600)`

// secret reads a reference. Whatever else stands there is hidden.
func (t *table) secret(key string) Secret {
	v := t.get(key)
	if v == nil {
		return Secret{}
	}
	bad := func(text string) Secret {
		t.ld.hideTree(v)
		t.ld.at(v, "secret", fmt.Sprintf("%s of %s %s", key, t.what, text), secretHint)
		return Secret{}
	}
	if v.kind != kindTable {
		return bad("must be a reference; a secret never stands in this file")
	}
	env, file := v.get("env"), v.get("file")
	switch {
	case len(v.keys) != 1 || (env == nil && file == nil):
		return bad("must have exactly one of env and file")
	case env != nil && (env.val.kind != kindString || !envName.MatchString(env.val.str)):
		return bad("names no environment variable")
	case env != nil:
		return EnvSecret(env.val.str)
	case file.val.kind != kindString || !pathShape.MatchString(file.val.str):
		return bad("names no file")
	}
	path := t.ld.path(file.val.str)
	t.ld.private(file.val, path, "the secret's file")
	return FileSecret(path)
}

// pathShape is a local path that cannot be taken for a token.
var pathShape = lazy.Pattern(`^(/|~/|\./|\.\./)[^\x00-\x1f]*$`)

// private checks that nobody else can read a file. One that is not there is a
// warning: it may be needed on another machine only, and an incident must not
// wait for it.
func (ld *loader) private(v *value, path, what string) {
	if ld.opt.SkipFiles {
		return
	}
	info, err := os.Stat(path)
	switch {
	case err != nil:
		ld.warn(v.at, "file", fmt.Sprintf("%s cannot be read: %s", what, fileFault(err)), "create it, or correct the path")
	case !info.Mode().IsRegular():
		ld.at(v, "file", what+" is no regular file", "name the file itself")
	case info.Mode().Perm()&0o077 != 0:
		ld.at(v, "permissions", fmt.Sprintf("%s has mode %04o: others can read or change it", what, info.Mode().Perm()), "chmod 600 "+show(path))
	}
}

// fileFault is the reason without the path, which stands in the line.
func fileFault(err error) string {
	if pe, ok := err.(*fs.PathError); ok {
		return pe.Err.Error()
	}
	return strings.TrimSpace(err.Error())
}
