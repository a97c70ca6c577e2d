package shell

import (
	"context"
	"io"
	"io/fs"
	"os"
	"path"
	"sort"
	"strings"
	"time"

	"mvdan.cc/sh/v3/expand"
	"mvdan.cc/sh/v3/interp"

	"github.com/virtengine/relight/drill/world"
)

// nowhere is a folder that cannot exist: the interpreter puts its FIFOs into
// TMPDIR, and there it cannot make any.
const nowhere = "/dev/null/nowhere"

// environ is the exported environment of a process.
type environ struct{ vars map[string]string }

func (e environ) set(k, v string) { e.vars[k] = v }

// with is a copy with more variables.
func (e environ) with(kv ...string) environ {
	out := environ{make(map[string]string, len(e.vars)+len(kv)/2)}
	for k, v := range e.vars {
		out.vars[k] = v
	}
	for i := 0; i+1 < len(kv); i += 2 {
		out.vars[kv[i]] = kv[i+1]
	}
	return out
}

// Get also answers what the interpreter would else ask the system for: the
// home folder of another user, and where its temporary files go.
func (e environ) Get(name string) expand.Variable {
	if user, ok := strings.CutPrefix(name, "HOME "); ok {
		return exported(homeOf(world.User(user)))
	}
	if name == "TMPDIR" {
		return exported(nowhere)
	}
	if v, ok := e.vars[name]; ok {
		return exported(v)
	}
	return expand.Variable{}
}

func (e environ) Each(f func(string, expand.Variable) bool) {
	for _, k := range e.names() {
		if !f(k, exported(e.vars[k])) {
			return
		}
	}
}

func (e environ) names() []string {
	out := make([]string, 0, len(e.vars))
	for k := range e.vars {
		out = append(out, k)
	}
	sort.Strings(out)
	return out
}

func exported(s string) expand.Variable {
	return expand.Variable{Set: true, Exported: true, Kind: expand.String, Str: s}
}

// exportedOf is what a command started from a shell inherits.
func exportedOf(env expand.Environ) environ {
	out := environ{map[string]string{}}
	env.Each(func(name string, v expand.Variable) bool {
		if v.Exported && v.Kind == expand.String && v.IsSet() && name != pidVar && name != randomVar {
			out.vars[name] = v.Str
		} else {
			delete(out.vars, name)
		}
		return true
	})
	return out
}

func homeOf(u world.User) string {
	if u == world.Root {
		return "/root"
	}
	if u == world.PGUser {
		return "/var/lib/postgresql"
	}
	return "/home/" + string(u)
}

func loginDir(u world.User) string { return homeOf(u) }

func loginVars(m Machine) environ {
	return environ{map[string]string{"HOME": homeOf(m.User), "USER": string(m.User), "LOGNAME": string(m.User), "SHELL": "/bin/sh",
		"PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", "LANG": "C.UTF-8"}}
}

// jail are the options that keep an interpreter inside the world.
func (se session) jail(sc script) []interp.RunnerOption {
	uid := "1000"
	if se.user == world.Root {
		uid = "0"
	}
	vars := sc.vars.with(pidVar, se.pid, randomVar, se.pid, "UID", uid, "EUID", uid, "GID", uid)
	return []interp.RunnerOption{
		interp.Env(vars),
		// interp.Dir would look for the folder on the machine.
		func(r *interp.Runner) error { r.Dir = sc.dir; return nil },
		interp.OpenHandler(se.open),
		interp.StatHandler(se.stat),
		interp.ReadDirHandler2(se.readDir),
		interp.AccessHandler(se.access),
		interp.CallHandler(se.call),
		interp.ExecHandlers(func(interp.ExecHandlerFunc) interp.ExecHandlerFunc { return se.exec }),
	}
}

// on gives f the host, under the world's lock.
func (se session) on(f func(w *world.World, h *world.Host)) {
	se.m.Do(func(w *world.World) {
		if h := w.Host(se.m.Host); h != nil {
			f(w, h)
		}
	})
}

func abs(dir, name string) string {
	if name == "" {
		return ""
	}
	if !path.IsAbs(name) {
		name = path.Join(dir, name)
	}
	return path.Clean(name)
}

// info is a world.File as the interpreter wants it.
type info struct {
	name string
	f    world.File
}

func (i info) Name() string       { return path.Base(i.name) }
func (i info) Size() int64        { return int64(len(i.f.Text)) }
func (i info) ModTime() time.Time { return i.f.MTime }
func (i info) IsDir() bool        { return i.f.Dir }
func (i info) Sys() any           { return sysOf(i.f) }
func (i info) Mode() fs.FileMode {
	m := fs.FileMode(i.f.Mode)
	if i.f.Dir {
		m |= fs.ModeDir
	}
	return m
}

// devices are the files that are not the world's.
func device(name string) bool {
	switch name {
	case "/dev/null", "/dev/stdin", "/dev/stdout", "/dev/stderr", "/dev/tty", "/dev/zero", "/dev/urandom":
		return true
	}
	return false
}

func (se session) stat(_ context.Context, name string, _ bool) (fs.FileInfo, error) {
	name = path.Clean(name)
	if device(name) {
		return info{name, world.File{Mode: 0o666, Owner: "root"}}, nil
	}
	f, err := se.file(name)
	if err != nil {
		return nil, &os.PathError{Op: "stat", Path: name, Err: err}
	}
	return info{name, f}, nil
}

func (se session) file(name string) (f world.File, err error) {
	err = world.ErrNotExist
	se.on(func(_ *world.World, h *world.Host) { f, err = h.Stat(se.user, name) })
	return f, err
}

func (se session) readDir(_ context.Context, name string) ([]fs.DirEntry, error) {
	var out []fs.DirEntry
	err := error(world.ErrNotExist)
	se.on(func(_ *world.World, h *world.Host) {
		var names []string
		if names, err = h.List(se.user, name); err != nil {
			return
		}
		for _, n := range names {
			p := path.Join(name, n)
			out = append(out, fs.FileInfoToDirEntry(info{p, h.Files[p]}))
		}
	})
	if err != nil {
		return nil, &os.PathError{Op: "readdir", Path: name, Err: err}
	}
	return out, nil
}

func (se session) access(_ context.Context, name string, mode interp.AccessMode) error {
	if device(name) {
		return nil
	}
	err := error(world.ErrNotExist)
	se.on(func(_ *world.World, h *world.Host) { err = h.Access(se.user, name, uint32(mode)) })
	return err
}

// open is what redirections use.
func (se session) open(ctx context.Context, name string, flag int, perm os.FileMode) (io.ReadWriteCloser, error) {
	hc := interp.HandlerCtx(ctx)
	name = abs(hc.Dir, name)
	fail := func(err error) (io.ReadWriteCloser, error) {
		return nil, &os.PathError{Op: "sh: cannot open", Path: name, Err: err}
	}
	writing := flag&(os.O_WRONLY|os.O_RDWR) != 0
	switch {
	case name == "":
		return fail(world.ErrNotExist)
	case device(name) && !writing:
		return textPipeOr(fail, "")
	case name == "/dev/stderr":
		return sink{hc.Stderr}, nil
	case name == "/dev/stdout" || name == "/dev/tty":
		return sink{hc.Stdout}, nil
	case device(name):
		return sink{io.Discard}, nil
	case !writing:
		text, err := se.read(name)
		if err != nil {
			return fail(err)
		}
		return textPipeOr(fail, text)
	}
	if f, err := se.file(name); err != nil || flag&os.O_APPEND == 0 || f.Dir {
		if err := se.write(name, "", uint32(perm)); err != nil {
			return fail(err)
		}
	}
	return &appender{se, name}, nil
}

func textPipeOr(fail func(error) (io.ReadWriteCloser, error), text string) (io.ReadWriteCloser, error) {
	f, err := textPipe(text)
	if err != nil {
		return fail(err)
	}
	return f, nil
}

func (se session) read(name string) (text string, err error) {
	err = world.ErrNotExist
	se.on(func(_ *world.World, h *world.Host) { text, err = h.Read(se.user, name) })
	return text, err
}

func (se session) write(name, text string, mode uint32) (err error) {
	se.on(func(w *world.World, h *world.Host) { err = w.Write(h, se.user, name, text, mode&^*se.umask) })
	return err
}

// sink is a device that takes what is written.
type sink struct{ w io.Writer }

func (s sink) Write(b []byte) (int, error) { return s.w.Write(b) }
func (s sink) Read([]byte) (int, error)    { return 0, io.EOF }
func (s sink) Close() error                { return nil }

// appender writes to the end of a world file.
type appender struct {
	se   session
	name string
}

func (a *appender) Write(b []byte) (int, error) {
	var err error
	a.se.on(func(w *world.World, h *world.Host) {
		// The file is open: permissions were settled when it was opened.
		err = w.Write(h, world.Root, a.name, h.Files[a.name].Text+string(b), 0o644)
	})
	if err != nil {
		return 0, err
	}
	return len(b), nil
}

func (a *appender) Read([]byte) (int, error) { return 0, io.EOF }
func (a *appender) Close() error             { return nil }
