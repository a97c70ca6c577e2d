package shell

import (
	"strings"
	"testing"
	"time"

	"github.com/virtengine/relight/checklists"
)

// bookRun runs the blocks of a runbook's steps in the world, as the cockpit does:
// parameters and captures as environment variables.
type bookRun struct {
	*box
	t    *testing.T
	book checklists.Book
	env  map[string]string
}

func newBookRun(t *testing.T, id string, params map[string]string) *bookRun {
	t.Helper()
	b, err := checklists.Find(id)
	if err != nil {
		t.Fatal(err)
	}
	r := &bookRun{box: newBox(), t: t, book: b, env: map[string]string{}}
	for _, p := range b.Params {
		r.env[p.Name] = p.Default
	}
	for k, v := range params {
		r.env[k] = v
	}
	r.pass(6 * time.Minute)
	return r
}

func (r *bookRun) pass(d time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.w.Advance(r.w.Now.Add(d))
}

func (r *bookRun) fault(name, target string) {
	r.t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.w.Fault(name, target); err != nil {
		r.t.Fatal(err)
	}
}

func (r *bookRun) block(b checklists.Block) (out, errout string, code int) {
	r.t.Helper()
	host := b.Host
	if name, ok := strings.CutPrefix(host, "$"); ok {
		host = r.env[name]
	}
	var env []string
	for k, v := range r.env {
		env = append(env, k+"="+v)
	}
	var o, e strings.Builder
	var s Shell
	code = s.Run(r.t.Context(), r.machine(host), Invocation{Command: b.Text, Env: env, Stdout: &o, Stderr: &e})
	return o.String(), e.String(), code
}

func (r *bookRun) find(step string) checklists.Step {
	r.t.Helper()
	for _, p := range r.book.Phases {
		for _, g := range p.Groups {
			for _, s := range g.Steps {
				if s.ID == step {
					return s
				}
			}
		}
	}
	r.t.Fatalf("%s has no step %s", r.book.ID, step)
	return checklists.Step{}
}

// run runs a step's script, which must end well, and keeps its capture.
func (r *bookRun) run(step string) string {
	r.t.Helper()
	b := *r.find(step).Run
	out, errout, code := r.block(b)
	if code != 0 {
		r.t.Fatalf("%s: exit %d: %s%s", step, code, out, errout)
	}
	if b.Capture != "" {
		r.env[b.Capture], _, _ = strings.Cut(out, "\n")
	}
	return out
}

// checks runs the shell verifications of a step and gives the first failure.
func (r *bookRun) checks(step string) string {
	r.t.Helper()
	for _, b := range r.find(step).Verifies {
		if b.Lang != "sh" {
			continue
		}
		if out, errout, code := r.block(b); code != 0 {
			return out + errout
		}
	}
	return ""
}

func (r *bookRun) guards(step string) string {
	r.t.Helper()
	for _, b := range r.find(step).Guards {
		if b.Lang != "sh" {
			continue
		}
		if out, errout, code := r.block(b); code != 0 {
			return out + errout
		}
	}
	return ""
}

func databaseParams() map[string]string {
	return map[string]string{"db": "db-1", "failed": "db-1", "replica": "db-2", "standby": "db-2", "source": "db-1", "control": "monitor-1",
		"target": "2026-02-03T14:05:00Z", "at_least": "21000"}
}

// A backup with a flipped byte is found before anything is moved, and the guard
// of the move refuses it, too.
func TestACorruptBackupIsRefused(t *testing.T) {
	for _, id := range []string{"database-full-restore", "database-point-in-time"} {
		r := newBookRun(t, id, databaseParams())
		r.fault("backup-corrupt", "db-1")
		r.run("choose")
		if why := r.checks("verify-backup"); !strings.Contains(why, "checksum mismatch") {
			t.Errorf("%s: %q", id, why)
		}
		if why := r.guards("move-aside"); !strings.Contains(why, "checksum mismatch") {
			t.Errorf("%s: the guard says %q", id, why)
		}
		r.env["known_bad"] = r.env["backup"]
		if r.run("choose"); id == "database-full-restore" && r.checks("verify-backup") != "" {
			t.Errorf("the older backup is refused, too")
		}
	}
}

// A gap in the WAL is seen before, and by where the restore ended when somebody
// went on in spite of it.
func TestAGapInTheWALIsSeen(t *testing.T) {
	for _, gap := range []bool{false, true} {
		r := newBookRun(t, "database-full-restore", databaseParams())
		if gap {
			r.fault("wal-gap", "db-1")
		}
		r.run("choose")
		if why := r.checks("verify-wal"); strings.Contains(why, "is missing") != gap {
			t.Errorf("gap %v: %q", gap, why)
		}
		r.run("record-state")
		r.run("count-writers")
		r.run("stop-writers")
		r.run("move-aside")
		r.run("restore")
		r.run("recover")
		r.pass(20 * time.Second)
		if why := r.checks("inspect"); strings.Contains(why, "the archive goes on to") != gap || !gap && why != "" {
			t.Errorf("gap %v: inspected: %q", gap, why)
		}
	}
}

// Without the WAL that was never archived the last minutes are gone, and that is
// measured.
func TestWhatWasNeverArchivedIsMeasured(t *testing.T) {
	r := newBookRun(t, "database-full-restore", databaseParams())
	r.run("choose")
	r.run("record-state")
	r.run("move-aside")
	if out, errout, code := r.box.run(t, "db-1", "sudo -n sh -c 'rm -f "+r.env["aside"]+"/pg_wal/0000*; touch "+r.env["aside"]+"/pg_wal/0000x'"); code != 0 {
		t.Fatal(out, errout)
	}
	r.run("restore")
	r.run("recover")
	r.pass(20 * time.Second)
	if why := r.checks("inspect"); why != "" {
		t.Errorf("within what may be missing: %q", why)
	}
	if out := r.run("lost"); !strings.HasPrefix(out, "180 s") && !strings.HasPrefix(out, "181 s") {
		t.Errorf("lost: %q", out)
	}
	r.env["lose_at_most"] = "60"
	if why := r.checks("inspect"); !strings.Contains(why, "s are missing") {
		t.Errorf("more is missing than may be: %q", why)
	}
}
