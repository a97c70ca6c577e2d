//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/virtengine/relight/config"
	"github.com/virtengine/relight/testdata/lab/host"
	"github.com/virtengine/relight/testdata/lab/lab"
)

// TestLab is one lab's life, told in order: every part stands on the one
// before.
func TestLab(t *testing.T) {
	s := begin(t)
	for _, part := range []struct {
		name string
		run  func(*story, *testing.T)
	}{
		{"the configuration loads without a finding", (*story).configuration},
		{"blocks come", (*story).blocksCome},
		{"two labs side by side", (*story).sideBySide},
		{"scripts run through the real sshd", (*story).scripts},
		{"the wrapper and sudo refuse what is the machine's", (*story).guards},
		{"systemctl speaks as systemd does", (*story).systemctl},
		{"a drop-in counts after daemon-reload, and an assertion holds", (*story).dropIns},
		{"the service manager revives what fails", (*story).revives},
		{"the management board", (*story).board},
		{"a killed validator: the chain goes on", (*story).killed},
		{"the shipped runbook's own scripts bring the key back on the standby", (*story).failover},
		{"a fence outlives a reboot", (*story).reboot},
		{"a second signer is found out", (*story).doubleSign},
		{"nothing of the machine was touched", (*story).untouched},
		{"down leaves no process", (*story).down},
	} {
		if !t.Run(part.name, func(t *testing.T) { part.run(s, t) }) {
			t.FailNow()
		}
	}
}

func (s *story) configuration(t *testing.T) {
	cfg, err := config.Load(s.lab.Config, config.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range cfg.Warnings {
		if w.Rule != "fence" { // the test's own short watch
			t.Errorf("warning: %s %s", w.Rule, w.Text)
		}
	}
	k, _ := cfg.Drill.Key("val-2")
	if f, ok := cfg.Faults.For("single-validator-failover"); !ok || f.Name != "process-crash" || k.SealedBackup == "" || len(cfg.Drill.Witnesses(k)) != 3 {
		t.Errorf("fault %+v, key %+v", f, k)
	}
	for _, h := range cfg.Drill.Hosts {
		if !strings.HasPrefix(h.UnitDir, s.lab.Dir) || !strings.HasPrefix(h.Home, s.lab.Dir) {
			t.Errorf("host %s: unit_dir %s, home %s are not in the lab", h.Name, h.UnitDir, h.Home)
		}
	}
	s.cfg = cfg
}

func (s *story) blocksCome(t *testing.T) {
	from := s.height(t, "val-1")
	until(t, 20*time.Second, "three more blocks on every node", func() error {
		for _, h := range s.lab.Hosts {
			if n := s.height(t, h.Name); n < from+3 {
				return fmt.Errorf("%s at %d", h.Name, n)
			}
		}
		return nil
	})
}

// sideBySide first gives up while a lab comes up, and then takes its folder.
func (s *story) sideBySide(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "lab")
	ctx, cancel := context.WithTimeout(t.Context(), 1500*time.Millisecond)
	defer cancel()
	if l, err := lab.Up(ctx, lab.Options{Dir: dir}); err == nil {
		t.Fatalf("up within 1.5 s: %s", l.Dir)
	}
	for _, p := range host.Processes() {
		if p.State != "Z" && p.PID != os.Getpid() && strings.Contains(p.Line, dir+"/") {
			t.Errorf("given up, and process %d is left: %s", p.PID, p.Line)
		}
	}
	other, err := lab.Up(t.Context(), lab.Options{Dir: dir, Live: true})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := lab.Down(other.Dir); err != nil {
			t.Error(err)
		}
	}()
	cfg, err := config.Load(other.Config, config.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if cfg.HasDrill || len(cfg.Live.Hosts) != 5 || other.ChainID == s.lab.ChainID {
		t.Errorf("live lab: drill %t, %d hosts, chain %s beside %s", cfg.HasDrill, len(cfg.Live.Hosts), other.ChainID, s.lab.ChainID)
	}
	if _, err := lab.Up(t.Context(), lab.Options{Dir: other.Dir}); !errors.Is(err, lab.ErrUp) {
		t.Errorf("a second lab in one folder: %v", err)
	}
}

// listing is every path below the folders of the machine's service manager,
// with its time of change.
func listing(t *testing.T) string {
	t.Helper()
	var out []string
	for _, root := range []string{"/etc/systemd", "/lib/systemd", "/run/systemd"} {
		err := filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
			if err != nil {
				return nil //nolint:nilerr // not there, or not ours to read: the same before and after
			}
			if info, err := d.Info(); err == nil && (root != "/run/systemd" || strings.Contains(p, "virtengine")) {
				out = append(out, p+" "+info.ModTime().String())
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	slices.Sort(out)
	return strings.Join(out, "\n")
}

func (s *story) untouched(t *testing.T) {
	if after := listing(t); after != s.etc {
		t.Errorf("the machine's units changed:\nbefore\n%s\nafter\n%s", s.etc, after)
	}
	for _, p := range []string{"/etc/relight-lab-test"} {
		if _, err := os.Stat(p); err == nil {
			t.Errorf("%s was made", p)
		}
	}
	if out, err := exec.Command("systemctl", "cat", "virtengine").Output(); err == nil && strings.Contains(string(out), s.lab.Dir) {
		t.Error("the machine knows the lab's unit")
	}
}

func (s *story) down(t *testing.T) {
	// What a script left running belongs to its host, and goes with it.
	left, err := strconv.Atoi(s.must(t, "val-1", "sleep 600 >/dev/null 2>&1 </dev/null & echo $!"))
	if err != nil {
		t.Fatal(err)
	}
	// An init that is killed takes its node with it; down finds its sshd.
	for _, p := range s.lab.Procs {
		if p.Name == "val-3" {
			if err := syscall.Kill(p.PID, syscall.SIGKILL); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := lab.Down(s.lab.Dir); err != nil {
		t.Fatal(err)
	}
	for _, p := range host.Processes() {
		if p.State != "Z" && p.PID != os.Getpid() && strings.Contains(p.Line, s.lab.Dir) {
			t.Errorf("process %d is left: %s", p.PID, p.Line)
		}
	}
	if p, ok := host.Look(left); ok && p.State != "Z" {
		t.Errorf("what a script left runs on: %s", p.Line)
	}
	for _, h := range s.lab.Hosts {
		if _, err := h.Status(t.Context()); err == nil {
			t.Errorf("%s still answers", h.Name)
		}
	}
	if err := lab.Down(s.lab.Dir); err != nil {
		t.Errorf("down twice: %v", err)
	}
}
