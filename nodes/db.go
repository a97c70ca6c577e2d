package nodes

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/virtengine/relight/safe"
)

// DatabaseSpec is one PostgreSQL server.
type DatabaseSpec struct {
	Name    string
	Host    string // name in Fleet.Hosts; "" if it runs elsewhere
	Role    string // what it is meant to be: primary or replica
	Manager string // who else promotes it; "" or "none": nobody
	// DSN reads how to connect, a secret: a URL or keywords as libpq takes them.
	// With "ssh:" in front the way goes through Host. nil: it cannot be asked.
	DSN func() (string, error)
}

// DatabaseRole is what a server says it is.
type DatabaseRole string

// The roles of a server.
const (
	RolePrimary DatabaseRole = "primary"
	RoleReplica DatabaseRole = "replica"
)

// Replay is what a server does with the WAL of another.
type Replay string

// The states of replay.
const (
	ReplayNone      Replay = "none"      // a primary follows nobody
	ReplayStreaming Replay = "streaming" // it hears the primary and replays
	ReplayPaused    Replay = "paused"    // somebody, or a recovery target, holds it
	ReplayCut       Replay = "cut"       // it hears nobody
)

// Database is what a server said of itself. The values below State are those of
// the last answer.
type Database struct {
	Name    string `json:"name"`
	Host    string `json:"host,omitempty"`
	Meant   string `json:"meant,omitempty"`
	Manager string `json:"manager,omitempty"`
	State   State  `json:"state"`
	Fail    Fail   `json:"fail,omitempty"`
	Err     string `json:"err,omitempty"` // short, safe to draw, without secrets
	// Fails is how many looks in a row had no answer, the first of them at Since.
	Fails   int       `json:"fails,omitempty"`
	Since   time.Time `json:"since,omitzero"`
	AskedAt time.Time `json:"asked_at,omitzero"`
	SeenAt  time.Time `json:"seen_at,omitzero"`

	System   string       `json:"system,omitempty"` // the cluster's identity: copies share it
	Role     DatabaseRole `json:"role,omitempty"`
	Timeline int64        `json:"timeline,omitempty"` // 0: not known
	LSN      int64        `json:"lsn,omitempty"`      // written, or replayed by a replica; -1: not known
	Received int64        `json:"received,omitempty"` // by a replica; -1: not known
	Replay   Replay       `json:"replay,omitempty"`
	// HeardAge is how long ago a replica heard its primary, HeartbeatAge how old
	// the heartbeat row is; negative: not known.
	HeardAge     time.Duration `json:"heard_age,omitempty"`
	HeartbeatAge time.Duration `json:"heartbeat_age,omitempty"`
	LagBytes     int64         `json:"lag_bytes,omitempty"` // of its primary's WAL; -1: not known
	LagWhy       string        `json:"lag_why,omitempty"`
	// LossAge is how much older a replica's newest row is than the last sign of
	// life of its primary: what a promotion would lose, at most; negative: not
	// known.
	LossAge    time.Duration `json:"loss_age"`
	Sessions   int64         `json:"sessions"`
	Replicas   int64         `json:"replicas"`
	Archiving  Tri           `json:"archiving"` // False: switched off, or failing now
	ArchiveWhy string        `json:"archive_why,omitempty"`
}

// Database is the database of that name.
func (s Snapshot) Database(name string) (Database, bool) {
	for _, d := range s.Databases {
		if d.Name == name {
			return d, true
		}
	}
	return Database{}, false
}

// dbState is what is kept of a database between looks.
type dbState struct {
	spec  DatabaseSpec
	view  Database
	conn  *pgconn.PgConn
	beats bool // it has the heartbeat table
	round int64
}

// dbLook is everything of one look, in one row. Each part that a user without
// rights cannot read is NULL, and then not known.
const dbLook = `select pg_is_in_recovery(),
 (select system_identifier from pg_control_system()),
 case when pg_is_in_recovery() then coalesce((select received_tli from pg_stat_wal_receiver), (select timeline_id from pg_control_checkpoint()))
 else ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::int end,
 case when pg_is_in_recovery() then pg_last_wal_replay_lsn() else pg_current_wal_lsn() end,
 pg_last_wal_receive_lsn(),
 case when pg_is_in_recovery() then pg_get_wal_replay_pause_state() end,
 (select status from pg_stat_wal_receiver),
 (select extract(epoch from clock_timestamp() - last_msg_receipt_time) from pg_stat_wal_receiver),
 (select count(*) from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid() and application_name <> 'relight'),
 (select count(*) from pg_stat_replication where state = 'streaming'),
 current_setting('archive_mode'),
 (select coalesce(last_failed_time > coalesce(last_archived_time, '-infinity'), false) from pg_stat_archiver),
 to_regclass('public.relight_heartbeat') is not null`

// dbBeat is the age of the heartbeat row.
const dbBeat = `select extract(epoch from clock_timestamp() - max(at)) from public.relight_heartbeat`

// dbColumns is how many columns dbLook has.
const dbColumns = 13

// newDatabases are the states before the first look.
func newDatabases(specs []DatabaseSpec) []dbState {
	out := make([]dbState, len(specs))
	for i, d := range specs {
		out[i] = dbState{spec: d, view: Database{Name: d.Name, Host: d.Host, Meant: d.Role, Manager: d.Manager, State: NeverAsked,
			LSN: -1, Received: -1, LagBytes: -1, HeardAge: -1, HeartbeatAge: -1, LossAge: -1}}
	}
	return out
}

// databaseJobs ask every database. One that gave no answer in time is asked
// less often.
func (w *Watcher) databaseJobs(now time.Time) []job {
	var jobs []job
	for i := range w.dbs {
		d := &w.dbs[i]
		if d.spec.DSN == nil {
			d.view.Err = "the configuration gives no dsn"
			continue
		}
		if d.view.Fail == FailTimeout && d.view.Fails >= silentAfter && w.round-d.round < silentEvery {
			continue
		}
		round, timeout := w.round, w.opts.Timeout*3/4 // within the time of the look, so that silence is told from haste
		jobs = append(jobs, func(ctx context.Context) func() {
			whole := ctx
			ctx, cancel := context.WithTimeout(ctx, timeout)
			defer cancel()
			next, err := w.askDatabase(ctx, d)
			if err != nil && whole.Err() != nil {
				return nil // the caller gave up: that says nothing about it
			}
			return func() { d.round, d.view = round, d.view.after(now, next, err) }
		})
	}
	return jobs
}

// after is what is known of a database, asked once more.
func (d Database) after(now time.Time, next Database, err error) Database {
	if err == nil {
		next.Name, next.Host, next.Meant, next.Manager = d.Name, d.Host, d.Meant, d.Manager
		next.State, next.AskedAt, next.SeenAt = Up, now, now
		return next
	}
	d.State, d.AskedAt, d.Fails = Down, now, d.Fails+1
	d.Fail, d.Err = classifyDB(err)
	if d.Since.IsZero() {
		d.Since = now
	}
	return d
}

// askDatabase asks over the kept connection, or over a new one. A connection
// that was lost since the last look is tried anew at once: only that says
// whether the server is gone.
func (w *Watcher) askDatabase(ctx context.Context, d *dbState) (Database, error) {
	kept := d.conn != nil && !d.conn.IsClosed()
	if !kept {
		if err := w.connectDB(ctx, d); err != nil {
			return Database{}, err
		}
	}
	v, err := d.read(ctx)
	var said *pgconn.PgError
	if err == nil || errors.As(err, &said) && !strings.HasPrefix(said.Code, "57") {
		return v, err
	}
	d.hangUp()
	if !kept {
		return v, err
	}
	if err := w.connectDB(ctx, d); err != nil {
		return Database{}, err
	}
	if v, err = d.read(ctx); err != nil {
		d.hangUp()
	}
	return v, err
}

func (w *Watcher) connectDB(ctx context.Context, d *dbState) (err error) {
	d.conn, err = w.dialDB(ctx, d.spec, w.opts.Timeout)
	return err
}

// hangUp drops the connection without a farewell, which could wait.
func (d *dbState) hangUp() {
	if d.conn != nil {
		d.conn.Conn().Close()
		d.conn = nil
	}
}

// errNoWay says that a database cannot be asked at all.
var errNoWay = errors.New("no way to ask it")

// dialDB opens a connection that can only read.
func (w *Watcher) dialDB(ctx context.Context, spec DatabaseSpec, timeout time.Duration) (*pgconn.PgConn, error) {
	if spec.DSN == nil {
		return nil, fmt.Errorf("%w: the configuration gives no dsn", errNoWay)
	}
	dsn, err := spec.DSN()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errNoWay, err)
	}
	dsn, through := strings.CutPrefix(dsn, "ssh:")
	cfg, err := pgconn.ParseConfig(dsn)
	if err != nil {
		return nil, fmt.Errorf("%w: its dsn cannot be read: want postgres://USER@HOST:PORT/NAME, or keywords", errNoWay)
	}
	oneServer(cfg)
	cfg.ConnectTimeout = timeout
	cfg.DialFunc = w.dialer.Dial
	if through && spec.Host == "" {
		return nil, fmt.Errorf("%w: its dsn goes through its host, and none is configured", errNoWay)
	}
	if through {
		cfg.DialFunc = func(ctx context.Context, network, addr string) (net.Conn, error) {
			return w.dialer.DialHost(ctx, spec.Host, network, addr)
		}
		cfg.LookupFunc = func(_ context.Context, host string) ([]string, error) { return []string{host}, nil }
	}
	for k, v := range map[string]string{"application_name": "relight", "default_transaction_read_only": "on",
		"statement_timeout": strconv.FormatInt(timeout.Milliseconds(), 10), "timezone": "UTC", "datestyle": "ISO"} {
		cfg.RuntimeParams[k] = v
	}
	return pgconn.ConnectConfig(ctx, cfg)
}

// oneServer keeps a connection string to its first server, whatever role that
// has: a name of the configuration is one server, and a list of them, or an
// environment that asks for a primary, would let another one answer for it.
func oneServer(cfg *pgconn.Config) {
	cfg.ValidateConnect, cfg.AfterConnect = nil, nil
	var same []*pgconn.FallbackConfig
	for _, f := range cfg.Fallbacks { // with and without TLS
		if f.Host == cfg.Host && f.Port == cfg.Port {
			same = append(same, f)
		}
	}
	cfg.Fallbacks = same
}

// read asks for everything.
func (d *dbState) read(ctx context.Context) (Database, error) {
	row, err := oneRow(ctx, d.conn, dbLook)
	if err != nil {
		return Database{}, err
	}
	if len(row) != dbColumns {
		return Database{}, fmt.Errorf("%w: %d columns", errBadAnswer, len(row))
	}
	v := readDB(row)
	if string(row[12]) == "t" {
		if row, err = oneRow(ctx, d.conn, dbBeat); err == nil && len(row) == 1 {
			v.HeartbeatAge = dbSeconds(row[0])
		} else if ctx.Err() != nil {
			return Database{}, err
		}
	}
	return v, nil
}

// oneRow runs one query that gives one row, as text; NULL is nil.
func oneRow(ctx context.Context, conn *pgconn.PgConn, sql string) ([][]byte, error) {
	res, err := conn.Exec(ctx, sql).ReadAll()
	if err != nil {
		return nil, err
	}
	if len(res) != 1 || len(res[0].Rows) != 1 {
		return nil, fmt.Errorf("%w: not one row", errBadAnswer)
	}
	return res[0].Rows[0], nil
}

// readDB reads the row of dbLook.
func readDB(row [][]byte) Database {
	text := func(i int) string { return safe.Line(string(row[i])) }
	num := func(i int) int64 {
		n, err := strconv.ParseInt(string(row[i]), 10, 64)
		if err != nil {
			return -1
		}
		return n
	}
	v := Database{System: safe.Short(text(1), 40), Timeline: max(0, num(2)), LSN: dbLSN(row[3]), Received: dbLSN(row[4]),
		HeardAge: dbSeconds(row[7]), HeartbeatAge: -1, LagBytes: -1, LossAge: -1, Sessions: num(8), Replicas: num(9), Role: RoleReplica}
	switch {
	case string(row[0]) == "f":
		v.Role, v.Replay = RolePrimary, ReplayNone
	case string(row[5]) == "paused" || string(row[5]) == "pause requested":
		v.Replay = ReplayPaused
	case string(row[6]) == "streaming":
		v.Replay = ReplayStreaming
	default:
		v.Replay = ReplayCut
	}
	switch mode, failing := string(row[10]), string(row[11]); {
	case mode == "off":
		v.Archiving, v.ArchiveWhy = False, "archive_mode is off"
	case failing == "t":
		v.Archiving, v.ArchiveWhy = False, "the archive command fails"
	case (mode == "on" || mode == "always") && failing == "f":
		v.Archiving = True
	default:
		v.ArchiveWhy = "not to be read"
	}
	return v
}

// dbLSN reads a position in the WAL, -1 if there is none.
func dbLSN(b []byte) int64 {
	hi, lo, ok := strings.Cut(string(b), "/")
	a, errA := strconv.ParseUint(hi, 16, 31)
	c, errB := strconv.ParseUint(lo, 16, 32)
	if !ok || errA != nil || errB != nil {
		return -1
	}
	return int64(a<<32 | c)
}

// dbSeconds reads a number of seconds, -1 if there is none. A row from the
// future (two clocks differ) is no younger than now.
func dbSeconds(b []byte) time.Duration {
	f, err := strconv.ParseFloat(string(b), 64)
	if err != nil || f > 1e9 || f < -1e9 {
		return -1
	}
	return time.Duration(max(0, f) * float64(time.Second))
}

// classifyDB is classify, without anything that a connection string holds.
func classifyDB(err error) (Fail, string) {
	var said *pgconn.PgError
	switch {
	case errors.As(err, &said):
		return FailAnswer, safe.Short("the server says: "+said.Message+" ("+said.Code+")", 120)
	case errors.Is(err, errNoWay):
		return FailAnswer, safe.Short(err.Error(), 160)
	case pgconn.Timeout(err), errors.Is(err, context.DeadlineExceeded):
		return FailTimeout, "no answer in time"
	}
	switch f, _ := classify(err); f {
	case FailHostKey:
		return f, "the host on the way showed a wrong key"
	case FailRefused:
		return f, "connection refused"
	case FailTimeout:
		return f, "no answer in time"
	case FailReach:
		return f, "not reached"
	}
	return FailAnswer, "something answers, but not as PostgreSQL, or the connection broke"
}
