package world

import (
	"strings"
	"testing"
	"time"
)

func dbWorld(t *testing.T) *World {
	t.Helper()
	w := New(7, at(0))
	return &w
}

func at(d time.Duration) time.Time {
	return time.Date(2026, 2, 3, 14, 0, 0, 0, time.UTC).Add(d)
}

// ask is one value of a query on the main server of a host.
func ask(t *testing.T, w *World, host, q string) string {
	t.Helper()
	h := w.Host(host)
	s := h.Server(PGPort)
	if s == nil {
		return "no server"
	}
	r, err := w.SQL(h, s, Session{Super: true}, q)
	if err != nil {
		return err.Error()
	}
	var out []string
	for _, v := range r.Cells[0] {
		if v == nil {
			out = append(out, "NULL")
			continue
		}
		out = append(out, *v)
	}
	return strings.Join(out, "|")
}

func systemctl(t *testing.T, w *World, host string, args ...string) Out {
	t.Helper()
	return w.Systemctl(w.Host(host), Root, args)
}

func TestReplicaFollowsAndTakesOver(t *testing.T) {
	w := dbWorld(t)
	w.Advance(at(20 * time.Second))
	if got := ask(t, w, "db-1", "select pg_is_in_recovery(), "+dbTimeline+", "+dbSessions); got != "f|1|12" {
		t.Errorf("db-1: %s", got)
	}
	if a, b := ask(t, w, "db-1", "SELECT pg_current_wal_lsn();"), ask(t, w, "db-2", "select pg_last_wal_replay_lsn()"); a != b || !strings.HasPrefix(a, "0/") {
		t.Errorf("%s, replayed %s", a, b)
	}
	if err := w.Fault("db-crash", "db-1"); err != nil {
		t.Fatal(err)
	}
	w.Advance(at(60 * time.Second))
	if got := ask(t, w, "db-2", "select (select status from pg_stat_wal_receiver), at from public.relight_heartbeat"); got != "NULL|2026-02-03 14:00:20+00" {
		t.Errorf("after the crash: %s", got)
	}
	if got := ask(t, w, "db-2", "select pg_promote(true, 60)"); got != "t" {
		t.Error(got)
	}
	w.Advance(at(80 * time.Second))
	if got := ask(t, w, "db-2", "select pg_is_in_recovery(), "+dbTimeline+", "+dbSessions+", at from public.relight_heartbeat"); got != "f|2|12|2026-02-03 14:01:20+00" {
		t.Errorf("promoted: %s", got)
	}
	// Nothing in PostgreSQL keeps the old one from coming back as a primary.
	systemctl(t, w, "db-1", "restart", PGUnit)
	w.Advance(at(90 * time.Second))
	if a, b := ask(t, w, "db-1", "select "+dbTimeline+", "+dbSessions), ask(t, w, "db-2", "select "+dbTimeline+", "+dbSessions); a != "1|12" || b != "2|0" {
		t.Errorf("two primaries: %s, %s", a, b)
	}
	// It cannot follow before it is rewound, and what it wrote since is listed.
	systemctl(t, w, "db-1", "stop", PGUnit)
	h := w.Host("db-1")
	w.put(h, string(PGUser), PGData+"/standby.signal", "", 0o600)
	w.put(h, string(PGUser), PGData+"/postgresql.auto.conf", "primary_conninfo = 'host=db-2'\n", 0o600)
	systemctl(t, w, "db-1", "start", PGUnit)
	w.Advance(at(100 * time.Second))
	if got := ask(t, w, "db-1", "select status from pg_stat_wal_receiver"); got != "NULL" {
		t.Errorf("it follows without a rewind: %s", got)
	}
	systemctl(t, w, "db-1", "stop", PGUnit)
	fork := w.Host("db-2").Server(PGPort).Past[0].End
	if text, ok := w.CommitsAfter(h, PGData+"/pg_wal", 1, fork); !ok || strings.Count(text, "COMMIT") != 10 {
		t.Errorf("%v, commits past the fork:\n%s", ok, text)
	}
	if out, err := w.Rewind(h, PGData, w.Host("db-2"), "host=db-2 user=postgres", true, false); err != nil || !strings.Contains(out, "diverged") {
		t.Errorf("%s, %v", out, err)
	}
	systemctl(t, w, "db-1", "start", PGUnit)
	w.Advance(at(110 * time.Second))
	if a, b := ask(t, w, "db-1", "select status from pg_stat_wal_receiver"), w.position(h, h.Server(PGPort)); a != "streaming" || b.TLI != 2 {
		t.Errorf("%s, %+v", a, b)
	}
}

// restore puts a base backup in the place of the data, with settings, and
// starts it.
func restore(t *testing.T, w *World, settings string) string {
	t.Helper()
	h := w.Host("db-1")
	systemctl(t, w, "db-1", "stop", PGUnit)
	if err := w.Rename(h, Root, PGData, PGData+".aside"); err != nil {
		t.Fatal(err)
	}
	names := h.children(PGBase)
	from := PGBase + "/" + names[len(names)-1]
	for p, f := range h.below(from) {
		h.Files[PGData+p] = f
	}
	h.Files[PGData] = h.Files[from]
	for p, f := range h.below(PGData + ".aside/pg_wal") {
		h.Files[PGData+"/pg_wal"+p] = f
	}
	auto := h.Files[PGData+"/postgresql.auto.conf"]
	auto.Text += "archive_mode = off\n" + settings
	h.Files[PGData+"/postgresql.auto.conf"] = auto
	w.put(h, string(PGUser), PGData+"/recovery.signal", "", 0o600)
	return systemctl(t, w, "db-1", "start", PGUnit).Stderr
}

const fetch = "restore_command = 'cp /backups/postgresql/wal/%f \"%p\"'\n"

func TestPointInTime(t *testing.T) {
	w := dbWorld(t)
	w.Advance(at(5*time.Minute + 30*time.Second))
	before := w.Holds(w.position(w.Host("db-1"), w.Host("db-1").Server(PGPort)))
	if err := w.Fault("db-bad-write", "db-1"); err != nil {
		t.Fatal(err)
	}
	w.Advance(at(8 * time.Minute))
	if now := ask(t, w, "db-1", "select count(*) from orders"); now == "" || w.Holds(w.position(w.Host("db-1"), w.Host("db-1").Server(PGPort))).Orders > before.Orders-4000 {
		t.Errorf("the bad write changed nothing: %s", now)
	}
	if out := restore(t, w, fetch+"recovery_target_time = '2026-02-03 14:05:29+00'\nrecovery_target_action = 'pause'\n"); out != "" {
		t.Fatal(out, w.Host("db-1").Journal(PGUnit, 5))
	}
	if got := ask(t, w, "db-1", "select pg_get_wal_replay_pause_state()"); got != "not paused" {
		t.Errorf("at once: %s", got)
	}
	w.Advance(at(9 * time.Minute))
	if got := ask(t, w, "db-1", "select pg_sleep(1)"); !strings.HasPrefix(got, "this rehearsal") {
		t.Errorf("a query that nobody asks: %s", got)
	}
	if got := ask(t, w, "db-1", "select pg_get_wal_replay_pause_state(), pg_last_xact_replay_timestamp()"); got != "paused|2026-02-03 14:05:29+00" {
		t.Errorf("at the target: %s", got)
	}
	ask(t, w, "db-1", "select pg_wal_replay_resume()")
	s := w.Host("db-1").Server(PGPort)
	if c := w.Holds(w.position(w.Host("db-1"), s)); s.TLI != 2 || c.Orders < before.Orders-1 || c.Last.After(w.Now) {
		t.Errorf("%+v, %+v, before %+v", s, c, before)
	}
	// The replica is ahead of where the new timeline left: it cannot follow.
	w.Advance(at(10 * time.Minute))
	if got := ask(t, w, "db-2", "select status from pg_stat_wal_receiver"); got != "NULL" {
		t.Errorf("the replica follows: %s", got)
	}
}

func TestRecoveryThatGoesWrong(t *testing.T) {
	for name, c := range map[string]struct {
		settings, fault, log string
		last                 string
	}{
		"target in the future":       {settings: fetch + "recovery_target_time = '2026-02-03 15:05:29+00'\n", log: "recovery ended before configured recovery target was reached"},
		"no zone: the server's own":  {settings: fetch + "recovery_target_time = '2026-02-03 14:05:00'\n", last: "2026-02-03 13:05:00+00"},
		"no such command":            {settings: "restore_command = 'gsutil cp gs://x/%f %p'\n", log: "command not found"},
		"no command":                 {log: "must specify restore_command"},
		"all of it":                  {settings: fetch, last: "2026-02-03 14:08:00+00"},
		"a gap ends it in silence":   {settings: fetch, fault: "wal-gap", last: "2026-02-03 13:33:00+00"},
		"a gap, and a target beyond": {settings: fetch + "recovery_target_time = '2026-02-03 14:05:00+00'\n", fault: "wal-gap", log: "recovery ended before"},
	} {
		w := dbWorld(t)
		w.Advance(at(8 * time.Minute))
		if c.fault != "" {
			if err := w.Fault(c.fault, "db-1"); err != nil {
				t.Fatal(err)
			}
		}
		out := restore(t, w, c.settings)
		w.Advance(at(9 * time.Minute))
		log := w.Host("db-1").Journal(PGUnit, 50)
		if c.log != "" && (out == "" || !strings.Contains(log, c.log)) {
			t.Errorf("%s: %q\n%s", name, out, log)
		}
		if s := w.Host("db-1").Server(PGPort); c.last != "" {
			if s == nil {
				t.Errorf("%s: %q\n%s", name, out, log)
				continue
			}
			p := s.Point
			if s.Mode == Primary {
				p = Point{Branch: p.Past[len(p.Past)-1].Branch, TLI: 1, LSN: p.Past[len(p.Past)-1].End, Past: p.Past[:len(p.Past)-1]}
			}
			if got := pgTime(w.Holds(p).Last); got != c.last {
				t.Errorf("%s: last %s, want %s\n%s", name, got, c.last, log)
			}
		}
	}
}

func TestBackupsAndFrozenReplicas(t *testing.T) {
	w := dbWorld(t)
	h := w.Host("db-2")
	names := h.children(PGBase)
	if len(names) != 2 || len(h.VerifyBackup(PGBase+"/"+names[1])) > 0 {
		t.Fatalf("%v: %v", names, h.VerifyBackup(PGBase+"/"+names[1]))
	}
	if err := w.Fault("backup-corrupt", "db-1"); err != nil {
		t.Fatal(err)
	}
	if wrong := h.VerifyBackup(PGBase + "/" + names[1]); len(wrong) != 1 || !strings.Contains(wrong[0], "checksum mismatch") {
		t.Error(wrong)
	}
	if err := w.Fault("replica-frozen", "db-2"); err != nil {
		t.Fatal(err)
	}
	w.Advance(at(time.Minute))
	if got := ask(t, w, "db-2", "select pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn(), (select extract(epoch from clock_timestamp() - last_msg_receipt_time) from pg_stat_wal_receiver)"); got != "t|60" {
		t.Errorf("a frozen replica: %s", got)
	}
	// Nobody writes while the application has no pods.
	rows := ask(t, w, "db-1", "select count(*) from blocks")
	w.Scale(w.Deployment(KubeNamespace, "virtengine-api"), 0)
	w.Advance(at(3 * time.Minute))
	if got := ask(t, w, "db-1", "select count(*) from blocks"); got != rows {
		t.Errorf("%s rows, then %s", rows, got)
	}
	w.Scale(w.Deployment(KubeNamespace, "virtengine-api"), 3)
	w.Advance(at(5 * time.Minute))
	if got := ask(t, w, "db-1", "select count(*) from blocks"); got == rows {
		t.Error("nobody writes after the application came back")
	}
	if err := w.BaseBackup(h, "/var/lib/postgresql/15/new", w.Host("db-1"), "new", "host=db-1", true, w.Now); err != nil || len(h.VerifyBackup("/var/lib/postgresql/15/new")) > 0 {
		t.Error(err, h.VerifyBackup("/var/lib/postgresql/15/new"))
	}
}
