package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/virtengine/relight/journal"
)

// log --verify finds what was done to the files beside a record, and to its
// end, which the hash chain alone cannot know.
func TestLogVerify(t *testing.T) {
	dir := t.TempDir()
	if _, errs, code := command(nil, "drill", "--autopilot", "--json", "--seed", "2", "--option", "recover=B", "--journal", dir); code != 0 {
		t.Fatalf("exit %d: %s", code, errs)
	}
	ids, err := journal.List(dir, "")
	if err != nil || len(ids) != 1 {
		t.Fatalf("%v, %v", ids, err)
	}
	out, _, _ := command(nil, "log", "--journal", dir)
	if raw := regexp.MustCompile(`(?m)\([a-z]+(-[a-z]+)+\)$|  recorded: .*$`).FindString(out); raw != "" || !strings.Contains(out, ", check 1: ") || !strings.Contains(out, ": queued\n") {
		t.Errorf("the log shows %q, or not what was read and queued:\n%s", raw, out)
	}
	root := filepath.Join(dir, ids[0])
	kept, err := filepath.Glob(filepath.Join(root, "out", "*"))
	if err != nil || len(kept) < 2 {
		t.Fatalf("%d outputs are kept: %v", len(kept), err)
	}
	full := ""
	for _, k := range kept {
		if info, err := os.Stat(k); err == nil && info.Size() > 0 {
			full = k
		}
	}
	record, report := filepath.Join(root, journal.FileName), filepath.Join(root, "report.md")
	read := func(path string) []byte {
		t.Helper()
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	write := func(path string, b []byte) {
		t.Helper()
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	remove := func(path string) {
		t.Helper()
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	}
	lines := bytes.SplitAfter(bytes.TrimSuffix(read(record), []byte("\n")), []byte("\n"))
	// A prefix of the record whose last line is of that kind.
	upTo := func(kind string) []byte {
		for i := len(lines) - 1; i >= 0; i-- {
			if bytes.Contains(lines[i], []byte(`"kind":"`+kind+`"`)) {
				return bytes.Join(lines[:i+1], nil)
			}
		}
		t.Fatalf("no event %s", kind)
		return nil
	}
	last := bytes.Join(lines[:len(lines)-1], nil)
	base := filepath.Base(full)
	for _, c := range []struct {
		name string
		path string // what is changed, and put back
		do   func()
		want string
		code int
	}{
		{"untouched", full, func() {}, "kept outputs are as recorded\nreport.md agrees\n", 0},
		{"an output edited", full, func() { b := read(full); b[0] ^= 1; write(full, b) }, "out/" + base + " was changed: it has another sha256", 2},
		{"an output grown", full, func() { write(full, append(read(full), '\n')) }, "out/" + base + " was changed: ", 2},
		{"an output gone", full, func() { remove(full) }, "out/" + base + " is missing", 2},
		{"an output a link", full, func() { remove(full); _ = os.Symlink(record, full) }, "out/" + base + " is no plain file", 2},
		{"a file more", filepath.Join(root, "out", "more"), func() { write(filepath.Join(root, "out", "more"), nil) }, "out/more is not in the record", 2},
		{"a tail of an ended run", full + ".tail0", func() { write(full+".tail0", nil) }, "out/" + base + ".tail0 is not in the record", 2},
		{"the last event cut off", record, func() { write(record, last) }, "the record is shorter than report.md says", 2},
		{"no report", report, func() { remove(report) }, "there is no report.md", 0},
		{"a report in own words", report, func() { write(report, []byte("# What happened\n")) }, "report.md names no head", 0},
		{"a report of another record", report, func() { write(report, otherHead(read(report))) }, "one of them was replaced", 2},
		{"a record that went on", report, func() { write(report, earlierHead(t, read(report), dir, ids[0])) }, "report.md agrees; 1 events came after it", 0},
	} {
		before, had := []byte(nil), false
		if b, err := os.ReadFile(c.path); err == nil {
			before, had = b, true
		}
		c.do()
		out, errs, code := command(nil, "log", "--verify", "--journal", dir)
		if code != c.code || !strings.Contains(out+errs, c.want) || (code != 0 && !strings.HasPrefix(errs, "relight: "+ids[0])) {
			t.Errorf("%s: exit %d, %q%q; want exit %d and %q", c.name, code, out, errs, c.code, c.want)
		}
		_ = os.Remove(c.path)
		if had {
			write(c.path, before)
		}
	}
	// A run that was cut off has its file, and no hash to hold it against.
	write(record, upTo("step-started"))
	remove(report)
	ran := map[string]bool{}
	entries, _, err := journal.Read(root)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		ran[e.ID] = true
	}
	cut := entries[len(entries)-1].ID
	open := ""
	for _, k := range kept {
		id, _, _ := strings.Cut(filepath.Base(k), "-")
		if id == cut {
			open = filepath.Base(k)
		}
		if !ran[id] {
			remove(k)
		}
	}
	out, errs, code := command(nil, "log", "--verify", "--journal", dir)
	if code != 0 || open == "" || !strings.Contains(out, "out/"+open+" has no hash in the record") {
		t.Errorf("cut off: exit %d, %q%q, open %q", code, out, errs, open)
	}
}

// otherHead is a report with another head.
func otherHead(report []byte) []byte {
	m := reportHead.FindSubmatchIndex(report)
	out := bytes.Clone(report)
	copy(out[m[4]:m[5]], strings.Repeat("0", 64))
	return out
}

// earlierHead is a report made one event earlier.
func earlierHead(t *testing.T, report []byte, dir, id string) []byte {
	t.Helper()
	entries, head, err := journal.Read(filepath.Join(dir, id))
	if err != nil {
		t.Fatal(err)
	}
	n := len(entries)
	before := strings.ReplaceAll(string(report), head, entries[n-1].Prev)
	return []byte(strings.ReplaceAll(before, "| "+strconv.Itoa(n)+" events", "| "+strconv.Itoa(n-1)+" events"))
}
