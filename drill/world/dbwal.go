package world

import (
	"encoding/json"
	"fmt"
	"path"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/virtengine/relight/lazy"
)

// keepSegments is how many old segments stay in pg_wal.
const keepSegments = 4

// putWAL writes the segment that a server is in, valid up to p.
func (w *World) putWAL(h *Host, s *Server, p Point) {
	if _, ok := h.Files[s.Dir+"/pg_wal"]; !ok {
		return
	}
	w.put(h, string(PGUser), s.Dir+"/pg_wal/"+segment(p.TLI, p.LSN), inJSON(walFile{p.Branch, p.TLI, p.LSN.segStart(), p.LSN}), 0o600)
}

// nextSegment lays down the present segment and waits for its end.
func (w *World) nextSegment(h *Host, s *Server) {
	sp := w.writing(h, s)
	if sp == nil {
		return
	}
	p := w.position(h, s)
	w.putWAL(h, s, p)
	w.after(Event{At: sp.when(p.LSN.segStart() + LSN(segSize)), Kind: evSegment, Target: h.Name, PID: s.PID})
}

// segmentDone is a full segment: it is archived, and old ones go.
func (w *World) segmentDone(h *Host, s *Server) {
	p := w.position(h, s)
	full := p.LSN.segStart() - LSN(segSize)
	name := segment(s.TLI, full)
	text := inJSON(walFile{s.Branch, s.TLI, full, full + LSN(segSize)})
	if h.has(s.Dir + "/pg_wal") {
		w.put(h, string(PGUser), s.Dir+"/pg_wal/"+name, text, 0o600)
	}
	if s.Archives {
		w.archive(h, s, name, text)
	}
	w.pruneWAL(h, s.Dir)
	w.nextSegment(h, s)
}

func (w *World) pruneWAL(h *Host, dir string) {
	var names []string
	for _, n := range h.children(dir + "/pg_wal") {
		if len(n) == 24 {
			names = append(names, n)
		}
	}
	for len(names) > keepSegments {
		delete(h.Files, dir+"/pg_wal/"+names[0])
		names = names[1:]
	}
}

// archive puts a file into the bucket. A file that is there with other content
// is not replaced: the archiver fails and tries again with the next segment.
func (w *World) archive(h *Host, s *Server, name, text string) {
	if old, ok := h.Files[PGWal+"/"+name]; ok && old.Text != text {
		s.Failed = w.Now
		w.log(h, PGUnit, "archive command failed with exit code 1")
		return
	}
	w.bucket(PGWal+"/"+name, text)
	s.Archived = w.Now
}

// bucket puts a file where every database host sees it.
func (w *World) bucket(name, text string) {
	for _, h := range w.Hosts {
		if h.Role == "database" {
			w.put(h, string(PGUser), name, text, 0o600)
		}
	}
}

// replayWAL walks the segments from p on, as far as they can be had: from the
// folder archive, if there is one, and from pg_wal. It follows the newest
// timeline that goes on from p.
func (w *World) replayWAL(h *Host, dir string, p Point, archive string) Point {
	read := func(name string) (walFile, bool) {
		for _, d := range []string{archive, dir + "/pg_wal"} {
			if f, ok := h.Files[d+"/"+name]; d != "" && ok {
				var x walFile
				if json.Unmarshal([]byte(f.Text), &x) == nil {
					return x, true
				}
			}
		}
		return walFile{}, false
	}
	ends, order := h.timelines(p.TLI, p.LSN, archive, dir+"/pg_wal")
	for i := 0; i < len(order); {
		f, ok := read(segment(order[i], p.LSN))
		if !ok && i+1 < len(order) {
			// The next timeline's own segment begins with a copy of it.
			if _, copied := read(segment(order[i+1], p.LSN)); copied {
				p.LSN = ends[order[i]]
				i++
				continue
			}
		}
		if !ok || f.From > p.LSN || f.To < p.LSN {
			break
		}
		to, last := f.To, false
		if end, left := ends[order[i]]; left && to >= end {
			to, last = end, true
		}
		if f.Branch != p.Branch {
			p.Past = append(p.Past[:len(p.Past):len(p.Past)], Past{p.Branch, p.TLI, p.LSN})
			p.Branch, p.TLI = f.Branch, f.TLI
		}
		whole := f.To == f.From+LSN(segSize)
		p.LSN = to
		if last {
			i++
			continue
		}
		if !whole {
			break
		}
	}
	return p
}

// timelines is the way from a timeline to the newest one that history files
// lead to: the numbers in order, and where each but the last ends.
func (h *Host) timelines(tli int, from LSN, dirs ...string) (ends map[int]LSN, order []int) {
	best, bestEnds := tli, map[int]LSN{}
	for name, f := range h.Files {
		var n int
		if _, err := fmt.Sscanf(path.Base(name), "%08X.history", &n); err != nil || n <= best {
			continue
		}
		if d := path.Dir(name); d != dirs[0] && d != dirs[1] {
			continue
		}
		found := parseHistory(f.Text)
		if end, ok := found[tli]; ok && end >= from {
			best, bestEnds = n, found
		}
	}
	for n := range bestEnds {
		if n >= tli {
			order = append(order, n)
		}
	}
	sort.Ints(order)
	return bestEnds, append(order, best)
}

func parseHistory(text string) map[int]LSN {
	out := map[int]LSN{}
	for line := range strings.Lines(text) {
		if parts := strings.Split(line, "\t"); len(parts) >= 2 {
			n, err := strconv.Atoi(parts[0])
			if l, ok := ParseLSN(parts[1]); ok && err == nil {
				out[n] = l
			}
		}
	}
	return out
}

// ParseLSN reads a position such as 0/3A000060.
func ParseLSN(s string) (LSN, bool) {
	hi, lo, ok := strings.Cut(s, "/")
	a, errA := strconv.ParseUint(hi, 16, 32)
	b, errB := strconv.ParseUint(lo, 16, 32)
	return LSN(a<<32 | b), ok && errA == nil && errB == nil
}

var restoreForm = lazy.Pattern(`^cp ["']?([^"' ]+)/%f["']? ["']?%p["']?$`)

// planRecovery works out where archive recovery will end, and how long it takes.
func (w *World) planRecovery(h *Host, s *Server, c control) string {
	cmd := h.setting(s.Dir, "restore_command")
	m := restoreForm.FindStringSubmatch(cmd)
	switch {
	case cmd == "":
		return "must specify restore_command when standby mode is not enabled"
	case m == nil:
		return "could not restore file \"" + segment(c.TLI, c.LSN) + "\" from archive: command not found"
	case !h.has(s.Dir+"/backup_label") && c.State == "in production" && !h.has(s.Dir+"/pg_wal/"+segment(c.TLI, c.LSN)):
		return "could not locate required checkpoint record"
	}
	end := w.replayWAL(h, s.Dir, c.Point, m[1])
	s.Mode, s.Goal, s.Action = Recovering, end, "promote"
	if target := h.setting(s.Dir, "recovery_target_time"); target != "" {
		t, ok := parseTarget(target)
		if !ok {
			return "invalid value for parameter \"recovery_target_time\": \"" + target + "\""
		}
		if last := w.Holds(end).Last; t.After(last) {
			w.log(h, PGUnit, "last completed transaction was at log time %s", pgTime(last))
			return "recovery ended before configured recovery target was reached"
		}
		if at := w.lsnAt(end, t); at.Branch == 0 || at.follows(c.Point) {
			s.Goal = c.Point // consistent only with the end of the backup: later than asked
		} else {
			s.Goal = at
		}
		if s.Action = h.setting(s.Dir, "recovery_target_action"); s.Action == "" {
			s.Action = "pause"
		}
		w.log(h, PGUnit, "recovery stopping before commit of transaction, time %s", pgTime(t))
	}
	segs := int64(s.Goal.LSN-c.LSN) / int64(segSize)
	d := time.Second + time.Duration(segs)*100*time.Millisecond
	w.after(Event{At: w.Now.Add(d), Kind: evReach, Target: h.Name, PID: s.PID})
	return ""
}

// reached is the end of recovery.
func (w *World) reached(h *Host, s *Server) {
	s.Point, s.Received = s.Goal, s.Goal.LSN
	w.pgLog(h, "last completed transaction was at log time %s", pgTime(w.Holds(s.Point).Last))
	switch s.Action {
	case "pause":
		s.Mode = Paused
		w.log(h, PGUnit, "pausing at the end of recovery")
	case "shutdown":
		w.StopServer(h, s, true)
		if u := h.unit(s.Unit); u != nil {
			w.stopUnit(h, u)
		}
	default:
		w.Promote(h, s, "no recovery target specified")
	}
}

// PGLog is the server's own log on a database host.
const PGLog = "/var/log/postgresql/postgresql-15-main.log"

// pgLog writes a line to the server's own log.
func (w *World) pgLog(h *Host, format string, args ...any) {
	line := w.Now.UTC().Format("2006-01-02 15:04:05.000 UTC") + " LOG:  " + fmt.Sprintf(format, args...) + "\n"
	w.put(h, string(PGUser), PGLog, h.Files[PGLog].Text+line, 0o640)
}

// parseTarget reads a recovery target. Without a zone it is the server's own,
// which here is an hour ahead of UTC.
func parseTarget(s string) (time.Time, bool) {
	zoned := false
	for _, zone := range []string{" UTC", "+00", "Z"} {
		bare, has := strings.CutSuffix(s, zone)
		if has {
			s, zoned = bare, true
		}
	}
	s = strings.Replace(s, "T", " ", 1)
	t, err := time.Parse("2006-01-02 15:04:05.999999", s)
	if !zoned {
		t = t.Add(-time.Hour)
	}
	return t, err == nil
}

// pgTime is a time as PostgreSQL prints it in UTC.
func pgTime(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05.999999") + "+00" }

func (w *World) databaseEvent(ev Event) {
	if ev.Kind == evWriters {
		w.writersChanged()
		return
	}
	h := w.Host(ev.Target)
	if h == nil {
		return
	}
	for _, s := range h.Servers {
		if s.PID != ev.PID {
			continue
		}
		if ev.Kind == evReach {
			w.reached(h, s)
			w.lives()
		} else {
			w.segmentDone(h, s)
		}
		return
	}
}
