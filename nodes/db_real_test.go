package nodes

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// cluster is a real PostgreSQL: a primary and its replica, on the loopback.
type cluster struct {
	t    *testing.T
	bin  string
	dir  string
	port [2]int
}

// startCluster starts both, or says loudly that there is no PostgreSQL here.
func startCluster(t *testing.T) *cluster {
	t.Helper()
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/pg_basebackup")
	if err != nil || len(found) == 0 {
		t.Log("NOT RUN: no PostgreSQL in /usr/lib/postgresql; apt-get install postgresql-15 (make setup does)")
		return nil
	}
	slices.Sort(found)
	c := &cluster{t: t, bin: filepath.Dir(found[len(found)-1])}
	if c.dir, err = os.MkdirTemp("", "relight-pg-"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(c.dir) })
	if os.Getuid() == 0 { // a server refuses to run as root
		u, err := user.Lookup("postgres")
		if err != nil {
			t.Log("NOT RUN: root may not start a PostgreSQL, and there is no user postgres")
			return nil
		}
		uid, _ := strconv.Atoi(u.Uid)
		gid, _ := strconv.Atoi(u.Gid)
		if err := os.Chown(c.dir, uid, gid); err != nil {
			t.Fatal(err)
		}
	}
	for i := range c.port {
		c.port[i] = freePort(t)
	}
	c.run("initdb", "-D", c.data(0), "-U", "postgres", "-A", "trust", "--no-sync")
	c.start(0)
	c.sql(0, "create role watcher login password 'hidden-word'; grant pg_monitor to watcher; create table public.relight_heartbeat (at timestamptz not null);"+
		"insert into public.relight_heartbeat values (now()); grant select on public.relight_heartbeat to watcher")
	c.run("pg_basebackup", "-D", c.data(1), "-h", "127.0.0.1", "-p", strconv.Itoa(c.port[0]), "-U", "postgres", "-X", "stream", "-c", "fast", "-R", "--no-sync")
	c.start(1)
	return c
}

func freePort(t *testing.T) int {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

func (c *cluster) data(i int) string { return filepath.Join(c.dir, fmt.Sprint("data", i)) }

// run runs a program of PostgreSQL, as its own user where this is root.
func (c *cluster) run(name string, args ...string) string {
	c.t.Helper()
	all := append([]string{filepath.Join(c.bin, name)}, args...)
	if os.Getuid() == 0 {
		all = append([]string{"runuser", "-u", "postgres", "--"}, all...)
	}
	cmd := exec.Command(all[0], all[1:]...)
	cmd.Dir = "/"
	out, err := cmd.Output()
	if err != nil {
		c.t.Fatalf("%s: %v: %s", name, err, out)
	}
	return strings.TrimSpace(string(out))
}

func (c *cluster) start(i int) {
	c.t.Helper()
	opts := fmt.Sprintf("-p %d -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off -c wal_receiver_status_interval=1", c.port[i])
	c.run("pg_ctl", "-D", c.data(i), "-w", "-t", "30", "-l", filepath.Join(c.dir, fmt.Sprint("log", i)), "-o", opts, "start")
	c.t.Cleanup(func() { c.stop(i) })
}

func (c *cluster) stop(i int) {
	if _, err := os.Stat(filepath.Join(c.data(i), "postmaster.pid")); err == nil {
		c.run("pg_ctl", "-D", c.data(i), "-w", "-m", "immediate", "stop")
	}
}

func (c *cluster) sql(i int, q string) string {
	c.t.Helper()
	return c.run("psql", "-h", "127.0.0.1", "-p", strconv.Itoa(c.port[i]), "-U", "postgres", "-XAtqc", q)
}

// wayDialer goes out directly, also where a way through a host is asked for.
type wayDialer struct {
	net.Dialer
	mu  sync.Mutex
	via []string
}

func (d *wayDialer) Dial(ctx context.Context, network, addr string) (net.Conn, error) {
	return d.DialContext(ctx, network, addr)
}

func (d *wayDialer) DialHost(ctx context.Context, host, network, addr string) (net.Conn, error) {
	d.mu.Lock()
	d.via = append(d.via, host+" "+addr)
	d.mu.Unlock()
	return d.DialContext(ctx, network, addr)
}

// TestDatabasesForReal looks at a real primary and its replica: in step, held,
// frozen, promoted beside the old primary, dead.
func TestDatabasesForReal(t *testing.T) {
	c := startCluster(t)
	if c == nil {
		return
	}
	dsn := func(i int, way string) func() (string, error) {
		return func() (string, error) {
			return fmt.Sprintf("%spostgres://watcher:hidden-word@127.0.0.1:%d/postgres?sslmode=disable", way, c.port[i]), nil
		}
	}
	d := &wayDialer{}
	w := New(Fleet{Databases: []DatabaseSpec{{Name: "a", DSN: dsn(0, "")}, {Name: "b", Host: "hb", DSN: dsn(1, "ssh:")}}}, d, nil, Options{})
	defer w.Close()
	began := time.Now()
	look := func() (Database, Database) {
		s := w.Look(t.Context(), began.Add(time.Since(began)))
		return s.Databases[0], s.Databases[1]
	}
	until := func(what string, ok func(a, b Database) bool) (a, b Database) {
		t.Helper()
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		for end := time.Now().Add(8 * time.Second); time.Now().Before(end); <-tick.C {
			if a, b = look(); ok(a, b) {
				return a, b
			}
		}
		t.Errorf("%s never came:\n%+v\n%+v", what, a, b)
		return a, b
	}
	a, b := until("in step", func(a, b Database) bool { return b.Replay == ReplayStreaming && b.LagBytes == 0 })
	if a.State != Up || a.Role != RolePrimary || a.Timeline != 1 || a.Replicas != 1 || a.HeartbeatAge < 0 || a.Archiving != False || a.Sessions != 0 {
		t.Errorf("primary: %+v", a)
	}
	if b.Role != RoleReplica || b.Timeline != 1 || b.System != a.System || b.HeardAge < 0 || len(d.via) == 0 || !strings.HasPrefix(d.via[0], "hb 127.0.0.1:") {
		t.Errorf("replica: %+v, %v", b, d.via)
	}
	// It cannot write, whatever it would send.
	if conn, err := w.dialDB(t.Context(), w.fleet.Databases[0], time.Second); err != nil {
		t.Error(err)
	} else {
		if _, err := oneRow(t.Context(), conn, "create table x()"); err == nil || !strings.Contains(err.Error(), "read-only") {
			t.Errorf("a write: %v", err)
		}
		conn.Close(t.Context())
	}

	if line, err := w.Ask(t.Context(), "a", "select 1, null, 'x'; select 2"); err != nil || line != "1||x" {
		t.Errorf("%q, %v", line, err)
	}
	if line, err := w.Ask(t.Context(), "b", "drop table public.relight_heartbeat"); err == nil || !strings.Contains(err.Error(), "read-only") {
		t.Errorf("a write: %q, %v", line, err)
	}

	c.sql(1, "select pg_wal_replay_pause()")
	c.sql(0, "create table fill as select generate_series(1, 20000)")
	until("held", func(_, b Database) bool { return b.Replay == ReplayPaused && b.LagBytes > 100_000 })
	c.sql(1, "select pg_wal_replay_resume()")
	until("in step again", func(_, b Database) bool { return b.Replay == ReplayStreaming && b.LagBytes == 0 })

	// A receiver that stands still says of itself that all is replayed.
	pid, err := strconv.Atoi(c.sql(1, "select pid from pg_stat_wal_receiver"))
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	c.sql(0, "create table more as select generate_series(1, 20000)")
	_, b = until("frozen", func(_, b Database) bool { return b.LagBytes > 100_000 && b.HeardAge > time.Second })
	if b.Received != b.LSN || b.Replay != ReplayStreaming {
		t.Errorf("frozen: %+v", b)
	}
	if err := syscall.Kill(pid, syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	until("thawed", func(_, b Database) bool { return b.LagBytes == 0 })

	c.sql(1, "select pg_promote(true, 30)")
	a, b = until("two primaries", func(a, b Database) bool { return a.Role == RolePrimary && b.Role == RolePrimary })
	if b.Timeline != 2 || a.Timeline != 1 {
		t.Errorf("timelines %d and %d", a.Timeline, b.Timeline)
	}

	c.stop(0)
	a, _ = until("dead", func(a, _ Database) bool { return a.State == Down && a.Fails >= 2 })
	if a.Fail != FailRefused || strings.Contains(a.Err, "hidden") {
		t.Errorf("dead: %+v", a)
	}
	c.sql(1, "alter role watcher nologin")
	w.dbs[1].hangUp()
	if _, b = look(); b.State != Down || b.Fail != FailAnswer || !strings.Contains(b.Err, "not permitted") || strings.Contains(b.Err, "hidden") {
		t.Errorf("refused: %+v", b)
	}
}
