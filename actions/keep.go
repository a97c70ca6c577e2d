package actions

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/virtengine/relight/safe"
)

// keepLimit is how much of an output is kept: half of it from its head, up to
// half from its tail.
const keepLimit = 64 << 20

// keeper writes one output file. The tail is kept in two files of a quarter
// each that take turns, so that nothing grows, in memory or on disk, and what
// came before a crash is there.
//
// A file that cannot be written does not stop the run: an action in need
// outweighs its transcript. It is said in the End.
type keeper struct {
	path  string
	limit int64
	head  *os.File
	size  int64
	tails [2]*os.File
	used  [2]int64
	turn  int
	lost  int64 // bytes left out
	err   error
}

func newKeeper(dir, effect, host string) *keeper {
	k := &keeper{limit: keepLimit}
	if dir == "" {
		k.err = errNotAsked
		return k
	}
	k.path = filepath.Join(dir, fileName(effect)+"-"+fileName(host))
	if k.err = os.MkdirAll(dir, 0o700); k.err != nil {
		return k
	}
	// An effect runs once on a host: a file that is there already is another's.
	k.head, k.err = os.OpenFile(k.path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	return k
}

var errNotAsked = errors.New("not asked for")

// fileName is a name that stays within its folder.
func fileName(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '-', r == '_', r == '.':
			return r
		}
		return '_'
	}, s)
	if strings.HasPrefix(s, ".") || s == "" {
		s = "_" + s
	}
	return s
}

func (k *keeper) write(b string) {
	if k.err != nil {
		return
	}
	if left := k.limit/2 - k.size; left > 0 {
		n := min(left, int64(len(b)))
		_, k.err = k.head.WriteString(b[:n])
		k.size += n
		b = b[n:]
	}
	for len(b) > 0 && k.err == nil {
		b = k.writeTail(b)
	}
}

// writeTail writes as much as the current tail file takes.
func (k *keeper) writeTail(b string) string {
	part := k.limit / 4
	if k.used[k.turn] >= part {
		k.turn = 1 - k.turn
		if old := k.tails[k.turn]; old != nil {
			k.lost += k.used[k.turn]
			k.used[k.turn] = 0
			if k.err = old.Truncate(0); k.err == nil {
				_, k.err = old.Seek(0, io.SeekStart)
			}
		}
	}
	if k.tails[k.turn] == nil && k.err == nil {
		k.tails[k.turn], k.err = os.OpenFile(fmt.Sprintf("%s.tail%d", k.path, k.turn), os.O_CREATE|os.O_TRUNC|os.O_RDWR, 0o600)
	}
	if k.err != nil {
		return ""
	}
	n := min(part-k.used[k.turn], int64(len(b)))
	_, k.err = k.tails[k.turn].WriteString(b[:n])
	k.used[k.turn] += n
	return b[n:]
}

// close puts the parts together. It returns the file's hash, or why there is
// no whole file.
func (k *keeper) close() (sum, why string) {
	if errors.Is(k.err, errNotAsked) {
		return "", ""
	}
	if k.err == nil {
		sum, k.err = k.join()
	}
	if k.head != nil {
		if err := k.head.Close(); k.err == nil {
			k.err = err
		}
	}
	for i, f := range k.tails {
		if f == nil {
			continue
		}
		_ = f.Close()
		if k.err == nil {
			_ = os.Remove(fmt.Sprintf("%s.tail%d", k.path, i))
		}
	}
	if k.err != nil {
		return "", safe.Short(k.err.Error(), 300)
	}
	return sum, ""
}

func (k *keeper) join() (string, error) {
	if k.lost > 0 {
		if _, err := fmt.Fprintf(k.head, "\n[%d bytes left out here]\n", k.lost); err != nil {
			return "", err
		}
	}
	for _, i := range [2]int{1 - k.turn, k.turn} {
		f := k.tails[i]
		if f == nil {
			continue
		}
		if _, err := f.Seek(0, io.SeekStart); err != nil {
			return "", err
		}
		if _, err := io.Copy(k.head, f); err != nil {
			return "", err
		}
	}
	if err := k.head.Sync(); err != nil {
		return "", err
	}
	if _, err := k.head.Seek(0, io.SeekStart); err != nil {
		return "", err
	}
	h := sha256.New()
	if _, err := io.Copy(h, k.head); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
