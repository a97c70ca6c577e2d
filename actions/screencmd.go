package actions

import (
	"path"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

const (
	stateFile = "priv_validator_state.json"
	dataDir   = "data"
)

// known are commands that are judged by name: a function must not hide them.
func known(name string) bool {
	switch name {
	case "rm", "unlink", "rmdir", "mv", "cp", "dd", "tee", "truncate", "shred", "find", "sed", "sudo", "test", "grep", "rsync", "ln", "install":
		return true
	}
	return shell(name) || interpreter(name) || elsewhere(name)
}

func shell(name string) bool {
	switch name {
	case "sh", "bash", "dash", "zsh", "ksh", "mksh", "ash", "fish", "csh", "tcsh", "rbash", "busybox", "toybox":
		return true
	}
	return false
}

// interpreter runs programs in another language, which is not read here.
func interpreter(name string) bool {
	for _, p := range [...]string{"python", "perl", "ruby", "node", "php", "lua", "tclsh", "expect", "gdb", "deno", "bun"} {
		if rest, ok := strings.CutPrefix(name, p); ok && strings.Trim(rest, "0123456789.") == "" {
			return true
		}
	}
	return false
}

// elsewhere runs a command in a place, at a time or as somebody that this
// reading does not follow.
func elsewhere(name string) bool {
	switch name {
	case "eval", "source", ".", "alias", "su", "runuser", "chroot", "nsenter", "unshare", "ssh", "at", "batch", "crontab", "script", "parallel",
		"watch", "systemd-run", "machinectl", "docker", "podman", "nerdctl", "kubectl", "crictl", "tmux", "screen", "flock", "strace", "ltrace",
		"enable", "coproc", "vi", "vim", "ed", "ex", "emacs":
		return true
	}
	return false
}

// judge judges a command that runs no other.
func (s *screen) judge(at *syntax.Word, name string, args []*syntax.Word) {
	switch {
	case shell(name):
		s.nested(at, name, args)
	case interpreter(name):
		s.refuse(at, "%s runs a program that is not read here", name)
	case elsewhere(name):
		s.refuse(at, "%s runs what is not read here", name)
	default:
		s.tool(at, name, args)
	}
}

// nested allows a shell only with a script that stands there as text.
func (s *screen) nested(at *syntax.Word, name string, args []*syntax.Word) {
	for i, a := range args {
		v := s.first(a)
		if unreadable(v) || !strings.HasPrefix(v, "-") {
			break
		}
		if !strings.HasSuffix(v, "c") || strings.HasPrefix(v, "--") {
			continue
		}
		if i+1 == len(args) {
			break
		}
		s.text(args[i+1], "the script given to "+name)
		return
	}
	s.refuse(at, "%s runs what is not written here", name)
}

// text reads a literal script within the script.
func (s *screen) text(w *syntax.Word, what string) {
	inner, ok := literal(w)
	if !ok || s.depth > 3 {
		s.refuse(w, "%s is not plain text", what)
		return
	}
	file, err := syntax.NewParser(syntax.Variant(syntax.LangBash)).Parse(strings.NewReader(inner), "")
	if err != nil {
		s.refuse(w, "%s cannot be read", what)
		return
	}
	sub := &screen{vars: map[string][]*syntax.Word{}, opaque: map[string]bool{}, funcs: map[string]bool{}, depth: s.depth + 1}
	sub.collect(file)
	syntax.Walk(file, func(n syntax.Node) bool {
		if sub.err == nil && n != nil {
			sub.node(n)
		}
		return sub.err == nil
	})
	if sub.err != nil {
		s.refuse(w, "in %s: %v", what, sub.err)
	}
}

// tool judges what changes files.
func (s *screen) tool(at *syntax.Word, name string, args []*syntax.Word) {
	switch name {
	case "rm", "unlink", "shred", "rmdir":
		s.remove(name, args)
	case "truncate", "tee":
		s.targets(name, args)
	case "dd":
		for _, a := range args {
			for _, v := range s.values(a, 0) {
				if out, ok := strings.CutPrefix(v, "of="); (ok && names(out, stateFile)) || strings.HasPrefix(v, anything) {
					s.refuse(a, "dd may write over %s", stateFile)
				}
			}
		}
	case "sed", "perl":
		s.inPlace(name, args)
	case "mv", "cp", "install", "ln":
		s.move(name, args)
	case "find":
		s.find(at, args)
	case "rsync":
		for _, a := range args {
			if v := s.first(a); strings.HasPrefix(v, "--del") || strings.HasPrefix(v, "--remove") {
				s.refuse(a, "rsync %s removes files that are not named here", v)
			}
		}
	case "trap":
		if len(args) > 0 && args[0].Lit() != "-" && s.first(args[0]) != "" {
			s.text(args[0], "the trap")
		}
	case "awk", "gawk", "mawk":
		for _, a := range args {
			if v, _ := literal(a); strings.Contains(v, "system(") || strings.Contains(v, "| \"") || strings.Contains(v, "|\"") || strings.Contains(v, "getline") {
				s.refuse(a, "awk runs a command")
			}
		}
	default:
		s.unknownTool(name, args)
	}
}

// unknownTool judges a program that is not known here, like the node's own: its
// subcommand must be written out.
func (s *screen) unknownTool(name string, args []*syntax.Word) {
	if plain(name) || len(args) == 0 {
		return
	}
	if v := s.first(args[0]); strings.HasPrefix(v, anything) && !strings.Contains(v, "/") {
		s.refuse(args[0], "what %s is told to do is not written here", name)
	}
}

// plain are tools that only look, or whose arguments are no commands.
func plain(name string) bool {
	switch name {
	case "[", "test", "echo", "printf", "exit", "return", "set", "shift", "cd", "cat", "mkdir", "chmod", "chown", "chgrp", "touch", "ls", "stat",
		"grep", "egrep", "fgrep", "head", "tail", "wc", "cut", "tr", "sort", "uniq", "date", "sleep", "true", "false", ":", "read", "local", "export",
		"basename", "dirname", "readlink", "realpath", "sha256sum", "md5sum", "cmp", "diff", "jq", "df", "du", "ps", "pgrep", "pidof", "id", "hostname",
		"uname", "uptime", "journalctl", "curl", "wget", "ping", "nc", "ss", "ip", "mktemp", "seq", "expr", "wait", "kill", "pkill", "umask", "type",
		"systemctl", "gpg", "tar", "sync", "chrony", "chronyc", "timedatectl", "lsof", "mount", "umount", "unset", "break", "continue", "getopts":
		return true
	}
	return false
}

// remove judges rm and its like.
func (s *screen) remove(name string, args []*syntax.Word) {
	deep, plainArgs := name == "rmdir", false
	var paths []*syntax.Word
	for _, a := range args {
		v := s.first(a)
		if !plainArgs && v == "--" {
			plainArgs = true
			continue
		}
		if !plainArgs && strings.HasPrefix(v, "-") {
			deep = deep || v == "--recursive" || (!strings.HasPrefix(v, "--") && strings.ContainsAny(v, "rR"))
			continue
		}
		paths = append(paths, a)
	}
	for _, a := range paths {
		s.path(a, name)
		if deep && s.err == nil {
			s.folder(a, name)
		}
	}
}

// path refuses the state file, its folder, and what may be either.
func (s *screen) path(w *syntax.Word, name string) {
	for _, v := range s.values(w, 0) {
		switch {
		case names(v, stateFile):
			s.refuse(w, "%s %s may remove the sign state", name, show(v))
		case names(v, dataDir):
			s.refuse(w, "%s %s may remove the node's data, and the sign state in it", name, show(v))
		}
	}
}

// folder judges a removal with all that is below: it must be under /tmp, or be
// a folder whose name is written below one that is not.
func (s *screen) folder(w *syntax.Word, name string) {
	for _, v := range s.values(w, 0) {
		clean := path.Clean(v)
		if strings.HasPrefix(clean, "/tmp/") || strings.HasPrefix(clean, "/var/tmp/") {
			continue
		}
		if strings.HasPrefix(clean, anything+"/") {
			continue // "$home/something", and path has looked at something
		}
		s.refuse(w, "%s of the whole of %s: the sign state may lie below", name, show(v))
	}
}

// targets judges commands that write over their arguments.
func (s *screen) targets(name string, args []*syntax.Word) {
	for _, a := range args {
		for _, v := range s.values(a, 0) {
			if !strings.HasPrefix(v, "-") && names(v, stateFile) {
				s.refuse(a, "%s may write over %s", name, stateFile)
			}
		}
	}
}

// move judges mv, cp and their like: moving the sign state or its folder away
// is the same as removing it, and only a staged state may come in its place.
func (s *screen) move(name string, args []*syntax.Word) {
	var paths []*syntax.Word
	for i, a := range args {
		switch v := s.first(a); {
		case strings.HasPrefix(v, "-t") || strings.HasPrefix(v, "--target"):
			s.refuse(args[i], "%s %s is not followed here: name the target last", name, show(v))
		case !strings.HasPrefix(v, "-"):
			paths = append(paths, a)
		}
	}
	if len(paths) < 2 {
		return
	}
	from, to := paths[:len(paths)-1], paths[len(paths)-1]
	for _, a := range from {
		if name == "mv" {
			s.path(a, name)
		}
		for _, src := range s.values(a, 0) {
			for _, dst := range s.values(to, 0) {
				if s.lowers(name, src, dst) {
					s.refuse(to, "%s to %s may put an older sign state in place", name, show(dst))
				}
			}
		}
	}
}

// lowers says whether dst may become a sign state that was not staged.
func (s *screen) lowers(name, src, dst string) bool {
	staged := name == "mv" && !unreadable(base(src)) && base(src) == stateFile+".staged"
	into := fits(base(path.Clean(dst)), dataDir) && fits(base(path.Clean(src)), stateFile)
	return into || (fits(base(path.Clean(dst)), stateFile) && !staged)
}

func (s *screen) inPlace(name string, args []*syntax.Word) {
	for _, a := range args {
		v := s.first(a)
		if strings.HasPrefix(v, "-i") || strings.HasPrefix(v, "--in-place") || (strings.HasPrefix(v, "-") && !strings.HasPrefix(v, "--") && strings.Contains(v, "i")) {
			s.targets(name+" -i", args)
			return
		}
	}
}

func (s *screen) find(at *syntax.Word, args []*syntax.Word) {
	for i, a := range args {
		switch v := s.first(a); v {
		case "-delete":
			s.refuse(a, "find -delete removes files that are not named here")
		case "-exec", "-execdir", "-ok", "-okdir":
			// {} is what it finds.
			s.command(at, append(append([]*syntax.Word(nil), args[i+1:]...), anyWord(a)))
		default:
			if strings.HasPrefix(v, "-fprint") || strings.HasPrefix(v, "-fls") {
				s.refuse(a, "find %s writes over a file", v)
			}
		}
	}
}
