package checklists

import (
	"bytes"
	"path"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/virtengine/relight/lazy"
)

// File is one document to check: its path as it is to be named, and its bytes.
type File struct {
	Path string
	Src  []byte
}

// Checked is what was found in one file, sorted by position. Book is empty for
// a document that is no runbook.
type Checked struct {
	File     File
	Book     Book
	Problems []Problem
	claims   []claim
}

// Against is what documents are checked against: the names and the figures of
// the configuration (nil: none are checked), and the day.
type Against struct {
	Names   Inventory
	Figures []Figure
	Today   time.Time
}

// Check lints files side by side, in their order: each by Parse, or, when it
// is no runbook, for the commands it shows; then what needs several files
// (book=) and what needs the day (review_by). beside are files that book= may
// name and that are not reported on; of two files with one name the one in
// files counts.
func Check(files, beside []File, by Against) []Checked {
	all := make([]Checked, len(beside)+len(files))
	next := make(chan int)
	var workers sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(all)) {
		workers.Go(func() {
			for i := range next {
				if i < len(beside) {
					all[i] = checkFile(beside[i], nil, by.Today)
				} else {
					all[i] = checkFile(files[i-len(beside)], by.Names, by.Today)
				}
			}
		})
	}
	for i := range all {
		next <- i
	}
	close(next)
	workers.Wait()
	out := all[len(beside):]
	addCycles(all, out)
	addConflicts(out, by.Figures)
	return out
}

// DocumentFindings is what is wrong in a document for people, runbook or not,
// sorted by position: commands that fail on real systems, and figures of its
// own that contradict each other. It says nothing about the format.
func DocumentFindings(f File) []Problem {
	if len(f.Src) > maxFile {
		return nil
	}
	lines := strings.Split(string(f.Src), "\n")
	out := append(missingRows(f.Path, lines), conflicts(claims(f.Path, lines))...)
	return sortProblems(append(out, SlipsInDocument(f.Path, f.Src)...))
}

// addConflicts reports where the files contradict each other, themselves or the
// configuration.
func addConflicts(out []Checked, figures []Figure) {
	var all []claim
	for _, c := range out {
		all = append(all, c.claims...)
	}
	byPath := map[string][]Problem{}
	for _, p := range append(conflicts(all), against(all, figures)...) {
		byPath[p.File] = append(byPath[p.File], p)
	}
	for i := range out {
		if more := byPath[out[i].File.Path]; len(more) > 0 {
			out[i].Problems = sortProblems(append(out[i].Problems, more...))
		}
	}
}

func checkFile(f File, inv Inventory, today time.Time) Checked {
	out := Checked{File: f}
	if len(f.Src) <= maxFile {
		lines := strings.Split(string(f.Src), "\n")
		out.claims, out.Problems = claims(f.Path, lines), missingRows(f.Path, lines)
	}
	if !LooksLikeRunbook(f.Src) {
		out.Problems = append(out.Problems, Problem{File: f.Path, Line: 1, Col: 1, Rule: "no-runbook", Warn: true,
			Text: "this is no runbook: only its figures and the commands it shows were checked",
			Hint: "a runbook has a ```toml runbook block under its title"})
		out.Problems = sortProblems(append(out.Problems, SlipsInDocument(f.Path, f.Src)...))
		return out
	}
	book, found := Parse(f.Path, f.Src, inv)
	out.Book, out.Problems = book, append(out.Problems, found...)
	if late, ok := Overdue(book, today); ok {
		late.Line = lineOf(f.Src, reviewLine)
		out.Problems = append(out.Problems, late)
	}
	out.Problems = sortProblems(out.Problems)
	return out
}

// addCycles reports, on the files of out, what book= says wrongly of all.
func addCycles(all, out []Checked) {
	var books []Book
	for _, c := range all {
		if c.Book.Path != "" {
			books = append(books, c.Book)
		}
	}
	byPath := map[string][]Problem{}
	for _, p := range Cycles(books) {
		byPath[p.File] = append(byPath[p.File], p)
	}
	for i := range out {
		for _, p := range byPath[out[i].File.Path] {
			if !said(out[i].Problems, p) {
				out[i].Problems = append(out[i].Problems, p)
			}
		}
		out[i].Problems = sortProblems(out[i].Problems)
	}
}

// said: a book that flies itself was found while it was read.
func said(problems []Problem, p Problem) bool {
	for _, q := range problems {
		if q.Rule == p.Rule && q.Line == p.Line {
			return true
		}
	}
	return false
}

var (
	reviewLine = lazy.Pattern(`(?m)^\s*review_by\s*=`)
	bookMarks  = lazy.Pattern("(?mi)^[ \t>]*(?:`{2,}|~{3,})[ \t]*(?:toml[ \t]*runbook|(?:sh|bash|probe|sql|http|text)[ \t]+(?:run|guard|verify|undo|suggest|comms))\\b|^#{1,3} *(?:Before|During|After): ")
	bookAttr   = lazy.Pattern("book=[\"]?[A-Za-z0-9_.-]+\\.md")
)

// LooksLikeRunbook: a header, a phase or a block with a kind stands in it. What
// looks like a runbook is read as one, so that a spoiled header is an error
// and no reason to be lenient.
func LooksLikeRunbook(src []byte) bool { return bookMarks.Match(src) }

// FliesOthers: a step names another file, so the files beside it matter.
func FliesOthers(src []byte) bool { return bookAttr.Match(src) }

// lineOf is the 1-based line of the first match, 1 where there is none.
func lineOf(src []byte, form *lazy.Regexp) int {
	at := form.FindIndex(src)
	if at == nil {
		return 1
	}
	return 1 + bytes.Count(src[:at[0]], []byte("\n")) + bytes.Count(src[at[0]:at[1]], []byte("\n"))
}

// LibraryFiles are the shipped runbooks as they stand in the binary, sorted by
// name, under the path relight/library/NAME.md.
func LibraryFiles() ([]File, error) {
	entries, err := libraryFiles.ReadDir("library")
	if err != nil {
		return nil, err
	}
	var out []File
	for _, e := range entries {
		src, err := libraryFiles.ReadFile(path.Join("library", e.Name()))
		if err != nil {
			return nil, err
		}
		out = append(out, File{Path: filepath.ToSlash(path.Join("relight", "library", e.Name())), Src: src})
	}
	return out, nil
}
