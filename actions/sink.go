package actions

import (
	"bytes"
	"strings"
	"sync"

	"github.com/virtengine/relight/safe"
)

const (
	// CaptureLimit is the longest line that capture= keeps, in bytes.
	CaptureLimit = 4 << 10
	// longLine is where a line without an end is passed on all the same.
	longLine = 64 << 10
	// overlap is kept back from it: a secret may lie across the cut.
	overlap = 4 << 10
)

// sink takes the output of one host.
type sink struct {
	job    Job
	host   string
	onLine func(Line)

	mu      sync.Mutex
	rest    map[Stream][]byte // an unfinished line
	file    *keeper
	size    int64
	capture *string
}

func newSink(j Job, host string, onLine func(Line)) *sink {
	return &sink{job: j, host: host, onLine: onLine, rest: map[Stream][]byte{}, file: newKeeper(j.OutDir, j.Effect, host)}
}

// take takes bytes as they come. Secrets are looked for in whole lines: a
// chunk may end within one.
func (s *sink) take(from Stream, b []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	rest := b
	if old := s.rest[from]; len(old) > 0 {
		rest = append(old, b...)
	}
	if cut := bytes.LastIndexByte(rest, '\n') + 1; cut > 0 {
		s.emit(from, s.job.Redact.Redact(string(rest[:cut])))
		rest = rest[cut:]
	}
	rest = append([]byte(nil), rest...) // b is the caller's
	if len(rest) > longLine {
		clean := s.job.Redact.Redact(string(rest))
		if cut := len(clean) - overlap; cut > 0 {
			s.emit(from, clean[:cut])
			clean = clean[cut:]
		}
		rest = []byte(clean)
	}
	s.rest[from] = rest
}

// emit passes on text without secrets: to the file as it is, to the screen
// cleaned.
func (s *sink) emit(from Stream, text string) {
	s.size += int64(len(text))
	s.file.write(text)
	for line := range strings.SplitSeq(strings.TrimSuffix(text, "\n"), "\n") {
		line = strings.TrimSuffix(line, "\r")
		if from == Stdout && s.capture == nil {
			first := cutBytes(safe.Line(line), CaptureLimit)
			s.capture = &first
		}
		// A carriage return within a line would have painted over it: each part
		// is shown.
		for part := range strings.SplitSeq(safe.Clean(line), "\n") {
			s.onLine(Line{Effect: s.job.Effect, Host: s.host, Stream: from, Text: part})
		}
	}
}

// end passes on what is left, and closes the file.
func (s *sink) end() End {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, from := range [...]Stream{Stdout, Stderr} {
		if rest := s.rest[from]; len(rest) > 0 {
			s.emit(from, s.job.Redact.Redact(string(rest)))
		}
		delete(s.rest, from)
	}
	e := End{Host: s.host, Size: s.size}
	if s.capture != nil {
		e.Capture = *s.capture
	}
	e.SHA256, e.NotKept = s.file.close()
	return e
}

// cutBytes is s cut to at most n bytes, between runes.
func cutBytes(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && s[n]&0xC0 == 0x80 {
		n--
	}
	return s[:n]
}
