package checklists

import (
	"bytes"
	"embed"
	"fmt"
	"io/fs"
	"sort"
	"strings"
)

//go:embed library/*.md
var libraryFiles embed.FS

// Library is the shipped runbooks, parsed, by id. An error means that the
// binary itself is broken: a test holds every shipped book free of problems.
func Library() ([]Book, error) {
	entries, err := libraryFiles.ReadDir("library")
	if err != nil {
		return nil, fmt.Errorf("read the shipped runbooks: %w", err)
	}
	var out []Book
	for _, e := range entries {
		b, err := shipped(e.Name())
		if err != nil {
			return nil, err
		}
		out = append(out, b)
	}
	sort.Slice(out, func(i, j int) bool { return out[i].ID < out[j].ID })
	return out, nil
}

// shipped is the runbook in one file of the library.
func shipped(name string) (Book, error) {
	path := "library/" + name
	src, err := libraryFiles.ReadFile(path)
	if err != nil {
		return Book{}, fmt.Errorf("read the shipped runbook %s: %w", path, err)
	}
	b, problems := Parse(path, src, nil)
	for _, p := range problems {
		if !p.Warn {
			return Book{}, fmt.Errorf("the shipped runbook is broken: %s", p)
		}
	}
	return b, nil
}

// IDs are the ids of the shipped runbooks, sorted: their files are named after
// them, and none is read.
func IDs() []string {
	entries, _ := libraryFiles.ReadDir("library") // it is in the binary
	var out []string
	for _, e := range entries {
		out = append(out, strings.TrimSuffix(e.Name(), ".md"))
	}
	return out
}

// Headers are the shipped runbooks without their steps: what a list of them needs,
// at a hundredth of the time.
func Headers() ([]Book, error) {
	var out []Book
	for _, id := range IDs() {
		src, err := Source(id)
		if err != nil {
			return nil, err
		}
		end := bytes.Index(src, []byte("\n```\n")) // of the header: nothing is fenced before it
		if end < 0 {
			return nil, fmt.Errorf("read the shipped runbook %s: it has no header", id)
		}
		b, _ := Parse("library/"+id+".md", src[:end+len("\n```\n")], nil) // that the steps are missing is meant
		out = append(out, b)
	}
	return out, nil
}

// Ships says that a runbook of that id is in the binary. A test holds it sound:
// whoever only asks whether it flies need not read it.
func Ships(id string) bool {
	_, err := fs.Stat(libraryFiles, "library/"+id+".md")
	return err == nil
}

// Answers is the shipped runbook for a component that does not serve, by the
// component's name in the configuration. A test holds it against the headers.
func Answers(component string) (id string, ok bool) {
	id, ok = map[string]string{
		"Provider daemon": "provider-daemon-recovery",
		"Monitoring":      "monitoring-recovery",
		"RPC endpoints":   "rpc-endpoint-recovery",
		"Databases":       "database-promote-replica",
	}[component]
	return id, ok && Ships(id)
}

// Source is the text of the shipped runbook with the id, as it stands in the
// binary.
func Source(id string) ([]byte, error) {
	if src, err := libraryFiles.ReadFile("library/" + id + ".md"); err == nil {
		return src, nil
	}
	_, err := Find(id) // says what there is
	return nil, err
}

// Find is the shipped runbook with the id. Its file is named after it: the
// others are read only to say what there is.
func Find(id string) (Book, error) {
	if b, err := shipped(id + ".md"); err == nil && b.ID == id {
		return b, nil
	}
	books, err := Library()
	if err != nil {
		return Book{}, err
	}
	var ids []string
	for _, b := range books {
		if b.ID == id {
			return b, nil
		}
		ids = append(ids, b.ID)
	}
	if w := nearest(id, ids); w != "" {
		return Book{}, fmt.Errorf("no shipped runbook is called %q: did you mean %s", id, w)
	}
	return Book{}, fmt.Errorf("no shipped runbook is called %q: there are %v", id, ids)
}
