package world

import (
	"encoding/json"
	"fmt"
	"path"
	"strings"
	"time"

	"github.com/virtengine/relight/lazy"
)

// Mode is what a running server does.
type Mode string

// The modes of a server.
const (
	Primary    Mode = "primary"
	Standby    Mode = "standby"
	Recovering Mode = "recovering" // from the archive
	Paused     Mode = "paused"     // at its recovery target
)

// Server is a running PostgreSQL.
type Server struct {
	Unit    string    `json:"unit,omitempty"` // empty: started by pg_ctl
	Dir     string    `json:"dir"`
	Port    int       `json:"port"`
	PID     int       `json:"pid"`
	Mode    Mode      `json:"mode"`
	Started time.Time `json:"started"`
	Point             // replayed; of a primary that writes see position
	// Received is where the WAL receiver is, LastMsg when it last heard.
	Received LSN       `json:"received,omitempty"`
	LastMsg  time.Time `json:"last_msg,omitzero"`
	From     string    `json:"from,omitempty"` // the host it follows
	Frozen   bool      `json:"frozen,omitempty"`
	Held     bool      `json:"held,omitempty"` // replay was paused by hand
	// Goal is where recovery goes, and Action what it does there.
	Goal   Point  `json:"goal,omitzero"`
	Action string `json:"action,omitempty"`

	Archives bool      `json:"archives,omitempty"` // archive_mode
	Archived time.Time `json:"archived,omitzero"`
	Failed   time.Time `json:"failed,omitzero"` // the archiver's last failure
	Slots    []string  `json:"slots,omitempty"`
}

const (
	evReach   EventKind = "pg-reach"
	evSegment EventKind = "pg-segment"
	evWriters EventKind = "pg-writers"
)

// Server is the server of a host that listens on the port, or nil.
func (h *Host) Server(port int) *Server {
	for _, s := range h.Servers {
		if s.Port == port {
			return s
		}
	}
	return nil
}

// DatabaseState is what a connection to the database's port meets, like
// SSHState.
func (h *Host) DatabaseState() string {
	switch {
	case h.Power != On:
		return "refused"
	case h.Silent():
		return "hang"
	case h.Server(PGPort) == nil:
		return "refused"
	}
	return "up"
}

// writing is the open span of a server's host, if it writes.
func (w *World) writing(h *Host, s *Server) *Span {
	if s.Mode != Primary || s.Port != PGPort {
		return nil
	}
	for i := len(w.Databases.Spans) - 1; i >= 0; i-- {
		if sp := &w.Databases.Spans[i]; sp.Host == h.Name && sp.Branch == s.Branch && sp.To.IsZero() {
			return sp
		}
	}
	return nil
}

// position is the data that a server has now.
func (w *World) position(h *Host, s *Server) Point {
	p := s.Point
	if sp := w.writing(h, s); sp != nil {
		p.LSN = sp.at(w.Now)
	}
	return p
}

// source is who a standby streams from, or nil when it streams from nobody.
func (w *World) source(h *Host, s *Server) (*Host, *Server) {
	from := w.Host(s.From)
	if s.Mode != Standby || s.Frozen || from == nil || from == h || h.Power != On || h.Silent() || from.DatabaseState() != "up" {
		return nil, nil
	}
	p := from.Server(PGPort)
	if p.Mode != Primary || !(Point{Branch: s.Branch, LSN: s.LSN}).follows(w.position(from, p)) {
		return nil, nil
	}
	return from, p
}

// followAll brings every standby to where its source is now. It runs before
// anything changes, so that nobody reads what was written later.
func (w *World) followAll() {
	for _, h := range w.Hosts {
		for _, s := range h.Servers {
			from, src := w.source(h, s)
			if src == nil {
				continue
			}
			p := w.position(from, src)
			s.Received, s.LastMsg = p.LSN, w.Now
			if !s.Held {
				s.Point = p
			}
		}
	}
}

// writersChanged tells apart the time in which the application writes, and on
// which server: the first that is a primary.
func (w *World) writersChanged() {
	serving := false
	if d := w.Deployment(KubeNamespace, "virtengine-api"); d != nil {
		serving = w.Serving(d) > 0
	}
	for _, h := range w.Hosts {
		s := h.Server(PGPort)
		if s == nil {
			continue
		}
		sp := w.writing(h, s)
		if sp == nil {
			continue
		}
		writes := serving && h.DatabaseState() == "up"
		if writes {
			serving = false // whoever comes later has no application
		}
		if sp.Writes != writes {
			next := Span{Host: h.Name, Branch: sp.Branch, From: w.Now, LSN: sp.at(w.Now), Writes: writes}
			sp.To = w.Now
			w.Databases.Spans = append(w.Databases.Spans, next)
		}
	}
}

// readControl is pg_control of a data directory.
func (h *Host) readControl(dir string) (control, bool) {
	var c control
	f, ok := h.Files[dir+"/global/pg_control"]
	return c, ok && json.Unmarshal([]byte(f.Text), &c) == nil && c.System != ""
}

func (w *World) writeControl(h *Host, dir string, c control) {
	if _, ok := h.Files[dir]; ok {
		w.put(h, string(PGUser), dir+"/global/pg_control", inJSON(c), 0o600)
	}
}

// setting is a value of postgresql.conf or postgresql.auto.conf, the last one
// wins.
func (h *Host) setting(dir, key string) string {
	v := ""
	for _, p := range []string{PGConf, dir + "/postgresql.conf", dir + "/postgresql.auto.conf"} {
		if p == PGConf && dir != PGData {
			continue
		}
		for line := range strings.Lines(h.Files[p].Text) {
			k, val, ok := strings.Cut(line, "=")
			if ok && strings.TrimSpace(k) == key {
				v = strings.ReplaceAll(strings.Trim(strings.TrimSpace(val), "'"), "''", "'")
			}
		}
	}
	return v
}

// StartServer starts a server on a data directory, as the user postgres would.
// Else it gives the line that the server wrote last.
func (w *World) StartServer(h *Host, dir string, port int, unit string, pid int) string {
	fatal := func(format string, args ...any) string {
		why := "FATAL:  " + fmt.Sprintf(format, args...)
		w.log(h, PGUnit, "%s", why)
		return why
	}
	d, ok := h.Files[dir]
	switch c, sound := h.readControl(dir); {
	case !ok || !d.Dir:
		return fatal("data directory \"%s\" does not exist", dir)
	case d.Owner != string(PGUser):
		return fatal("data directory \"%s\" has wrong ownership", dir)
	case d.Mode != 0o700 && d.Mode != 0o750:
		return fatal("data directory \"%s\" has invalid permissions", dir)
	case h.Files[dir+"/PG_VERSION"].Text == "" || !sound:
		return fatal("\"%s\" is not a valid data directory", dir)
	case h.has(dir + "/recovery.conf"):
		return fatal("using recovery command file \"recovery.conf\" is not supported")
	case h.Server(port) != nil:
		return fatal("could not create any TCP/IP sockets")
	default:
		s := &Server{Unit: unit, Dir: dir, Port: port, PID: pid, Started: w.Now, Point: c.Point, Received: c.LSN, LastMsg: w.Now,
			Archives: h.setting(dir, "archive_mode") == "on"}
		if why := w.bringUp(h, s, c); why != "" {
			return fatal("%s", why)
		}
		h.Servers = append(h.Servers, s)
		if s.Mode == Primary {
			w.openSpan(h, s)
		}
		w.lives()
		return ""
	}
}

func (h *Host) has(name string) bool { _, ok := h.Files[name]; return ok }

// bringUp decides how a data directory comes up.
func (w *World) bringUp(h *Host, s *Server, c control) string {
	label := s.Dir + "/backup_label"
	switch {
	case h.has(s.Dir + "/standby.signal"):
		s.Mode, s.From = Standby, connHost(h.setting(s.Dir, "primary_conninfo"))
		if p := w.replayWAL(h, s.Dir, c.Point, ""); p.LSN > s.LSN {
			s.Point, s.Received = p, p.LSN
		}
		delete(h.Files, label)
		return ""
	case h.has(s.Dir + "/recovery.signal"):
		return w.planRecovery(h, s, c)
	case h.has(label):
		// Nobody asked for recovery: it ends with the backup itself, and stays on
		// its timeline.
		if !h.has(s.Dir + "/pg_wal/" + segment(c.TLI, c.LSN)) {
			return "could not locate required checkpoint record"
		}
		s.Past = append(c.Past[:len(c.Past):len(c.Past)], Past{c.Branch, c.TLI, c.LSN})
		w.Databases.Branches++
		s.Branch = w.Databases.Branches
		delete(h.Files, label)
	case c.State != "shut down":
		s.Point = w.replayWAL(h, s.Dir, c.Point, "")
	}
	s.Mode = Primary
	w.log(h, PGUnit, "database system is ready to accept connections")
	return ""
}

var connHostForm = lazy.Pattern(`host=([^ ]+)`)

func connHost(conninfo string) string {
	if m := connHostForm.FindStringSubmatch(conninfo); m != nil {
		return m[1]
	}
	return ""
}

// openSpan begins to write.
func (w *World) openSpan(h *Host, s *Server) {
	if s.Port != PGPort {
		return
	}
	w.writeControl(h, s.Dir, control{System: w.Databases.System, State: "in production", Point: s.Point})
	w.Databases.Spans = append(w.Databases.Spans, Span{Host: h.Name, Branch: s.Branch, From: w.Now, LSN: s.LSN})
	w.writersChanged()
	w.nextSegment(h, s)
}

// StopServer ends a server: in good order, or as a crash does.
func (w *World) StopServer(h *Host, s *Server, clean bool) {
	p := w.position(h, s)
	c := control{System: w.Databases.System, State: "shut down", Point: p}
	if s.Mode != Primary {
		c.State = "shut down in recovery"
	}
	if sp := w.writing(h, s); sp != nil {
		sp.To = w.Now
		w.putWAL(h, s, p)
	}
	if clean {
		w.writeControl(h, s.Dir, c)
		w.log(h, PGUnit, "database system is shut down")
	}
	if s.Mode != Primary && !clean {
		c.State = "in archive recovery"
		w.writeControl(h, s.Dir, c)
	}
	w.drop(func(ev Event) bool { return ev.PID == s.PID && ev.Target == h.Name })
	for i, other := range h.Servers {
		if other == s {
			h.Servers = append(h.Servers[:i:i], h.Servers[i+1:]...)
			break
		}
	}
	w.lives()
}

// stopServers ends the servers of a unit, or all of a host ("").
func (w *World) stopServers(h *Host, unit string, clean bool) {
	for _, s := range append([]*Server(nil), h.Servers...) {
		if unit == "" || s.Unit == unit {
			w.StopServer(h, s, clean)
		}
	}
}

// Promote ends recovery: the server goes on alone, on a new timeline.
func (w *World) Promote(h *Host, s *Server, why string) {
	tli := s.TLI
	for p, f := range h.Files {
		var n int
		if _, err := fmt.Sscanf(path.Base(p), "%08X.history", &n); err == nil && !f.Dir && path.Dir(p) == PGWal {
			tli = max(tli, n)
		}
	}
	s.Past = append(s.Past[:len(s.Past):len(s.Past)], Past{s.Branch, s.TLI, s.LSN})
	w.Databases.Branches++
	s.Branch, s.TLI, s.Mode, s.From, s.Held, s.Frozen = w.Databases.Branches, tli+1, Primary, "", false, false
	for _, gone := range []string{"standby.signal", "recovery.signal", "backup_label"} {
		delete(h.Files, s.Dir+"/"+gone)
	}
	history := ""
	for _, p := range s.Past {
		history += fmt.Sprintf("%d\t%s\t%s\n", p.TLI, p.End, why)
	}
	name := fmt.Sprintf("%08X.history", s.TLI)
	w.put(h, string(PGUser), s.Dir+"/pg_wal/"+name, history, 0o600)
	w.log(h, PGUnit, "selected new timeline ID: %d", s.TLI)
	w.log(h, PGUnit, "database system is ready to accept connections")
	w.openSpan(h, s)
	if s.Archives && s.Port == PGPort {
		w.archive(h, s, name, history)
	}
	w.lives()
	w.Touched()
}
