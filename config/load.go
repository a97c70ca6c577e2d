package config

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Options is how a file is loaded. The zero value is right for everything but
// tests and linting for another machine.
type Options struct {
	// Getenv answers for HOME and USER; nil is os.Getenv.
	Getenv func(string) string
	// SkipFiles looks neither at permissions nor at files that the
	// configuration names: for linting one that belongs to another machine.
	SkipFiles bool
}

// maxFile bounds the file: a fleet of a thousand hosts is a tenth of it.
const maxFile = 1 << 20

// maxFindings bounds what is printed; a file that is wrong everywhere is wrong
// for one reason.
const maxFindings = 200

// OpenError is a file that could not be read at all.
type OpenError struct {
	Path string
	Err  error
	Hint string // what to do next
}

func (e *OpenError) Error() string {
	return fmt.Sprintf("read configuration %s: %v; %s", e.Path, fileFault(e.Err), e.Hint)
}

func (e *OpenError) Unwrap() error { return e.Err }

const startHint = "copy config.example.toml and fill in your fleet, or try `relight drill`, which needs none"

// Load reads, checks and completes one file. The error is an *OpenError or
// Problems: all findings at once, the warnings among them. A file with nothing
// but warnings loads, and Config.Warnings holds them.
func Load(path string, opt Options) (Config, error) {
	data, mode, err := readFile(path)
	if err != nil {
		hint := "check the path and its permissions"
		switch {
		case errors.Is(err, fs.ErrNotExist):
			hint = startHint
		case errors.Is(err, fs.ErrPermission):
			hint = "whoever runs relight must be able to read it: chown or chmod u+r " + path
		}
		return Config{}, &OpenError{path, err, hint}
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return Config{}, &OpenError{path, err, "name the file with an absolute path"}
	}
	if opt.Getenv == nil {
		opt.Getenv = os.Getenv
	}
	ld := &loader{src: newSource(path, data), opt: opt, dir: filepath.Dir(abs)}
	if mode.Perm()&0o022 != 0 && !opt.SkipFiles {
		// It holds commands that run on the fleet.
		ld.whole("permissions", fmt.Sprintf("mode %04o: others can change what relight runs", mode.Perm()), "chmod go-w "+path)
	}
	cfg := Config{Path: abs}
	if root := parseTree(ld.src, ld.off); root != nil {
		ld.config(&cfg, root)
	}
	all, failed := ld.finish()
	if failed {
		return Config{}, all
	}
	cfg.Warnings = all
	return cfg, nil
}

func readFile(path string) ([]byte, fs.FileMode, error) {
	f, info, err := openRegular(path)
	if err != nil {
		return nil, 0, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err == nil && len(data) > maxFile {
		err = fmt.Errorf("it is longer than %d MiB", maxFile>>20)
	}
	return data, info.Mode(), err
}

// openRegular opens a file that is one. It looks before it opens, because a
// pipe would wait for a writer, and again after, because what was looked at may
// have been replaced.
func openRegular(path string) (*os.File, fs.FileInfo, error) {
	errIrregular := &fs.PathError{Op: "read", Path: path, Err: errors.New("it is no regular file")}
	if info, err := os.Stat(path); err != nil {
		return nil, nil, err
	} else if !info.Mode().IsRegular() {
		return nil, nil, errIrregular
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = errIrregular
	}
	if err != nil {
		f.Close()
		return nil, nil, err
	}
	return f, info, nil
}

// loader is the state of one Load.
type loader struct {
	src      *source
	opt      Options
	dir      string // of the file, absolute
	under    string // "drill." while the drill's fleet is read
	findings []finding
}

// finding is a Problem before its place is worked out: what is hidden is known
// only at the end.
type finding struct {
	off int // -1: the file as a whole
	p   Problem
}

func (ld *loader) off(off int, rule, text, hint string) {
	ld.findings = append(ld.findings, finding{off, Problem{Rule: rule, Text: text, Hint: hint}})
}

// full says that further findings are only counted: no work is spent on hints.
func (ld *loader) full() bool { return len(ld.findings) > maxFindings }

func (ld *loader) at(v *value, rule, text, hint string) { ld.off(v.at, rule, text, hint) }

func (ld *loader) whole(rule, text, hint string) { ld.off(-1, rule, text, hint) }

func (ld *loader) warn(off int, rule, text, hint string) {
	ld.findings = append(ld.findings, finding{off, Problem{Rule: rule, Text: text, Hint: hint, Warn: true}})
}

// hideTree keeps a value, and all that hangs below it, out of every excerpt.
func (ld *loader) hideTree(v *value) {
	if v.braces || v.kind != kindTable && v.kind != kindTables {
		ld.src.hide(v.at, v.end) // a header shows names only
	}
	for _, e := range v.keys {
		ld.hideTree(e.val)
	}
	for _, item := range v.items {
		ld.hideTree(item)
	}
}

// finish gives the findings in the order of their lines, and whether one of
// them is an error.
func (ld *loader) finish() (all Problems, failed bool) {
	slices.SortStableFunc(ld.findings, func(a, b finding) int { return cmp.Compare(a.off, b.off) })
	for _, f := range ld.findings {
		failed = failed || !f.p.Warn
	}
	for i, f := range ld.findings {
		if i == maxFindings {
			all = append(all, Problem{File: ld.src.name, Rule: "too-many", Warn: !failed,
				Text: fmt.Sprintf("%d more findings are not shown", len(ld.findings)-maxFindings)})
			break
		}
		p := f.p
		p.File = ld.src.name
		if f.off >= 0 {
			p.Line, p.Col = ld.src.place(f.off)
			p.excerpt, p.caret = ld.src.excerpt(f.off)
		}
		all = append(all, p)
	}
	return all, failed
}

// path makes a local path absolute: ~ is the home folder, anything relative
// starts at the configuration file.
func (ld *loader) path(p string) string {
	if p == "~" || strings.HasPrefix(p, "~/") {
		if home := ld.opt.Getenv("HOME"); home != "" {
			return filepath.Join(home, p[1:])
		}
	}
	if filepath.IsAbs(p) {
		return filepath.Clean(p)
	}
	return filepath.Join(ld.dir, p)
}

// config reads the whole file into c.
func (ld *loader) config(c *Config, root *value) {
	top := ld.table(root, "the file")
	live := ld.fleet(&c.Live, top)
	lib := top.sub("library", "write [library]")
	c.Library = ld.library(lib)
	d := top.sub("drill", "write [[drill.host]] and so on")
	top.close()
	if d.v == nil {
		return
	}
	c.HasDrill = true
	ld.under = "drill."
	d.what = "[drill]"
	drill := ld.fleet(&c.Drill, d)
	faults := d.sub("faults", "write [drill.faults.process-crash]")
	c.Faults = ld.faults(faults, c.Drill)
	if e := d.v.get("library"); e != nil {
		d.asked = append(d.asked, "library")
		ld.off(e.at, "unknown-key", "[drill] has no library of its own", "a drill flies the runbooks of [library]: move it there")
	}
	d.close()
	ld.overlap(live, drill, faults.v)
}

func (ld *loader) library(t *table) Library {
	t.what = "[library]"
	lib := Library{Runbooks: ld.folders(t, "runbooks"), Templates: ld.folders(t, "templates")}
	t.close()
	return lib
}

func (ld *loader) folders(t *table, key string) []string {
	var out []string
	for _, w := range t.strs(key) {
		path := ld.path(w.s)
		if info, err := os.Stat(path); !ld.opt.SkipFiles {
			if err != nil {
				ld.warn(w.v.at, "file", fmt.Sprintf("this folder cannot be read: %s", fileFault(err)), "create it, or take the line out")
			} else if !info.IsDir() {
				ld.at(w.v, "file", "this is no folder", "name the folder that holds the files")
			}
		}
		out = append(out, path)
	}
	return out
}
