package shell

import (
	"errors"
	"path"
	"strconv"
	"strings"

	"github.com/virtengine/relight/drill/world"
)

func fileCommand(name string) command {
	switch name {
	case "cat":
		return with("u A n v", cmdCat)
	case "cp":
		return with("a p r R f v n T t=", cmdCp)
	case "mv":
		return with("f n v T", cmdMv)
	case "rm":
		return with("r R f v i d", cmdRm)
	case "mkdir":
		return with("p v m= mode=", cmdMkdir)
	case "rmdir":
		return with("p", cmdRmdir)
	case "chmod":
		return with("R v f", cmdChmod)
	case "chown", "chgrp":
		return with("R v f h", cmdChown)
	case "install":
		return with("m= mode= o= owner= g= group= d D v p C", cmdInstall)
	case "touch":
		return with("a c m r= d=", cmdTouch)
	case "ls":
		return with("1 l a A d t r h F S n full-time", cmdLs)
	case "stat":
		return with("c= format= L printf=", cmdStat)
	case "mktemp":
		return with("d p= t q u", cmdMktemp)
	case "readlink", "realpath":
		return with("f e m n s", cmdReadlink)
	case "sync":
		return func(*call) int { return 0 }
	case "df":
		return with("P h k", cmdDf)
	}
	return nil
}

func cmdCat(c *call, f flags) int {
	if len(f.rest) == 0 {
		f.rest = []string{"-"}
	}
	code := 0
	for _, name := range f.rest {
		text, err := c.text(name)
		if err != nil {
			code = c.fail("%s: %v", name, err)
			continue
		}
		c.outf("%s", text)
	}
	return code
}

// into is where a file lands: inside to when that is a folder.
func (c *call) into(from, to string) string {
	if f, err := c.file(to); err == nil && f.Dir {
		return path.Join(to, path.Base(from))
	}
	return to
}

func cmdCp(c *call, f flags) int {
	if len(f.rest) < 2 {
		return c.fail("missing destination file operand")
	}
	to := abs(c.dir, f.rest[len(f.rest)-1])
	code := 0
	for _, name := range f.rest[:len(f.rest)-1] {
		from := abs(c.dir, name)
		st, err := c.file(from)
		switch {
		case err != nil:
			code = c.fail("cannot stat '%s': %v", name, err)
			continue
		case st.Dir && !f.has("r", "R", "a"):
			code = c.fail("-r not specified; omitting directory '%s'", name)
			continue
		}
		target := to
		if !f.has("T") {
			target = c.into(from, to)
		}
		if f.has("n") {
			if _, err := c.file(target); err == nil {
				continue
			}
		}
		if err := c.copyTree(from, target, st, f.has("p", "a")); err != nil {
			code = c.fail("cannot create '%s': %v", target, err)
		}
	}
	return code
}

func (c *call) copyTree(from, to string, st world.File, keep bool) error {
	if !st.Dir {
		text, err := c.read(from)
		if err != nil {
			return err
		}
		if err := c.write(to, text, st.Mode); err != nil {
			return err
		}
		return c.keepTimes(to, st, keep)
	}
	var names []string
	var err error
	c.on(func(w *world.World, h *world.Host) {
		if names, err = h.List(c.user, from); err == nil {
			err = w.Mkdir(h, c.user, to, st.Mode, true)
		}
	})
	if err != nil {
		return err
	}
	for _, n := range names {
		sub, err := c.file(path.Join(from, n))
		if err == nil {
			err = c.copyTree(path.Join(from, n), path.Join(to, n), sub, keep)
		}
		if err != nil {
			return err
		}
	}
	return c.keepTimes(to, st, keep)
}

// keepTimes is cp -p: mode and time, and the owner where the user may.
func (c *call) keepTimes(to string, st world.File, keep bool) (err error) {
	if !keep {
		return nil
	}
	c.on(func(w *world.World, h *world.Host) {
		if err = w.Chmod(h, c.user, to, st.Mode); err != nil {
			return
		}
		if c.user == world.Root {
			err = w.Chown(h, c.user, to, st.Owner)
		}
		f := h.Files[to]
		f.MTime = st.MTime
		h.Files[to] = f
	})
	return err
}

func cmdMv(c *call, f flags) int {
	if len(f.rest) < 2 {
		return c.fail("missing destination file operand")
	}
	to := abs(c.dir, f.rest[len(f.rest)-1])
	code := 0
	for _, name := range f.rest[:len(f.rest)-1] {
		from := abs(c.dir, name)
		if _, err := c.file(from); err != nil {
			code = c.fail("cannot stat '%s': %v", name, err)
			continue
		}
		target := to
		if !f.has("T") {
			target = c.into(from, to)
		}
		if _, err := c.file(target); err == nil && f.has("n") {
			continue
		}
		var err error
		c.on(func(w *world.World, h *world.Host) { err = w.Rename(h, c.user, from, target) })
		if err != nil {
			code = c.fail("cannot move '%s' to '%s': %v", name, target, err)
		}
	}
	return code
}

func cmdRm(c *call, f flags) int {
	if len(f.rest) == 0 && !f.has("f") {
		return c.fail("missing operand")
	}
	all := f.has("r", "R")
	code := 0
	for _, name := range f.rest {
		p := abs(c.dir, name)
		st, err := c.file(p)
		switch {
		case errors.Is(err, world.ErrNotExist) && f.has("f"):
			continue
		case err == nil && st.Dir && !all && !f.has("d"):
			err = world.ErrIsDir
		case err == nil:
			c.on(func(w *world.World, h *world.Host) { err = w.Remove(h, c.user, p, all) })
		}
		if err != nil {
			code = c.fail("cannot remove '%s': %v", name, err)
		}
	}
	return code
}

func cmdMkdir(c *call, f flags) int {
	mode := uint32(0o777) &^ *c.umask
	if m := f.last("m", "mode"); m != "" {
		n, err := parseMode(m, 0o777)
		if err != nil {
			return c.fail("invalid mode '%s'", m)
		}
		mode = n
	}
	return c.each(f.rest, "cannot create directory", func(w *world.World, h *world.Host, p string) error {
		return w.Mkdir(h, c.user, p, mode, f.has("p"))
	})
}

func cmdRmdir(c *call, f flags) int {
	return c.each(f.rest, "failed to remove", func(w *world.World, h *world.Host, p string) error {
		st, err := h.Stat(c.user, p)
		if err == nil && !st.Dir {
			err = world.ErrNotDir
		}
		if err != nil {
			return err
		}
		return w.Remove(h, c.user, p, false)
	})
}

// each does f to every operand and reports failures as GNU tools do.
func (c *call) each(names []string, what string, f func(*world.World, *world.Host, string) error) int {
	if len(names) == 0 {
		return c.fail("missing operand")
	}
	code := 0
	for _, name := range names {
		var err error
		c.on(func(w *world.World, h *world.Host) { err = f(w, h, abs(c.dir, name)) })
		if err != nil {
			code = c.fail("%s '%s': %v", what, name, err)
		}
	}
	return code
}

func cmdTouch(c *call, f flags) int {
	return c.each(f.rest, "cannot touch", func(w *world.World, h *world.Host, p string) error {
		if _, err := h.Stat(c.user, p); err != nil && f.has("c") {
			return nil
		}
		return w.Touch(h, c.user, p)
	})
}

func cmdMktemp(c *call, f flags) int {
	dir, pattern := "/tmp", "tmp.XXXXXXXXXX"
	if len(f.rest) > 0 {
		pattern = f.rest[0]
		if !f.has("t", "p") {
			dir = c.dir
		}
	}
	if p := f.last("p"); p != "" {
		dir = p
	}
	stem := strings.TrimRight(pattern, "X")
	n := len(pattern) - len(stem)
	if n < 3 {
		return c.fail("too few X's in template '%s'", pattern)
	}
	var made string
	var err error
	c.on(func(w *world.World, h *world.Host) {
		for try := 0; ; try++ {
			mark := strings.ToLower(w.Hex("mktemp", h.Name, pattern, w.Now.String(), strconv.Itoa(try)))
			made = abs(dir, stem+mark[:min(n, len(mark))])
			if _, there := h.Files[made]; there {
				continue
			}
			if f.has("d") {
				err = w.Mkdir(h, c.user, made, 0o700, false)
			} else {
				err = w.Write(h, c.user, made, "", 0o600)
			}
			return
		}
	})
	if err != nil {
		return c.fail("failed to create file via template '%s': %v", pattern, err)
	}
	c.outf("%s\n", made)
	return 0
}

func cmdReadlink(c *call, f flags) int {
	code := 0
	for _, name := range f.rest {
		p := abs(c.dir, name)
		if _, err := c.file(p); err != nil && !f.has("m") && (f.has("e") || c.name == "realpath") {
			code = c.fail("%s: %v", name, err)
			continue
		}
		if c.name == "readlink" && !f.has("f", "e", "m") {
			return 1 // there are no links here
		}
		c.outf("%s\n", p)
	}
	return code
}
