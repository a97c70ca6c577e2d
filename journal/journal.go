package journal

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/oklog/ulid/v2"
)

// FileName of the first segment in an incident's folder. Later segments, begun
// after a failed fsync, are journal.1.jsonl and so on.
const FileName = "journal.jsonl"

// Sentinel errors of the room.
var (
	ErrLocked = errors.New("another relight writes this record")
	ErrBroken = errors.New("the hash chain is broken")
	ErrFailed = errors.New("the record could not be written")
)

// genesis is the prev of the first line.
var genesis = hex.EncodeToString(make([]byte, sha256.Size))

// Entry is one line of the record.
type Entry struct {
	Prev string          `json:"prev"` // sha256 of the line before, hex, without its newline
	ID   string          `json:"id"`   // ULID
	At   time.Time       `json:"at"`
	Kind string          `json:"kind"`
	Data json.RawMessage `json:"data"`
}

// Draft is an event to be written.
type Draft struct {
	At   time.Time
	Kind string
	Data json.RawMessage
}

// file is what the journal needs of a file; the tests make it fail.
type file interface {
	io.Writer
	Sync() error
	Truncate(int64) error
	Close() error
}

// Journal is an open record. It is not safe for concurrent use: the cockpit's
// one loop writes it.
type Journal struct {
	dir     string
	segment int
	f       file
	size    int64 // of the acknowledged bytes
	head    string
	lock    *os.File
	entropy *ulid.MonotonicEntropy
	open    func(path string) (file, error)
	Notice  string // what opening found: a torn tail put aside, a new segment
}

// Open opens the record in dir for writing, creating dir and file, and gives
// what it holds. A *LockedError: another process writes it.
func Open(dir string) (*Journal, []Entry, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, nil, fmt.Errorf("record %s: %w%s", dir, err, hint(err))
	}
	lock, err := takeLock(filepath.Join(dir, lockName))
	if err != nil {
		return nil, nil, fmt.Errorf("record %s: %w%s", dir, err, hint(err))
	}
	j := &Journal{dir: dir, lock: lock, head: genesis, open: openAppend,
		entropy: ulid.Monotonic(rand.Reader, 0)}
	entries, err := j.load()
	if err != nil {
		j.Close()
		return nil, nil, err
	}
	return j, entries, nil
}

func openAppend(path string) (file, error) {
	return os.OpenFile(path, os.O_CREATE|os.O_RDWR|os.O_APPEND, 0o600)
}

func segmentName(n int) string {
	if n == 0 {
		return FileName
	}
	return fmt.Sprintf("journal.%d.jsonl", n)
}

// load reads all segments, puts a torn tail aside and opens the last segment.
func (j *Journal) load() ([]Entry, error) {
	read, err := readAll(j.dir)
	if err != nil {
		return nil, err
	}
	j.head, j.segment, j.size = read.head, read.segment, read.good
	path := filepath.Join(j.dir, segmentName(j.segment))
	if len(read.torn) > 0 {
		aside := fmt.Sprintf("%s.torn-%d", path, len(read.entries))
		if err := os.WriteFile(aside, read.torn, 0o600); err != nil {
			return nil, fmt.Errorf("put the torn tail aside: %w", err)
		}
		j.Notice = fmt.Sprintf("the last write was torn: %d bytes put aside in %s", len(read.torn), filepath.Base(aside))
	}
	if j.f, err = j.open(path); err != nil {
		return nil, fmt.Errorf("record: %w%s", err, hint(err))
	}
	if len(read.torn) > 0 {
		if err := j.f.Truncate(read.good); err != nil {
			return nil, fmt.Errorf("cut the torn tail: %w", err)
		}
		if err := j.f.Sync(); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrFailed, err)
		}
	}
	return read.entries, syncDir(j.dir)
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}

// NewID is a fresh ULID for time at; ids of one journal rise.
func (j *Journal) NewID(at time.Time) string {
	id, err := ulid.New(ulid.Timestamp(at), j.entropy)
	if err != nil { // the entropy of this millisecond ran out, or time went back
		id = ulid.MustNew(ulid.Timestamp(at), rand.Reader)
	}
	return id.String()
}

// Append writes the drafts in one write and one fsync and gives their entries.
// When it fails nothing of them is in the record that a later Open would read,
// and the caller must start no effect.
func (j *Journal) Append(drafts []Draft) ([]Entry, error) {
	if len(drafts) == 0 {
		return nil, nil
	}
	if err := j.there(); err != nil {
		return nil, err
	}
	var buf bytes.Buffer
	entries := make([]Entry, 0, len(drafts))
	head := j.head
	for _, d := range drafts {
		e := Entry{Prev: head, ID: j.NewID(d.At), At: d.At.UTC(), Kind: d.Kind, Data: d.Data}
		line, err := json.Marshal(e)
		if err != nil {
			return nil, fmt.Errorf("record event %s: %w", d.Kind, err)
		}
		head = hashLine(line)
		buf.Write(line)
		buf.WriteByte('\n')
		entries = append(entries, e)
	}
	if err := j.write(buf.Bytes()); err != nil {
		return nil, err
	}
	j.head = head
	return entries, nil
}

// write writes and syncs. A short write is cut off again; a failed fsync ends
// the segment, because nobody knows what of it is on the disk.
func (j *Journal) write(b []byte) error {
	n, err := j.f.Write(b)
	if err != nil || n < len(b) {
		if err == nil {
			err = io.ErrShortWrite
		}
		if cut := j.f.Truncate(j.size); cut != nil {
			return j.nextSegment(errors.Join(err, cut))
		}
		return fmt.Errorf("%w: %w%s", ErrFailed, err, hint(err))
	}
	if err := j.f.Sync(); err != nil {
		return j.nextSegment(err)
	}
	j.size += int64(len(b))
	return nil
}

// nextSegment goes on in a new file after a failed fsync. The events of the
// failed write are not acknowledged: the old file is cut before them.
func (j *Journal) nextSegment(cause error) error {
	cut := j.f.Truncate(j.size)
	j.f.Close()
	f, err := j.open(filepath.Join(j.dir, segmentName(j.segment+1)))
	if err != nil {
		return fmt.Errorf("%w: %w; a new segment cannot be opened: %w", ErrFailed, cause, err)
	}
	j.f, j.size = f, 0
	j.segment++
	j.Notice = "writing to the disk failed; the record goes on in " + segmentName(j.segment)
	return fmt.Errorf("%w: %w (old segment cut: %t); try again, the record goes on in %s",
		ErrFailed, cause, cut == nil, segmentName(j.segment))
}

// Head is the hash of the last line: publish it, and nobody can shorten the
// record unseen.
func (j *Journal) Head() string { return j.head }

// Dir is the incident's folder.
func (j *Journal) Dir() string { return j.dir }

// Close gives the lock back. A record that somebody removed meanwhile is
// written anew first.
func (j *Journal) Close() error {
	var err error
	if j.f != nil {
		err = errors.Join(j.there(), j.f.Close())
	}
	return errors.Join(err, j.lock.Close())
}

func hashLine(line []byte) string {
	sum := sha256.Sum256(line)
	return hex.EncodeToString(sum[:])
}
