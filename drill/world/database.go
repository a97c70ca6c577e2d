package world

import (
	"encoding/json"
	"fmt"
	"time"
)

// Where a database host keeps things, as Debian does. The bucket of the backups
// is mounted on every database host: what is put there is there on all of them.
const (
	PGUnit       = "postgresql@15-main"
	PGData       = "/var/lib/postgresql/15/main"
	PGConf       = "/etc/postgresql/15/main/postgresql.conf"
	PGWal        = "/backups/postgresql/wal"
	PGBase       = "/backups/postgresql/base"
	PGPort       = 5432
	PGUser  User = "postgres"
	PGTable      = "base/16384/16390" // the table of blocks
	PGIndex      = "base/16384/16391" // its index
)

// A segment of WAL, and how long the database takes to fill one.
const (
	segSize uint64 = 16 << 20
	segTime        = 5 * time.Minute
)

// LSN is a position in the WAL.
type LSN uint64

func (l LSN) String() string { return fmt.Sprintf("%X/%X", uint64(l)>>32, uint32(l)) }

// segment is the name of the file that holds l on a timeline.
func segment(tli int, l LSN) string {
	return fmt.Sprintf("%08X%08X%08X", tli, uint64(l)>>32, uint64(uint32(l))/segSize)
}

func (l LSN) segStart() LSN { return l - l%LSN(segSize) }

// Databases is what all servers together wrote. What a data directory holds
// follows from its Point and from here, so files need not carry rows.
type Databases struct {
	System   string     `json:"system"`
	Spans    []Span     `json:"spans"`
	Bad      []BadWrite `json:"bad,omitempty"`
	Branches int        `json:"branches"` // how many were made
}

// Span is a stretch of time in which a server wrote. The heartbeat row is
// written each second; Writes says that the application wrote too.
type Span struct {
	Host   string    `json:"host"`
	Branch int       `json:"branch"`
	From   time.Time `json:"from"`
	To     time.Time `json:"to,omitzero"` // zero: it still writes
	LSN    LSN       `json:"lsn"`
	Writes bool      `json:"writes,omitempty"`
}

// BadWrite is a deletion that nobody meant.
type BadWrite struct {
	Branch  int       `json:"branch"`
	LSN     LSN       `json:"lsn"`
	At      time.Time `json:"at"`
	Deleted int64     `json:"deleted"`
}

// Past is a timeline that was left at End for the next one.
type Past struct {
	Branch int `json:"branch"`
	TLI    int `json:"tli"`
	End    LSN `json:"end"`
}

// Point is a state of the data. Branch tells apart two timelines of one number
// that have nothing in common.
type Point struct {
	Branch int    `json:"branch"`
	TLI    int    `json:"tli"`
	LSN    LSN    `json:"lsn"`
	Past   []Past `json:"past,omitempty"`
}

// control is global/pg_control.
type control struct {
	System string `json:"system"`
	State  string `json:"state"`
	Point
}

// walFile is a segment as it lies in a folder: what of it is valid.
type walFile struct {
	Branch int `json:"branch"`
	TLI    int `json:"tli"`
	From   LSN `json:"from"`
	To     LSN `json:"to"`
}

func inJSON(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("world: what lies in a file is always JSON: %v", err))
	}
	return string(b) + "\n"
}

// at is where a span stood at t.
func (s Span) at(t time.Time) LSN {
	if !s.To.IsZero() && t.After(s.To) {
		t = s.To
	}
	ms := max(0, t.Sub(s.From).Milliseconds())
	return s.LSN + LSN(uint64(ms)*segSize/uint64(segTime.Milliseconds()))
}

// when is the time at which a span had written up to l.
func (s Span) when(l LSN) time.Time {
	per := uint64(segTime.Milliseconds())
	return s.From.Add(time.Duration((uint64(l-s.LSN)*per+segSize-1)/segSize) * time.Millisecond)
}

// Content is what a Point holds.
type Content struct {
	Last   time.Time // of the last commit, and of the heartbeat row
	Blocks int64     // rows of the table blocks, one each 6 s
	Orders int64     // rows of the table orders, one each 10 s
	Block  time.Time // of the newest row of the application
}

const (
	blockEvery = 6 * time.Second
	orderEvery = 10 * time.Second
	rowsBefore = 200000
)

// beats is how many moments of a period lie in (from, to].
func beats(from, to time.Time, every time.Duration) int64 {
	return to.UnixMilli()/every.Milliseconds() - from.UnixMilli()/every.Milliseconds()
}

// path is the branches of a Point with where each ends.
func (p Point) path() []Past {
	return append(p.Past[:len(p.Past):len(p.Past)], Past{p.Branch, p.TLI, p.LSN})
}

// onPath gives each stretch that was written on the way to p: a span and the
// time up to which it counts.
func (w *World) onPath(p Point, f func(s Span, to time.Time)) {
	for _, part := range p.path() {
		for _, s := range w.Databases.Spans {
			if s.Branch != part.Branch || s.LSN > part.End {
				continue
			}
			to := s.To
			if to.IsZero() {
				to = w.Now
			}
			if end := s.when(part.End); end.Before(to) {
				to = end
			}
			f(s, to)
		}
	}
}

// Holds is what the data of p holds.
func (w *World) Holds(p Point) Content {
	c := Content{Blocks: rowsBefore, Orders: rowsBefore / 10}
	w.onPath(p, func(s Span, to time.Time) {
		if last := to.Truncate(time.Second); !last.Before(s.From) && last.After(c.Last) {
			c.Last = last
		}
		if !s.Writes {
			return
		}
		c.Blocks += beats(s.From, to, blockEvery)
		c.Orders += beats(s.From, to, orderEvery)
		if row := to.Truncate(blockEvery); row.After(s.From) && row.After(c.Block) {
			c.Block = row
		}
	})
	for _, b := range w.Databases.Bad {
		for _, part := range p.path() {
			if b.Branch == part.Branch && b.LSN <= part.End {
				c.Orders -= b.Deleted
			}
		}
	}
	return c
}

// lsnAt is where the data of p stood at t: everything committed by then.
func (w *World) lsnAt(p Point, t time.Time) Point {
	out := Point{}
	for i, part := range p.path() {
		for _, s := range w.Databases.Spans {
			if s.Branch != part.Branch || s.From.After(t) || s.LSN > part.End {
				continue
			}
			out = Point{Branch: part.Branch, TLI: part.TLI, LSN: min(s.at(t), part.End), Past: p.Past[:i:i]}
		}
	}
	return out
}

// follows says that data at p can go on to q by replay alone.
func (p Point) follows(q Point) bool {
	for _, part := range q.path() {
		if part.Branch == p.Branch {
			return p.LSN <= part.End
		}
	}
	return false
}

// fork is where the data of p left the way to q: the position up to which both
// are the same, on p's branches.
func (p Point) fork(q Point) (Past, bool) {
	for i := len(p.path()) - 1; i >= 0; i-- {
		mine := p.path()[i]
		for _, theirs := range q.path() {
			if mine.Branch == theirs.Branch {
				return Past{mine.Branch, mine.TLI, min(mine.End, theirs.End)}, true
			}
		}
	}
	return Past{}, false
}
