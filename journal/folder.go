package journal

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/virtengine/relight/lazy"
)

// Prefixes of incident ids.
const (
	LivePrefix  = "INC"
	DrillPrefix = "DRILL"
)

var idShape = lazy.Pattern(`^(INC|DRILL)-(\d{8})-(\d{3,})$`)

// NewFolder creates the folder of a new incident below dir and gives its id,
// PREFIX-YYYYMMDD-NNN. Two processes never get the same: the folder itself is
// the claim.
func NewFolder(dir, prefix string, now time.Time) (id, path string, err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", "", fmt.Errorf("folder of records: %w%s", err, hint(err))
	}
	for n := 1; n < 100000; n++ {
		id = fmt.Sprintf("%s-%s-%03d", prefix, now.UTC().Format("20060102"), n)
		path = filepath.Join(dir, id)
		switch err := os.Mkdir(path, 0o700); {
		case err == nil:
			return id, path, syncDir(dir)
		case !errors.Is(err, fs.ErrExist):
			return "", "", fmt.Errorf("folder of %s: %w%s", id, err, hint(err))
		}
	}
	return "", "", fmt.Errorf("folder of records %s: no number is free today", dir)
}

// List gives the ids of all records below dir that start with prefix ("" for
// all), the newest first.
func List(dir, prefix string) ([]string, error) {
	found, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("folder of records: %w%s", err, hint(err))
	}
	var ids []string
	for _, e := range found {
		m := idShape.FindStringSubmatch(e.Name())
		if e.IsDir() && m != nil && (prefix == "" || m[1] == prefix) {
			ids = append(ids, e.Name())
		}
	}
	slices.SortFunc(ids, newer)
	return ids, nil
}

// newer orders ids by day and number, the newest first; a live one before a
// drill of the same day and number.
func newer(a, b string) int {
	x, y := idShape.FindStringSubmatch(a), idShape.FindStringSubmatch(b)
	if x[2] != y[2] {
		return compare(y[2], x[2])
	}
	if len(x[3]) != len(y[3]) {
		return len(y[3]) - len(x[3])
	}
	if x[3] != y[3] {
		return compare(y[3], x[3])
	}
	return compare(y[1], x[1])
}

func compare(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}
