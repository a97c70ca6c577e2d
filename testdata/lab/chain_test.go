//go:build linux

package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	relightssh "github.com/virtengine/relight/actions/ssh"
	"github.com/virtengine/relight/checklists"
	"github.com/virtengine/relight/nodes"
)

func (s *story) killed(t *testing.T) {
	if _, err := s.lab.Ctl(t.Context(), "val-2", "crash", "virtengine"); err != nil {
		t.Fatal(err)
	}
	if got := s.show(t, "val-2", "ActiveState,SubState,MainPID,Result,UnitFileState"); got["ActiveState"] != "failed" || got["MainPID"] != "0" || got["Result"] != "signal" {
		t.Errorf("after kill -9: %v", got)
	}
	from := s.height(t, "val-1")
	until(t, 30*time.Second, "the chain goes on", func() error {
		if n := s.height(t, "val-1"); n < from+3 {
			return fmt.Errorf("at %d", n)
		}
		return nil
	})
	if s.signed(t, from+2, s.host("val-2").Address) {
		t.Error("the dead validator signed")
	}
}

// failover runs the blocks of the embedded runbook, with the variables that
// the cockpit would give them, in the order of option B.
func (s *story) failover(t *testing.T) {
	book, err := checklists.Find("single-validator-failover")
	if err != nil {
		t.Fatal(err)
	}
	old, standby := s.host("val-2"), s.host("val-2s")
	from := s.height(t, "val-1")
	env := s.env(t, map[string]string{"failed": "val-2", "standby": "val-2s", "key": "val-2"})
	s.fly(t, book, "fence-failed", "val-2", env)
	mark := s.fly(t, book, "key-aside", "val-2", env)
	fields := strings.Split(strings.TrimSpace(mark), "/")
	if len(fields) != 3 {
		t.Fatalf("the sign state reads %q", mark)
	}
	look, err := nodes.HostScript(nodes.HostSpec{Name: old.Name, Unit: "virtengine", UnitDir: old.UnitDir, Home: old.Home})
	if err != nil {
		t.Fatal(err)
	}
	f := nodes.ParseHost(s.must(t, "val-2", look))
	if f.Unit.UnitFileState != "disabled" || !strings.HasSuffix(f.Unit.DropInPaths, "/90-fence.conf") || f.Unit.NeedDaemonReload != "no" || f.Procs != 0 {
		t.Errorf("the fence reads back as %+v, %d processes", f.Unit, f.Procs)
	}
	s.silence(t, old.Address)
	tip := s.height(t, "val-1")
	env = append(env, relightssh.Var{Name: "key_mark_height", Value: strconv.FormatInt(tip+1, 10)},
		relightssh.Var{Name: "key_mark_round", Value: "0"}, relightssh.Var{Name: "key_mark_step", Value: "0"})
	s.fly(t, book, "stage", "val-2s", env)
	if st, err := standby.Status(t.Context()); err != nil || st.Address != standby.Address {
		t.Errorf("with all staged, the standby shows %+v, %v", st, err)
	}
	s.fly(t, book, "start", "val-2s", env)
	s.signs(t, old.Address)
	if st, err := standby.Status(t.Context()); err != nil || st.Address != old.Address {
		t.Errorf("the standby shows %+v, %v", st, err)
	}
	if n := s.evidence(t, from); n != 0 {
		t.Errorf("%d pieces of evidence", n)
	}
	if banned(t, s, 4) != 0 {
		t.Error("the REST stand-in bans somebody")
	}
}

// env are the variables of cockpit/env.go, from the configuration.
func (s *story) env(t *testing.T, params map[string]string) (out []relightssh.Var) {
	t.Helper()
	add := func(k, v string) { out = append(out, relightssh.Var{Name: k, Value: v}) }
	for name, v := range params {
		add(name, v)
		if h, ok := s.cfg.Drill.Host(v); ok && name != "key" {
			add(name+"_addr", h.Addr)
			add(name+"_unit", h.Unit)
			add(name+"_unit_dir", h.UnitDir)
			add(name+"_home", h.Home)
		}
	}
	k, _ := s.cfg.Drill.Key(params["key"])
	add("key_address", k.Address)
	add("key_sealed_backup", k.SealedBackup)
	return out
}

// fly runs a step's run block and its shell verifications.
func (s *story) fly(t *testing.T, book checklists.Book, id, on string, env []relightssh.Var) string {
	t.Helper()
	for _, p := range checklists.Plan(book) {
		if p.Step.ID != id {
			continue
		}
		out := s.must(t, on, p.Step.Run.Text, env...)
		for _, v := range p.Step.Verifies {
			if v.Lang == "sh" {
				s.must(t, on, v.Text, env...)
			}
		}
		return out
	}
	t.Fatalf("the runbook has no step %s", id)
	return ""
}

// silence waits for ten commits in a row without a key.
func (s *story) silence(t *testing.T, address string) {
	t.Helper()
	row, next := 0, s.height(t, "val-1")
	until(t, 60*time.Second, "ten blocks of silence", func() error {
		for ; next < s.height(t, "val-1"); next++ {
			if s.signed(t, next, address) {
				t.Fatalf("the fenced key signed %d", next)
			}
			row++
		}
		if row < 10 {
			return fmt.Errorf("%d", row)
		}
		return nil
	})
}

func (s *story) reboot(t *testing.T) {
	if _, err := s.lab.Ctl(t.Context(), "val-2", "reboot"); err != nil {
		t.Fatal(err)
	}
	until(t, 10*time.Second, "sshd after the reboot", func() error { return s.pool.Ping(t.Context(), s.target("val-2")) })
	if out, exit := s.run(t, "val-2", "sudo -n systemctl enable --now virtengine"); exit != 1 || !strings.Contains(out, "Assertion failed") {
		t.Errorf("start of the fenced unit: exit %d, %s", exit, out)
	}
	s.must(t, "val-2", "sudo -n systemctl disable virtengine")
}

// doubleSign does what must never be done, to see that the lab would show it.
// At first the node saves us: its double-sign check finds the key at work.
func (s *story) doubleSign(t *testing.T) {
	const name = "val-2"
	from := s.height(t, "val-1")
	f, ok := s.cfg.Faults.Fault("colleague-starts-old")
	if !ok {
		t.Fatal("no such fault")
	}
	s.must(t, f.Make[0].Host, f.Make[0].Run)
	until(t, 60*time.Second, "the double-sign check", func() error {
		if log := s.must(t, name, "journalctl -u virtengine -n 200"); !strings.Contains(log, "found signature from the same key") {
			return errors.New("it says nothing")
		}
		return nil
	})
	if n := s.evidence(t, from); n != 0 {
		t.Errorf("%d pieces of evidence", n)
	}
	s.must(t, name, "sudo -n sed -i 's/^double_sign_check_height = .*/double_sign_check_height = 0/' "+s.host(name).Home+"/config/config.toml; sudo -n systemctl restart virtengine")
	until(t, 90*time.Second, "evidence of the double sign", func() error {
		if s.evidence(t, from) == 0 {
			return errors.New("none yet")
		}
		return nil
	})
	until(t, 20*time.Second, "the REST stand-in bans the key", func() error {
		if banned(t, s, 4) != 1 {
			return errors.New("nobody is banned")
		}
		return nil
	})
}

func banned(t *testing.T, s *story, want int) (n int) {
	t.Helper()
	var r struct {
		Info []struct {
			Banned bool `json:"tombstoned"`
		} `json:"info"`
	}
	get(t, s.lab.REST+"/cosmos/slashing/v1beta1/signing_infos", &r)
	if len(r.Info) != want {
		t.Errorf("%d signing infos, want %d", len(r.Info), want)
	}
	for _, i := range r.Info {
		if i.Banned {
			n++
		}
	}
	return n
}

// signs waits until a key is in three commits in a row.
func (s *story) signs(t *testing.T, address string) {
	t.Helper()
	row, next := 0, s.height(t, "val-1")
	until(t, 60*time.Second, "signing again", func() error {
		for ; next < s.height(t, "val-1"); next++ {
			row++
			if !s.signed(t, next, address) {
				row = 0
			}
		}
		if row < 3 {
			return fmt.Errorf("%d signed in a row up to %d", row, next)
		}
		return nil
	})
}
