package shell

import (
	"fmt"
	"path"
	"sort"
	"strings"

	"github.com/virtengine/relight/drill/world"
)

func modeString(f world.File) string {
	b := []byte("-rwxrwxrwx")
	if f.Dir {
		b[0] = 'd'
	}
	for i := range 9 {
		if f.Mode>>(8-i)&1 == 0 {
			b[i+1] = '-'
		}
	}
	return string(b)
}

type listed struct {
	name string
	f    world.File
}

func cmdLs(c *call, f flags) int {
	if len(f.rest) == 0 {
		f.rest = []string{"."}
	}
	var files, dirs []listed
	code := 0
	for _, name := range f.rest {
		st, err := c.file(abs(c.dir, name))
		switch {
		case err != nil:
			c.fail("cannot access '%s': %v", name, err)
			code = 2
		case st.Dir && !f.has("d"):
			dirs = append(dirs, listed{name, st})
		default:
			files = append(files, listed{name, st})
		}
	}
	c.printList(files, f)
	for i, d := range dirs {
		if len(f.rest) > 1 {
			if i > 0 || len(files) > 0 {
				c.outf("\n")
			}
			c.outf("%s:\n", d.name)
		}
		var in []listed
		var err error
		c.on(func(_ *world.World, h *world.Host) {
			p := abs(c.dir, d.name)
			var names []string
			names, err = h.List(c.user, p)
			for _, n := range names {
				if !strings.HasPrefix(n, ".") || f.has("a", "A") {
					in = append(in, listed{n, h.Files[path.Join(p, n)]})
				}
			}
		})
		if err != nil {
			c.fail("cannot open directory '%s': %v", d.name, err)
			code = 2
		}
		if f.has("l") {
			c.outf("total %d\n", len(in))
		}
		c.printList(in, f)
	}
	return code
}

func (c *call) printList(ls []listed, f flags) {
	sort.SliceStable(ls, func(i, j int) bool {
		switch {
		case f.has("t") && !ls[i].f.MTime.Equal(ls[j].f.MTime):
			return ls[i].f.MTime.After(ls[j].f.MTime)
		case f.has("S") && len(ls[i].f.Text) != len(ls[j].f.Text):
			return len(ls[i].f.Text) > len(ls[j].f.Text)
		}
		return ls[i].name < ls[j].name
	})
	if f.has("r") {
		for i, j := 0, len(ls)-1; i < j; i, j = i+1, j-1 {
			ls[i], ls[j] = ls[j], ls[i]
		}
	}
	for _, l := range ls {
		if f.has("l") {
			c.outf("%s 1 %s %s %d %s %s\n", modeString(l.f), l.f.Owner, l.f.Owner, len(l.f.Text), l.f.MTime.UTC().Format("2006-01-02 15:04"), l.name)
			continue
		}
		c.outf("%s\n", l.name)
	}
}

func cmdStat(c *call, f flags) int {
	format, end := f.last("c", "format"), "\n"
	if p := f.last("printf"); p != "" {
		format, end = strings.ReplaceAll(p, `\n`, "\n"), ""
	}
	if format == "" {
		format = "  File: %n\n  Size: %s\nAccess: (%a/%A)  Uid: %U\nModify: %y"
	}
	if len(f.rest) == 0 {
		return c.fail("missing operand")
	}
	code := 0
	for _, name := range f.rest {
		st, err := c.file(abs(c.dir, name))
		if err != nil {
			code = c.fail("cannot statx '%s': %v", name, err)
			continue
		}
		c.outf("%s%s", statLine(format, name, st), end)
	}
	return code
}

func statLine(format, name string, f world.File) string {
	kind, uid := "regular file", "1000"
	switch {
	case f.Dir:
		kind = "directory"
	case f.Text == "":
		kind = "regular empty file"
	}
	if f.Owner == string(world.Root) {
		uid = "0"
	}
	return strings.NewReplacer("%%", "%", "%a", fmt.Sprintf("%o", f.Mode), "%A", modeString(f), "%s", fmt.Sprint(len(f.Text)),
		"%n", name, "%N", "'"+name+"'", "%U", f.Owner, "%G", f.Owner, "%u", uid, "%g", uid, "%F", kind,
		"%Y", fmt.Sprint(f.MTime.Unix()), "%y", f.MTime.UTC().Format("2006-01-02 15:04:05.000000000 +0000"),
		"%h", "1").Replace(format)
}

func cmdDf(c *call, f flags) int {
	for _, name := range f.rest {
		if _, err := c.file(abs(c.dir, name)); err != nil {
			return c.fail("%s: %v", name, err)
		}
	}
	full := false
	c.on(func(_ *world.World, h *world.Host) { full = h.DiskFull })
	used, free, pct := 412, 1588, "21%"
	if full {
		used, free, pct = 2000, 0, "100%"
	}
	c.outf("Filesystem     1024-blocks       Used  Available Capacity Mounted on\n/dev/nvme0n1p1  2097152000 %10d %10d %8s /\n",
		used<<20, free<<20, pct)
	return 0
}
