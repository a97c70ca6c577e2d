package world

import (
	"errors"
	"fmt"
	"path"
	"sort"
	"strings"
	"time"
)

// What file operations answer; the words are the system's own.
var (
	ErrNotExist = errors.New("No such file or directory")
	ErrExist    = errors.New("File exists")
	ErrIsDir    = errors.New("Is a directory")
	ErrNotDir   = errors.New("Not a directory")
	ErrNotEmpty = errors.New("Directory not empty")
	ErrDenied   = errors.New("Permission denied")
	ErrNoSpace  = errors.New("No space left on device")
)

// File is a file or a folder of a host.
type File struct {
	Text  string    `json:"text,omitempty"`
	Dir   bool      `json:"dir,omitempty"`
	Mode  uint32    `json:"mode"` // permission bits
	Owner string    `json:"owner"`
	MTime time.Time `json:"mtime"`
}

// User is who acts on a host.
type User string

// Root may do everything.
const Root User = "root"

// Access bits.
const (
	MayRead  = 4
	MayWrite = 2
	MayExec  = 1
)

func (f File) may(u User, want uint32) bool {
	if u == Root {
		return true
	}
	bits := f.Mode & 7
	if f.Owner == string(u) {
		bits = f.Mode >> 6 & 7
	}
	return bits&want == want
}

// Stat is the file at an absolute path, as u may see it: every folder above it
// must be open to u.
func (h *Host) Stat(u User, name string) (File, error) {
	name = path.Clean(name)
	for dir := path.Dir(name); ; dir = path.Dir(dir) {
		f, ok := h.Files[dir]
		switch {
		case !ok:
			// A missing parent: the name below it is missing too.
		case !f.Dir:
			return File{}, ErrNotDir
		case !f.may(u, MayExec):
			return File{}, ErrDenied
		}
		if dir == "/" {
			break
		}
	}
	f, ok := h.Files[name]
	if !ok {
		return File{}, ErrNotExist
	}
	return f, nil
}

// Access says whether u may do want (MayRead and so on) with name.
func (h *Host) Access(u User, name string, want uint32) error {
	f, err := h.Stat(u, name)
	if err != nil {
		return err
	}
	if !f.may(u, want) {
		return ErrDenied
	}
	return nil
}

// Read is the text of a file.
func (h *Host) Read(u User, name string) (string, error) {
	f, err := h.Stat(u, name)
	switch {
	case err != nil:
		return "", err
	case f.Dir:
		return "", ErrIsDir
	case !f.may(u, MayRead):
		return "", ErrDenied
	}
	return f.Text, nil
}

// List is the names in a folder, sorted.
func (h *Host) List(u User, name string) ([]string, error) {
	f, err := h.Stat(u, name)
	switch {
	case err != nil:
		return nil, err
	case !f.Dir:
		return nil, ErrNotDir
	case !f.may(u, MayRead):
		return nil, ErrDenied
	}
	return h.children(path.Clean(name)), nil
}

func (h *Host) children(dir string) []string {
	prefix := strings.TrimSuffix(dir, "/") + "/"
	var out []string
	for p := range h.Files {
		if rest, ok := strings.CutPrefix(p, prefix); ok && rest != "" && !strings.Contains(rest, "/") {
			out = append(out, rest)
		}
	}
	sort.Strings(out)
	return out
}

// writableDir says whether u may make or remove names in the folder of name.
func (h *Host) writableDir(u User, name string) error {
	d, err := h.Stat(u, path.Dir(name))
	switch {
	case err != nil:
		return err
	case !d.Dir:
		return ErrNotDir
	case !d.may(u, MayWrite|MayExec):
		return ErrDenied
	}
	return nil
}

// Write makes or replaces a file. An existing file keeps its mode and owner.
func (w *World) Write(h *Host, u User, name, text string, mode uint32) error {
	name = path.Clean(name)
	f, err := h.Stat(u, name)
	switch {
	case err == nil && f.Dir:
		return ErrIsDir
	case err == nil && !f.may(u, MayWrite):
		return ErrDenied
	case err == nil:
	case errors.Is(err, ErrNotExist):
		if err := h.writableDir(u, name); err != nil {
			return err
		}
		f = File{Mode: mode & 0o777, Owner: string(u)}
	default:
		return err
	}
	if h.DiskFull && len(text) > len(f.Text) {
		return ErrNoSpace
	}
	f.Text, f.MTime = text, w.Now
	h.Files[name] = f
	w.Touched()
	return nil
}

// Mkdir makes a folder; with parents also those above it, and an existing one
// is no error.
func (w *World) Mkdir(h *Host, u User, name string, mode uint32, parents bool) error {
	name = path.Clean(name)
	if f, err := h.Stat(u, name); err == nil {
		if parents && f.Dir {
			return nil
		}
		return ErrExist
	} else if !errors.Is(err, ErrNotExist) {
		return err
	}
	if parents {
		if _, ok := h.Files[path.Dir(name)]; !ok {
			if err := w.Mkdir(h, u, path.Dir(name), 0o755, true); err != nil {
				return err
			}
		}
	}
	if err := h.writableDir(u, name); err != nil {
		return err
	}
	if h.DiskFull {
		return ErrNoSpace
	}
	h.Files[name] = File{Dir: true, Mode: mode & 0o777, Owner: string(u), MTime: w.Now}
	w.Touched()
	return nil
}

// Remove deletes a file, or a folder: an empty one, or with all it holds.
func (w *World) Remove(h *Host, u User, name string, all bool) error {
	name = path.Clean(name)
	f, err := h.Stat(u, name)
	if err != nil {
		return err
	}
	if err := h.writableDir(u, name); err != nil {
		return err
	}
	if f.Dir {
		kids := h.children(name)
		if len(kids) > 0 && !all {
			return ErrNotEmpty
		}
		for _, k := range kids {
			if err := w.Remove(h, u, path.Join(name, k), true); err != nil {
				return err
			}
		}
	}
	if name == "/" {
		return ErrDenied
	}
	delete(h.Files, name)
	w.Touched()
	return nil
}

// Rename moves a file or a folder. An existing file at to is replaced.
func (w *World) Rename(h *Host, u User, from, to string) error {
	from, to = path.Clean(from), path.Clean(to)
	f, err := h.Stat(u, from)
	if err != nil {
		return err
	}
	if err := h.writableDir(u, from); err != nil {
		return err
	}
	if err := h.writableDir(u, to); err != nil {
		return err
	}
	if old, ok := h.Files[to]; ok && old.Dir != f.Dir {
		if old.Dir {
			return ErrIsDir
		}
		return ErrNotDir
	}
	if from == to {
		return nil
	}
	if f.Dir {
		if strings.HasPrefix(to+"/", from+"/") {
			return fmt.Errorf("cannot move a folder into itself")
		}
		if len(h.children(to)) > 0 {
			return ErrNotEmpty
		}
		for p, below := range h.below(from) {
			delete(h.Files, from+p)
			h.Files[to+p] = below
		}
	}
	delete(h.Files, from)
	h.Files[to] = f
	w.Touched()
	return nil
}

// below is everything under a folder, by the path from it on.
func (h *Host) below(dir string) map[string]File {
	out := map[string]File{}
	for p, f := range h.Files {
		if rest, ok := strings.CutPrefix(p, dir+"/"); ok {
			out["/"+rest] = f
		}
	}
	return out
}

// Chmod sets permission bits; only the owner and root may.
func (w *World) Chmod(h *Host, u User, name string, mode uint32) error {
	return w.edit(h, u, name, func(f *File) { f.Mode = mode & 0o777 })
}

// Chown sets the owner; only root may.
func (w *World) Chown(h *Host, u User, name, owner string) error {
	if u != Root {
		return errors.New("Operation not permitted")
	}
	return w.edit(h, u, name, func(f *File) { f.Owner = owner })
}

// Touch sets the modification time, and makes the file when there is none.
func (w *World) Touch(h *Host, u User, name string) error {
	if _, err := h.Stat(u, name); errors.Is(err, ErrNotExist) {
		return w.Write(h, u, name, "", 0o644)
	}
	return w.edit(h, u, name, func(f *File) { f.MTime = w.Now })
}

func (w *World) edit(h *Host, u User, name string, change func(*File)) error {
	name = path.Clean(name)
	f, err := h.Stat(u, name)
	if err != nil {
		return err
	}
	if u != Root && f.Owner != string(u) {
		return errors.New("Operation not permitted")
	}
	change(&f)
	h.Files[name] = f
	w.Touched()
	return nil
}

// put lays a file down while the world is built, with the folders above it.
func (w *World) put(h *Host, owner, name, text string, mode uint32) {
	w.putDirs(h, owner, path.Dir(name))
	h.Files[name] = File{Text: text, Mode: mode, Owner: owner, MTime: w.Now}
}

func (w *World) putDirs(h *Host, owner, dir string) {
	for ; ; dir = path.Dir(dir) {
		if _, ok := h.Files[dir]; ok {
			return
		}
		o := "root"
		if strings.HasPrefix(dir, "/home/"+owner) || strings.HasPrefix(dir, "/var/lib/"+owner) {
			o = owner
		}
		h.Files[dir] = File{Dir: true, Mode: 0o755, Owner: o, MTime: w.Now}
		if dir == "/" {
			return
		}
	}
}
