package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/virtengine/relight/checklists"
)

// lintMost is how much of one file is read, in bytes: a runbook larger than
// 1 MiB is refused, and one byte more is enough to see that.
const lintMost = 1<<20 + 1

// lintSources are the documents to check, each once.
type lintSources struct {
	files  []checklists.File
	unread func(error)
}

// sort parts what was named into documents (files and folders) and
// configurations.
func (s *lintSources) sort(paths []string) (docs, configs []string) {
	for _, path := range paths {
		if strings.HasSuffix(path, ".toml") {
			configs = append(configs, path)
		} else {
			docs = append(docs, path)
		}
	}
	return docs, configs
}

// own adds the user's folders, then the shipped runbooks. A folder that is not
// there was told of by the configuration.
func (s *lintSources) own(folders []string) {
	for _, dir := range folders {
		if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
			s.add(dir)
		}
	}
	shipped, err := checklists.LibraryFiles()
	if err != nil {
		s.unread(err)
	}
	s.files = append(s.files, shipped...)
}

// add reads a file, or every *.md below a folder; hidden folders are left out.
func (s *lintSources) add(path string) {
	info, err := os.Stat(path)
	if err != nil {
		s.unread(fmt.Errorf("lint: %w", err))
		return
	}
	if !info.IsDir() {
		s.read(path)
		return
	}
	_ = filepath.WalkDir(path, func(at string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			s.unread(fmt.Errorf("lint: %w", err))
		case d.IsDir() && at != path && strings.HasPrefix(d.Name(), "."):
			return filepath.SkipDir
		case !d.IsDir() && strings.HasSuffix(d.Name(), ".md"):
			s.read(at)
		}
		return nil
	})
}

func (s *lintSources) read(path string) {
	path = filepath.Clean(path)
	for _, f := range s.files {
		if f.Path == path {
			return
		}
	}
	src, err := readDocument(path)
	if err != nil {
		s.unread(fmt.Errorf("lint: %w", err))
		return
	}
	s.files = append(s.files, checklists.File{Path: path, Src: src})
}

// readDocument reads a regular file: a pipe would wait for a writer.
func readDocument(path string) ([]byte, error) {
	if info, err := os.Stat(path); err != nil {
		return nil, err
	} else if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("read %s: it is no regular file", path)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, lintMost))
}

// beside are the shipped runbooks, and those in the folders of files that fly
// others: what book= may name.
func (s *lintSources) beside() []checklists.File {
	given, folders := map[string]bool{}, map[string]bool{}
	for _, f := range s.files {
		given[f.Path] = true
		if checklists.FliesOthers(f.Src) {
			folders[filepath.Dir(f.Path)] = true
		}
	}
	if len(folders) == 0 {
		return nil
	}
	out, _ := checklists.LibraryFiles() // a test holds them readable
	for dir := range folders {
		names, _ := filepath.Glob(filepath.Join(dir, "*.md"))
		for _, name := range names {
			if src, err := readDocument(name); err == nil && !given[name] {
				out = append(out, checklists.File{Path: name, Src: src})
			}
		}
	}
	return out
}
