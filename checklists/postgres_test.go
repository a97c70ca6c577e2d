package checklists

import (
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// server is a real PostgreSQL as Debian keeps it: the settings lie outside the
// data directory. It listens on a socket of its own and nowhere else.
type server struct{ dir string }

func (s server) data() string   { return s.dir + "/data" }
func (s server) socket() string { return s.dir + "/sock" }

// pgLab is two hosts with a PostgreSQL each, a bucket, and the scripts of a
// runbook run between them by the real shell. sudo, systemctl, kubectl and
// journalctl are small scripts of this lab, first on the PATH.
type pgLab struct {
	t     *testing.T
	dir   string
	bin   string // of PostgreSQL
	hosts map[string]server
}

const labSettings = `listen_addresses = ''
unix_socket_directories = '%[1]s/sock'
hba_file = '%[1]s/etc/pg_hba.conf'
ident_file = '%[1]s/etc/pg_ident.conf'
wal_level = replica
wal_log_hints = on
fsync = off
archive_mode = on
archive_timeout = 2
archive_command = 'cmp -s %%p %[2]s/wal/%%f || (test ! -f %[2]s/wal/%%f && cp %%p %[2]s/wal/%%f.new && mv %[2]s/wal/%%f.new %[2]s/wal/%%f)'
max_connections = 120
timezone = 'America/New_York'
log_timezone = 'Europe/Berlin'
`

// newPgLab starts a primary on db-1, takes a base backup, and makes db-2 its
// replica; nil where there is no PostgreSQL.
func newPgLab(t *testing.T) *pgLab {
	t.Helper()
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/pg_amcheck")
	if err != nil || len(found) == 0 {
		t.Log("NOT RUN: no PostgreSQL in /usr/lib/postgresql; apt-get install postgresql (make setup does)")
		return nil
	}
	slices.Sort(found)
	l := &pgLab{t: t, bin: filepath.Dir(found[len(found)-1]), hosts: map[string]server{}}
	if l.dir, err = os.MkdirTemp("", "relight-books-"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		kept, _ := filepath.Glob("/var/tmp/relight-test-" + filepath.Base(l.dir) + "-*")
		for _, name := range append(kept, l.dir) {
			os.RemoveAll(name)
		}
	})
	l.write("bin/sudo", "#!/bin/sh\nu=\nwhile :; do case \"$1\" in -n) shift ;; -u) u=$2; shift 2 ;; *) break ;; esac; done\n"+
		"if [ -n \"$u\" ] && [ \"$(id -u)\" = 0 ]; then exec runuser -u \"$u\" -- \"$@\"; fi\nexec \"$@\"\n", 0o755)
	l.write("bin/systemctl", fmt.Sprintf("#!/bin/sh\nd=%s/$H\nctl() { sudo -u postgres %s/pg_ctl -D \"$d/data\" -w -t 60 \"$@\" > /dev/null; }\n"+
		"case \"$1\" in\nstart) ctl -l \"$d/log\" -o \"-c config_file=$d/etc/postgresql.conf\" start ;;\n"+
		"stop | disable) [ ! -e \"$d/data/postmaster.pid\" ] || ctl -m fast stop ;;\nrestart) ctl -m fast -l \"$d/log\" -o \"-c config_file=$d/etc/postgresql.conf\" restart ;;\nesac\n", l.dir, l.bin), 0o755)
	l.write("bin/kubectl", "#!/bin/sh\necho 3\n", 0o755)
	l.write("bin/journalctl", "#!/bin/sh\necho a line\n", 0o755)
	for _, d := range []string{"b/base", "b/wal"} {
		if err := os.MkdirAll(filepath.Join(l.dir, d), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"db-1", "db-2"} {
		s := server{filepath.Join(l.dir, name)}
		l.hosts[name] = s
		if err := os.MkdirAll(s.socket(), 0o755); err != nil {
			t.Fatal(err)
		}
		l.write(name+"/etc/postgresql.conf", fmt.Sprintf(labSettings, s.dir, l.dir+"/b"), 0o644)
		l.write(name+"/etc/pg_hba.conf", "local all all trust\nlocal replication all trust\n", 0o644)
		l.write(name+"/etc/pg_ident.conf", "", 0o644)
	}
	if os.Getuid() == 0 {
		if _, err := user.Lookup("postgres"); err != nil {
			t.Log("NOT RUN: root may not start a PostgreSQL, and there is no user postgres")
			return nil
		}
		l.sh("", "chown -R postgres "+l.dir)
	} else {
		l.write("bin/chown", "#!/bin/sh\nexit 0\n", 0o755)
	}
	t.Cleanup(func() {
		for name, s := range l.hosts {
			l.try(name, "systemctl stop x", nil)
			if t.Failed() {
				told, _, _ := l.try(name, "ls -l "+s.dir+" "+s.dir+"/*/pg_wal "+l.dir+"/b/wal; cat "+s.data()+"/pg_wal/*.history; tail -n 120 "+s.dir+"/log", nil)
				t.Logf("what %s says:\n%s", name, told)
			}
		}
	})
	l.sh("", "sudo -u postgres "+l.bin+"/initdb -D "+l.hosts["db-1"].data()+" -U postgres -A trust --no-sync -k > /dev/null; cd "+l.hosts["db-1"].data()+"; rm postgresql.conf pg_hba.conf pg_ident.conf")
	l.sh("db-1", "systemctl start x")
	l.ask("db-1", "create role replicator login superuser; create extension amcheck; create table relight_heartbeat (at timestamptz not null); insert into relight_heartbeat values (now());"+
		"create table blocks (height bigint primary key); insert into blocks select generate_series(1, 20000); create table orders (id bigserial primary key); insert into orders select from generate_series(1, 3000)")
	l.sh("db-1", "sudo -u postgres "+l.bin+"/pg_basebackup -D "+l.dir+"/b/base/base-a -X stream -c fast -l base-a")
	l.sh("db-2", "sudo -u postgres "+l.bin+"/pg_basebackup -h "+l.hosts["db-1"].socket()+" -U replicator -D "+l.hosts["db-2"].data()+" -X stream -c fast -R")
	l.sh("db-2", "systemctl start x")
	return l
}

func (l *pgLab) write(name, text string, mode os.FileMode) {
	l.t.Helper()
	p := filepath.Join(l.dir, name)
	if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
		l.t.Fatal(err)
	}
	if err := os.WriteFile(p, []byte(text), mode); err != nil {
		l.t.Fatal(err)
	}
	if err := os.Chmod(l.dir, 0o755); err != nil {
		l.t.Fatal(err)
	}
}

// try runs a script as a host would.
func (l *pgLab) try(host, script string, env []string) (stdout, stderr string, err error) {
	cmd := exec.Command("sh", "-c", script)
	cmd.Dir = "/"
	cmd.Env = append([]string{"PATH=" + l.dir + "/bin:/usr/bin:/bin:/usr/sbin:/sbin", "HOME=" + l.dir, "LC_ALL=C", "H=" + host, "PGUSER=postgres",
		"PGHOST=" + l.hosts[host].socket(), "RELIGHT_INCIDENT=test-" + filepath.Base(l.dir)}, env...)
	var out, errs strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &errs
	err = cmd.Run()
	return out.String(), errs.String(), err
}

func (l *pgLab) sh(host, script string) string {
	l.t.Helper()
	out, errs, err := l.try(host, script, nil)
	if err != nil {
		l.t.Fatalf("%s: %s: %v: %s%s", host, script, err, out, errs)
	}
	return strings.TrimSpace(out)
}

func (l *pgLab) ask(host, q string) string {
	l.t.Helper()
	return l.sh(host, "sudo -u postgres psql -d postgres -XAtqc '"+strings.ReplaceAll(q, "'", `'\''`)+"'")
}

// beat is some seconds of a life: rows, the heartbeat, and a new segment.
func (l *pgLab) beat(host string) {
	l.t.Helper()
	l.ask(host, "update relight_heartbeat set at = now(); insert into blocks select (select max(height) from blocks) + generate_series(1, 20); insert into orders select from generate_series(1, 20); select pg_switch_wal()")
}

// until waits for an answer.
func (l *pgLab) until(host, q, want string) {
	l.t.Helper()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	got := ""
	for end := time.Now().Add(60 * time.Second); time.Now().Before(end); <-tick.C {
		out, _, err := l.try(host, "sudo -u postgres psql -d postgres -XAtqc \""+q+"\"", nil)
		if got = strings.TrimSpace(out); err == nil && got == want {
			return
		}
	}
	l.t.Fatalf("%s on %s is %q, want %q", q, host, got, want)
}

// flight is a runbook with its parameters and what its steps captured.
type flight struct {
	*pgLab
	book Book
	env  map[string]string
}

func (l *pgLab) fly(id string, params map[string]string) *flight {
	l.t.Helper()
	b, err := Find(id)
	if err != nil {
		l.t.Fatal(err)
	}
	f := &flight{pgLab: l, book: b, env: map[string]string{"backups": l.dir + "/b/base", "archive": l.dir + "/b/wal", "tools": l.bin, "failed_unit_dir": l.dir + "/units"}}
	for _, p := range b.Params {
		if f.env[p.Name] == "" {
			f.env[p.Name] = p.Default
		}
	}
	for k, v := range params {
		f.env[k] = v
	}
	return f
}

func (f *flight) block(b Block) (out, errs string, err error) {
	host := f.env[strings.TrimPrefix(b.Host, "$")]
	env := []string{"PGDATABASE=postgres"}
	for k, v := range f.env {
		switch k {
		case "data":
			v = f.hosts[host].data()
		case "log":
			v = f.hosts[host].dir + "/log"
		}
		env = append(env, k+"="+v)
	}
	return f.try(host, b.Text, env)
}

func (f *flight) find(id string) Step {
	f.t.Helper()
	for _, s := range f.book.Steps() {
		if s.ID == id {
			return s
		}
	}
	f.t.Fatalf("%s has no step %s", f.book.ID, id)
	return Step{}
}

// do runs a step as the cockpit does: shell guards, the script, its shell
// verifications until they hold.
func (f *flight) do(ids ...string) {
	f.t.Helper()
	for _, id := range ids {
		s := f.find(id)
		for _, g := range s.Guards {
			if out, errs, err := f.block(g); g.Lang == "sh" && err != nil {
				f.t.Fatalf("%s: guard of %s: %v: %s%s", f.book.ID, id, err, out, errs)
			}
		}
		if s.Run != nil {
			out, errs, err := f.block(*s.Run)
			if err != nil {
				f.t.Fatalf("%s: %s: %v: %s%s", f.book.ID, id, err, out, errs)
			}
			if s.Run.Capture != "" {
				f.env[s.Run.Capture], _, _ = strings.Cut(out, "\n")
			}
		}
		if why := f.holds(id, 60*time.Second); why != "" {
			f.t.Fatalf("%s: %s does not hold: %s", f.book.ID, id, why)
		}
	}
}

// holds says why a step's shell verifications do not hold in that time.
func (f *flight) holds(id string, wait time.Duration) string {
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	end := time.Now().Add(wait)
	for _, v := range f.find(id).Verifies {
		for v.Lang == "sh" {
			out, errs, err := f.block(v)
			if err == nil {
				break
			}
			if time.Now().After(end) {
				return fmt.Sprintf("%v: %s%s", err, out, errs)
			}
			<-tick.C
		}
	}
	return ""
}

// The scripts of the database runbooks, as they are shipped, on a real
// PostgreSQL: a verified backup, a deletion taken back to the second, two
// primaries and the way back from them, and a whole restore.
func TestDatabaseBooksForReal(t *testing.T) {
	t.Parallel() // it waits more than it works
	l := newPgLab(t)
	if l == nil {
		return
	}
	both := map[string]string{"db": "db-1", "failed": "db-1", "replica": "db-2", "standby": "db-2", "control": "db-1", "source": l.hosts["db-1"].socket()}
	for range 3 {
		l.beat("db-1")
	}
	l.until("db-1", "select count(*) from pg_stat_archiver where archived_count > 4", "1")

	f := l.fly("backup-verification", map[string]string{"host": "db-2", "newest": "60", "work": "/var/tmp/relight-test-" + strings.ToLower(filepath.Base(l.dir)) + "-verify"})
	f.do("whole", "newest-backup", "wal", "restore", "rows", "sound", "result", "remove")

	orders, err := strconv.Atoi(l.ask("db-1", "select count(*) from orders"))
	if err != nil {
		t.Fatal(err)
	}
	l.until("db-1", "select date_trunc('second', now()) > (select at + interval '1 second' from relight_heartbeat)", "t")
	moment := time.Now().UTC().Format(time.RFC3339)
	l.until("db-1", "select date_trunc('second', now()) > timestamptz '"+moment+"'", "t")
	l.ask("db-1", "delete from orders where id <= 1000")
	l.beat("db-1")
	f = l.fly("database-point-in-time", both)
	f.env["target"], f.env["at_least"] = moment, strconv.Itoa(orders)
	f.do("confirm", "no-manager", "choose", "verify-backup", "verify-wal", "record-state", "move-aside", "restore", "recover", "inspect", "accept", "amcheck", "archive-on")
	l.beat("db-1")
	f.do("given-up", "backup", "build-replica")
	if got := l.ask("db-1", "select count(*) from orders"); got != strconv.Itoa(orders+20) {
		t.Errorf("%s orders after the way back, want %d", got, orders+20)
	}
	l.until("db-2", "select status from pg_stat_wal_receiver", "streaming")

	// Somebody promotes the replica while its primary lives: both take rows.
	f = l.fly("database-promote-replica", both)
	f.do("record-state", "promote", "state-lost")
	l.beat("db-1")
	l.beat("db-1")
	l.beat("db-2")
	f = l.fly("database-failback", map[string]string{"db": "db-2", "primary": "db-2", "old": "db-1", "failed": "db-1", "source": l.hosts["db-2"].socket()})
	f.do("no-manager", "fence-old", "fork", "put-back", "keep", "rewind", "start")
	l.until("db-1", "select status from pg_stat_wal_receiver", "streaming")
	l.until("db-1", "select count(*) from orders", l.ask("db-2", "select count(*) from orders"))

	// The new primary is restored whole, over two timelines, and the move of its
	// data was taken back once.
	swap := map[string]string{"db": "db-2", "failed": "db-2", "replica": "db-1", "standby": "db-1", "control": "db-1", "source": l.hosts["db-2"].socket()}
	for range 3 {
		l.beat("db-2")
	}
	want := l.ask("db-2", "select count(*) from orders")
	f = l.fly("database-full-restore", swap)
	f.do("choose", "verify-backup", "verify-wal", "record-state", "move-aside")
	if _, _, err := f.block(*f.find("move-aside").Undo); err != nil {
		t.Fatal(err)
	}
	l.until("db-2", "select count(*) from orders", want)
	f.do("move-aside", "restore", "recover", "inspect", "amcheck", "archive-on")
	if got := l.ask("db-2", "select count(*) from orders"); got != want {
		t.Errorf("%s orders after the restore, want %s", got, want)
	}
}
