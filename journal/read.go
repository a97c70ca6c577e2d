package journal

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// content is what lies in an incident's folder.
type content struct {
	entries []Entry
	head    string
	segment int    // the last one
	good    int64  // bytes of the last segment up to its last whole line
	torn    []byte // what follows them
}

// Read gives the record in dir without a lock: what was acknowledged until
// now. A torn tail is left out and left alone. It checks the chain.
func Read(dir string) (entries []Entry, head string, err error) {
	c, err := readAll(dir)
	return c.entries, c.head, err
}

func readAll(dir string) (content, error) {
	c := content{head: genesis}
	for n := 0; ; n++ {
		name := segmentName(n)
		b, err := os.ReadFile(filepath.Join(dir, name))
		if errors.Is(err, fs.ErrNotExist) {
			return c, nil
		}
		if err != nil {
			return c, fmt.Errorf("record: %w", err)
		}
		c.segment = n
		if err := c.take(name, b); err != nil {
			return c, err
		}
	}
}

// take reads the lines of one segment. Whatever follows the last newline is
// torn; in every line before it the chain must hold.
func (c *content) take(name string, b []byte) error {
	c.good, c.torn = 0, nil
	for line := 1; len(b) > 0; line++ {
		end := bytes.IndexByte(b, '\n')
		if end < 0 {
			c.torn = bytes.Clone(b)
			return nil
		}
		e, err := c.link(b[:end])
		if err != nil {
			return fmt.Errorf("%s line %d: %w", name, line, err)
		}
		c.entries = append(c.entries, e)
		c.head = hashLine(b[:end])
		c.good += int64(end + 1)
		b = b[end+1:]
	}
	return nil
}

// link checks that a line follows the one before. prev stands first, so the
// chain is checked before any JSON is read.
func (c *content) link(line []byte) (Entry, error) {
	want := []byte(`{"prev":"` + c.head + `",`)
	if !bytes.HasPrefix(line, want) {
		return Entry{}, fmt.Errorf("%w: it does not follow the line before (edited, moved or missing)", ErrBroken)
	}
	var e Entry
	if err := json.Unmarshal(line, &e); err != nil {
		return Entry{}, fmt.Errorf("%w: %w", ErrBroken, err)
	}
	return e, nil
}
