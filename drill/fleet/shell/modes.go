package shell

import (
	"fmt"
	"path"
	"sort"
	"strconv"
	"strings"

	"github.com/virtengine/relight/drill/world"
)

// tree does f to p and, with all, to everything below it.
func tree(h *world.Host, p string, all bool, f func(string) error) error {
	if err := f(p); err != nil || !all {
		return err
	}
	var below []string
	for q := range h.Files {
		if strings.HasPrefix(q, p+"/") {
			below = append(below, q)
		}
	}
	sort.Strings(below)
	for _, q := range below {
		if err := f(q); err != nil {
			return err
		}
	}
	return nil
}

func cmdChmod(c *call, f flags) int {
	if len(f.rest) < 2 {
		return c.fail("missing operand")
	}
	if _, err := parseMode(f.rest[0], 0); err != nil {
		return c.fail("invalid mode: '%s'", f.rest[0])
	}
	return c.each(f.rest[1:], "cannot access", func(w *world.World, h *world.Host, p string) error {
		return tree(h, p, f.has("R"), func(q string) error {
			mode, err := parseMode(f.rest[0], h.Files[q].Mode)
			if err != nil {
				return err
			}
			return w.Chmod(h, c.user, q, mode)
		})
	})
}

// parseMode reads 0600, u+x, go-rwx, a=r and lists of them.
func parseMode(s string, now uint32) (uint32, error) {
	if n, err := strconv.ParseUint(s, 8, 32); err == nil {
		return uint32(n) & 0o777, nil
	}
	for _, part := range strings.Split(s, ",") {
		at := strings.IndexAny(part, "+-=")
		if at < 0 || strings.Trim(part[:at], "ugoa") != "" || strings.Trim(part[at+1:], "rwxX") != "" {
			return 0, fmt.Errorf("invalid mode")
		}
		var bits uint32
		for _, ch := range part[at+1:] {
			bits |= map[rune]uint32{'r': 4, 'w': 2, 'x': 1, 'X': 1}[ch]
		}
		who := part[:at]
		if who == "" || strings.Contains(who, "a") {
			who = "ugo"
		}
		for _, u := range who {
			shift := map[rune]uint32{'u': 6, 'g': 3, 'o': 0}[u]
			switch part[at] {
			case '+':
				now |= bits << shift
			case '-':
				now &^= bits << shift
			default:
				now = now&^(7<<shift) | bits<<shift
			}
		}
	}
	return now, nil
}

func cmdChown(c *call, f flags) int {
	if len(f.rest) < 2 {
		return c.fail("missing operand")
	}
	owner, _, _ := strings.Cut(f.rest[0], ":")
	return c.each(f.rest[1:], "changing ownership of", func(w *world.World, h *world.Host, p string) error {
		return tree(h, p, f.has("R"), func(q string) error {
			if owner == "" || c.name == "chgrp" {
				_, err := h.Stat(c.user, q)
				return err
			}
			return w.Chown(h, c.user, q, owner)
		})
	})
}

func cmdInstall(c *call, f flags) int {
	mode := uint32(0o755)
	if m := f.last("m", "mode"); m != "" {
		n, err := parseMode(m, 0)
		if err != nil {
			return c.fail("invalid mode '%s'", m)
		}
		mode = n
	}
	owner := f.last("o", "owner")
	settle := func(w *world.World, h *world.Host, p string) error {
		if err := w.Chmod(h, c.user, p, mode); err != nil {
			return err
		}
		if owner == "" {
			return nil
		}
		return w.Chown(h, c.user, p, owner)
	}
	if f.has("d") {
		return c.each(f.rest, "cannot create directory", func(w *world.World, h *world.Host, p string) error {
			if err := w.Mkdir(h, c.user, p, mode, true); err != nil {
				return err
			}
			return settle(w, h, p)
		})
	}
	if len(f.rest) < 2 {
		return c.fail("missing destination file operand")
	}
	to := abs(c.dir, f.rest[len(f.rest)-1])
	for _, name := range f.rest[:len(f.rest)-1] {
		text, err := c.text(name)
		if err != nil {
			return c.fail("cannot stat '%s': %v", name, err)
		}
		target := c.into(name, to)
		c.on(func(w *world.World, h *world.Host) {
			if f.has("D") {
				if err = w.Mkdir(h, c.user, path.Dir(target), 0o755, true); err != nil {
					return
				}
			}
			// install replaces the file, it does not write into it.
			if _, there := h.Files[target]; there {
				if err = w.Remove(h, c.user, target, false); err != nil {
					return
				}
			}
			if err = w.Write(h, c.user, target, text, mode); err == nil {
				err = settle(w, h, target)
			}
		})
		if err != nil {
			return c.fail("cannot create regular file '%s': %v", target, err)
		}
	}
	return 0
}
