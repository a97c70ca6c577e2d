package world

import (
	"fmt"
	"path"
	"strings"
	"time"
)

// ControlData is what pg_controldata prints of a data directory.
func (h *Host) ControlData(dir string) (string, bool) {
	c, ok := h.readControl(path.Clean(dir))
	if !ok {
		return "", false
	}
	return fmt.Sprintf("Database system identifier:           %s\nDatabase cluster state:               %s\n"+
		"Latest checkpoint location:           %s\nLatest checkpoint's TimeLineID:       %d\n"+
		"max_connections setting:              100\nmax_worker_processes setting:         8\nmax_wal_senders setting:              10\n"+
		"max_prepared_xacts setting:           0\nmax_locks_per_xact setting:           64\n", c.System, c.State, c.LSN, c.TLI), true
}

// Damaged are the files of a running server that hold a page which cannot be
// right, as pg_amcheck names them.
func (h *Host) Damaged(s *Server) []string {
	var out []string
	for name, file := range map[string]string{"blocks": PGTable, "blocks_pkey": PGIndex} {
		if f := h.Files[s.Dir+"/"+file]; !strings.Contains(f.Text, "sound") {
			out = append(out, name)
		}
	}
	return out
}

// CommitsAfter are the commits in the WAL of a data directory from a position
// on one timeline on, as pg_waldump prints them.
func (w *World) CommitsAfter(h *Host, dir string, tli int, from LSN) (string, bool) {
	p := Point{TLI: tli, LSN: from}
	f, ok := h.Files[dir+"/"+segment(tli, from)]
	var x walFile
	if !ok || parseJSON(f.Text, &x) != nil {
		return "", false
	}
	p.Branch = x.Branch
	end := p
	for {
		f, ok := h.Files[dir+"/"+segment(tli, end.LSN)]
		if !ok || parseJSON(f.Text, &x) != nil || x.Branch != p.Branch || x.To <= end.LSN {
			break
		}
		end.LSN = x.To
	}
	var out strings.Builder
	w.onPath(end, func(s Span, to time.Time) {
		if s.Branch != p.Branch {
			return
		}
		for t := s.From.Truncate(time.Second); !t.After(to); t = t.Add(time.Second) {
			if l := s.at(t); !t.Before(s.From) && l > from {
				fmt.Fprintf(&out, "rmgr: Transaction len (rec/tot):     34/    34, tx: %10d, lsn: %s, prev %s, desc: COMMIT %s UTC\n",
					t.Unix()%1e9, l, l-0x38, t.UTC().Format("2006-01-02 15:04:05.000000"))
			}
		}
	})
	return out.String(), true
}

// Rewind makes the data directory of a stopped server one that follows the
// server on source, as pg_rewind does. It gives what it prints, or why not.
func (w *World) Rewind(h *Host, dir string, source *Host, conninfo string, writeRecovery, dry bool) (string, error) {
	c, ok := h.readControl(dir)
	src := source.Server(PGPort)
	switch {
	case !ok:
		return "", fmt.Errorf("could not open file \"%s/global/pg_control\" for reading: No such file or directory", dir)
	case h.Server(PGPort) != nil && h.Server(PGPort).Dir == dir, dry && c.State == "in production":
		return "", fmt.Errorf("target server must be shut down cleanly")
	case source.DatabaseState() != "up" || src.Mode != Primary:
		return "", fmt.Errorf("source server must not be in recovery mode, and must answer")
	case c.System != w.Databases.System:
		return "", fmt.Errorf("source and target clusters are from different systems")
	}
	if c.State == "in production" { // it does the crash recovery itself
		c.Point = w.replayWAL(h, dir, c.Point, "")
	}
	there := w.position(source, src)
	fork, common := c.fork(there)
	if !common {
		return "", fmt.Errorf("could not find common ancestor of the source and target cluster's timelines")
	}
	out := fmt.Sprintf("pg_rewind: servers diverged at WAL location %s on timeline %d\n", fork.End, fork.TLI)
	if c.follows(there) {
		out += "pg_rewind: no rewind required\n"
	}
	if dry {
		return out + "pg_rewind: Done!\n", nil
	}
	if !c.follows(there) {
		for _, n := range h.children(dir + "/pg_wal") {
			if n != "archive_status" {
				delete(h.Files, dir+"/pg_wal/"+n)
			}
		}
		w.writeControl(h, dir, control{System: c.System, State: "in archive recovery", Point: there})
		// It takes the source's settings along, over those of the target.
		w.put(h, string(PGUser), dir+"/postgresql.auto.conf", source.Files[src.Dir+"/postgresql.auto.conf"].Text, 0o600)
	}
	if writeRecovery {
		w.put(h, string(PGUser), dir+"/standby.signal", "", 0o600)
		auto := dir + "/postgresql.auto.conf"
		w.put(h, string(PGUser), auto, withoutSetting(h.Files[auto].Text, "primary_conninfo")+"primary_conninfo = '"+conninfo+"'\n", 0o600)
	}
	w.Touched()
	return out + "pg_rewind: Done!\n", nil
}

// BaseBackup copies the data of the server on source into dir on h, as
// pg_basebackup does.
func (w *World) BaseBackup(h *Host, dir string, source *Host, label, conninfo string, writeRecovery bool, began time.Time) error {
	src := source.Server(PGPort)
	switch f, ok := h.Files[dir]; {
	case source.DatabaseState() != "up":
		return fmt.Errorf("connection to server at %q, port 5432 failed: Connection refused", source.Name)
	case ok && (!f.Dir || len(h.children(dir)) > 0):
		return fmt.Errorf("directory %q exists but is not empty", dir)
	case h.DiskFull:
		return fmt.Errorf("could not write to file: No space left on device")
	}
	p := w.position(source, src)
	w.putData(h, dir, p, "in production", source.Files[src.Dir+"/postgresql.auto.conf"].Text)
	for _, name := range []string{PGTable, PGIndex} {
		w.put(h, string(PGUser), dir+"/"+name, source.Files[src.Dir+"/"+name].Text, 0o600)
	}
	from := p.LSN
	if sp := w.writing(source, src); sp != nil {
		from = sp.at(began)
	}
	w.finishBackup(h, dir, label, from, p, began, w.Now)
	if writeRecovery {
		w.put(h, string(PGUser), dir+"/standby.signal", "", 0o600)
		auto := dir + "/postgresql.auto.conf"
		w.put(h, string(PGUser), auto, withoutSetting(h.Files[auto].Text, "primary_conninfo")+"primary_conninfo = '"+conninfo+"'\n", 0o600)
	}
	w.Touched()
	return nil
}
