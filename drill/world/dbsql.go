package world

import (
	"strconv"
	"strings"
	"time"

	"github.com/virtengine/relight/lazy"
)

// SQLError is what a server answers to a query that it does not take.
type SQLError struct{ Code, Text string }

func (e SQLError) Error() string { return e.Text }

// Rows is the answer to one query. A nil cell is NULL.
type Rows struct {
	Columns []string
	Cells   [][]*string
	Tag     string
}

// Session is a connection to a server: who asks, and what was set in it.
type Session struct {
	Super bool // the user postgres on the host itself
}

var (
	sqlSpace   = lazy.Pattern(`\s+`)
	sqlComment = lazy.Pattern(`--[^\n]*`)
)

// normalSQL is a query in one form: no comments, single blanks, small letters
// outside quotes, no semicolon at the end.
func normalSQL(q string) string {
	q = strings.TrimSpace(sqlSpace.ReplaceAllString(sqlComment.ReplaceAllString(q, " "), " "))
	q = strings.TrimSpace(strings.TrimSuffix(q, ";"))
	q = strings.ReplaceAll(strings.ReplaceAll(q, "( ", "("), " )", ")")
	parts := strings.Split(q, "'")
	for i := 0; i < len(parts); i += 2 {
		parts[i] = strings.ToLower(parts[i])
	}
	return strings.Join(parts, "'")
}

// splitTop splits at a sign that stands outside brackets and quotes.
func splitTop(s string, at byte) []string {
	var out []string
	depth, quoted, from := 0, false, 0
	for i := range len(s) {
		switch c := s[i]; {
		case c == '\'':
			quoted = !quoted
		case quoted:
		case c == '(':
			depth++
		case c == ')':
			depth--
		case c == at && depth == 0:
			out = append(out, strings.TrimSpace(s[from:i]))
			from = i + 1
		}
	}
	return append(out, strings.TrimSpace(s[from:]))
}

// Statements are the single statements of a text.
func Statements(text string) []string {
	var out []string
	for _, s := range splitTop(sqlComment.ReplaceAllString(text, " "), ';') {
		if s != "" {
			out = append(out, s)
		}
	}
	return out
}

// SQL answers one statement. It knows what watchers and runbooks ask, and
// answers everything else with an error.
func (w *World) SQL(h *Host, s *Server, ses Session, query string) (Rows, error) {
	q := normalSQL(query)
	if rest, ok := strings.CutPrefix(q, "select "); ok {
		exprs := splitTop(rest, ',')
		r := Rows{Tag: "SELECT 1", Cells: [][]*string{{}}}
		for _, e := range exprs {
			v, err := w.expr(h, s, ses, e)
			if err != nil {
				return Rows{}, err
			}
			r.Columns = append(r.Columns, "?column?")
			r.Cells[0] = append(r.Cells[0], v)
		}
		return r, nil
	}
	return w.command(h, s, ses, q)
}

var alterForm = lazy.Pattern(`^alter system (?:set ([a-z_]+) (?:=|to) '?([^']*)'?|reset ([a-z_]+))$`)

// command is a statement that is no query.
func (w *World) command(h *Host, s *Server, ses Session, q string) (Rows, error) {
	word, _, _ := strings.Cut(q, " ")
	switch word {
	case "begin", "commit", "rollback", "set", "start", "end":
		return Rows{Tag: strings.ToUpper(word)}, nil
	case "checkpoint":
		return Rows{Tag: "CHECKPOINT"}, nil
	case "alter":
		m := alterForm.FindStringSubmatch(q)
		if m == nil || !ses.Super {
			break
		}
		name := s.Dir + "/postgresql.auto.conf"
		f := h.Files[name]
		line := ""
		if m[1] != "" {
			line = m[1] + " = '" + m[2] + "'\n"
		}
		w.put(h, string(PGUser), name, withoutSetting(f.Text, m[1]+m[3])+line, 0o600)
		w.Touched()
		return Rows{Tag: "ALTER SYSTEM"}, nil
	}
	return Rows{}, SQLError{"42601", "this rehearsal does not know the statement: " + q}
}

func withoutSetting(text, key string) string {
	var keep strings.Builder
	for line := range strings.Lines(text) {
		if k, _, _ := strings.Cut(line, "="); strings.TrimSpace(k) != key {
			keep.WriteString(line)
		}
	}
	return keep.String()
}

func text(s string) (*string, error)    { return &s, nil }
func number(n int64) (*string, error)   { return text(strconv.FormatInt(n, 10)) }
func seconds(d time.Duration) *string   { s := strconv.FormatFloat(d.Seconds(), 'f', -1, 64); return &s }
func timestamp(t time.Time) *string     { s := pgTime(t); return &s }
func lsnText(l LSN) (*string, error)    { return text(l.String()) }
func sqlBool(b bool) (*string, error)   { return text(map[bool]string{true: "t", false: "f"}[b]) }
func only(what string) (*string, error) { return nil, SQLError{"55000", what} }

// expr is the value of one expression of a select list.
func (w *World) expr(h *Host, s *Server, ses Session, e string) (*string, error) {
	for _, family := range []func(*Host, *Server, Session, string) (*string, bool, error){w.recoveryExpr, w.statExpr, w.rowsExpr, w.adminExpr} {
		if v, ok, err := family(h, s, ses, e); ok {
			return v, err
		}
	}
	return nil, SQLError{"42883", "this rehearsal does not know the expression: " + e}
}

// recoveryExpr is what a server says of its place in the WAL.
func (w *World) recoveryExpr(h *Host, s *Server, _ Session, e string) (v *string, ok bool, err error) {
	p, standby := w.position(h, s), s.Mode != Primary
	ok = true
	switch e {
	case "1":
		v, err = text("1")
	case "pg_is_in_recovery()":
		v, err = sqlBool(standby)
	case "pg_current_wal_lsn()":
		if v, err = lsnText(p.LSN); standby {
			v, err = only("recovery is in progress")
		}
	case "pg_walfile_name(pg_current_wal_lsn())":
		if v, err = text(segment(p.TLI, p.LSN)); standby {
			v, err = only("recovery is in progress")
		}
	case "('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::int":
		if v, err = number(int64(p.TLI)); standby {
			v, err = only("recovery is in progress")
		}
	case dbTimeline:
		v, err = number(int64(p.TLI))
	case "case when pg_is_in_recovery() then pg_last_wal_replay_lsn() else pg_current_wal_lsn() end":
		v, err = lsnText(p.LSN)
	case "pg_last_wal_replay_lsn()":
		if standby {
			v, err = lsnText(s.LSN)
		}
	case "pg_last_wal_receive_lsn()":
		if standby {
			v, err = lsnText(max(s.Received, s.LSN))
		}
	case "pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn()",
		"pg_last_wal_replay_lsn() >= coalesce(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn())":
		if standby {
			v, err = sqlBool(s.Received <= s.LSN)
		}
	case "pg_last_xact_replay_timestamp()":
		if last := w.Holds(p).Last; standby && !last.IsZero() {
			v = timestamp(last)
		}
	case "pg_get_wal_replay_pause_state()", "case when pg_is_in_recovery() then pg_get_wal_replay_pause_state() end":
		switch {
		case !standby && e[0] == 'p':
			v, err = only("recovery is not in progress")
		case standby:
			v, err = text(s.pauseState())
		}
	case "pg_is_wal_replay_paused()":
		v, err = sqlBool(s.pauseState() == "paused")
	default:
		ok = false
	}
	return v, ok, err
}

func (s *Server) pauseState() string {
	if s.Held || s.Mode == Paused {
		return "paused"
	}
	return "not paused"
}

const (
	dbTimeline = "case when pg_is_in_recovery() then coalesce((select received_tli from pg_stat_wal_receiver), (select timeline_id from pg_control_checkpoint())) " +
		"else ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::int end"
	dbSessions = "(select count(*) from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid() and application_name <> 'relight')"
)

// statExpr is what the statistics say.
func (w *World) statExpr(h *Host, s *Server, _ Session, e string) (v *string, ok bool, err error) {
	_, src := w.source(h, s)
	ok = true
	switch e {
	case "(select system_identifier from pg_control_system())", "system_identifier from pg_control_system()":
		v, err = text(w.Databases.System)
	case "timeline_id from pg_control_checkpoint()":
		v, err = number(int64(s.TLI))
	case "(select status from pg_stat_wal_receiver)", "status from pg_stat_wal_receiver":
		if src != nil || s.Frozen {
			v, err = text("streaming")
		}
	case "(select extract(epoch from clock_timestamp() - last_msg_receipt_time) from pg_stat_wal_receiver)":
		if src != nil || s.Frozen {
			v = seconds(w.Now.Sub(s.LastMsg))
		}
	case dbSessions, strings.TrimSuffix(strings.TrimPrefix(dbSessions, "(select "), ")"):
		v, err = number(w.sessions(h, s))
	case "current_setting('archive_mode')":
		v, err = text(map[bool]string{true: "on", false: "off"}[s.Archives])
	case "(select coalesce(last_failed_time > coalesce(last_archived_time, '-infinity'), false) from pg_stat_archiver)":
		v, err = sqlBool(s.Failed.After(s.Archived))
	case "last_archived_time from pg_stat_archiver":
		if !s.Archived.IsZero() {
			v = timestamp(s.Archived)
		}
	case "(select count(*) from pg_stat_replication where state = 'streaming')", "count(*) from pg_stat_replication where state = 'streaming'":
		v, err = number(w.streamers(h))
	case "current_setting('server_version_num')":
		v, err = text("150018")
	default:
		ok = false
	}
	return v, ok, err
}

// sessions is how many clients are connected: four for each pod of the
// application, where it writes.
func (w *World) sessions(h *Host, s *Server) int64 {
	if sp := w.writing(h, s); sp != nil && sp.Writes {
		return 4 * int64(w.Serving(w.Deployment(KubeNamespace, "virtengine-api")))
	}
	return 0
}

func (w *World) streamers(of *Host) int64 {
	n := int64(0)
	for _, h := range w.Hosts {
		for _, s := range h.Servers {
			if from, _ := w.source(h, s); from == of {
				n++
			}
		}
	}
	return n
}

// rowsExpr is what the tables hold.
func (w *World) rowsExpr(h *Host, s *Server, _ Session, e string) (v *string, ok bool, err error) {
	c := w.Holds(w.position(h, s))
	ok = true
	switch e {
	case "to_regclass('public.relight_heartbeat') is not null":
		v, err = sqlBool(true)
	case "extract(epoch from clock_timestamp() - max(at)) from public.relight_heartbeat":
		v = seconds(w.Now.Sub(c.Last))
	case "at from public.relight_heartbeat", "max(at) from public.relight_heartbeat", "max(at) from relight_heartbeat":
		v = timestamp(c.Last)
	case "extract(epoch from max(at))::bigint from public.relight_heartbeat":
		v, err = number(c.Last.Unix())
	case "count(*) from blocks":
		v, err = number(c.Blocks)
	case "count(*) from orders":
		v, err = number(c.Orders)
	case "max(height) - min(height) + 1 - count(*) from blocks":
		v, err = number(0)
	default:
		ok = false
	}
	return v, ok, err
}

var slotForm = lazy.Pattern(`^(?:slot_name from )?pg_create_physical_replication_slot\('([a-z0-9_]+)'(?:, (?:true|false))?\)$`)

// adminExpr are functions that change the server.
func (w *World) adminExpr(h *Host, s *Server, ses Session, e string) (v *string, ok bool, err error) {
	slot := slotForm.FindStringSubmatch(e)
	switch {
	case strings.HasPrefix(e, "pg_promote("), e == "pg_wal_replay_resume()", e == "pg_wal_replay_pause()", e == "pg_reload_conf()", slot != nil,
		strings.HasPrefix(e, "count(pg_terminate_backend(pid)) from pg_stat_activity where "), e == "pg_switch_wal()":
	default:
		return nil, false, nil
	}
	if !ses.Super {
		return nil, true, SQLError{"42501", "permission denied"}
	}
	w.Touched()
	standby := s.Mode != Primary
	switch {
	case slot != nil:
		s.Slots = append(s.Slots, slot[1])
		v, err = text(slot[1])
	case e == "pg_reload_conf()":
		s.Archives = h.setting(s.Dir, "archive_mode") == "on" && s.Archives // archive_mode takes a restart
		v, err = sqlBool(true)
	case strings.HasPrefix(e, "count("):
		v, err = number(w.sessions(h, s)) // they come back while the application runs
	case e == "pg_switch_wal()":
		v, err = lsnText(w.position(h, s).LSN)
	case !standby:
		v, err = only("recovery is not in progress")
	case e == "pg_wal_replay_pause()":
		s.Held = true
		v, err = text("")
	case e == "pg_wal_replay_resume()":
		if s.Held = false; s.Mode == Paused {
			w.Promote(h, s, "at the recovery target")
		}
		v, err = text("")
	default:
		if s.Mode == Recovering {
			return nil, true, SQLError{"55000", "recovery from the archive goes on"}
		}
		if s.Held {
			s.Held = false
			s.LSN = max(s.LSN, s.Received)
		}
		w.Promote(h, s, "no recovery target specified")
		v, err = sqlBool(true)
	}
	return v, true, err
}
