//go:build linux

package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	relightssh "github.com/virtengine/relight/actions/ssh"
	"github.com/virtengine/relight/nodes"
	"github.com/virtengine/relight/testdata/lab/lab"
)

func (s *story) scripts(t *testing.T) {
	h := s.host("val-2")
	if got := s.must(t, "val-2", "pwd; command -v systemctl; command -v sudo; echo $who", relightssh.Var{Name: "who", Value: "a b"}); got !=
		filepath.Join(h.Root, "home")+"\n"+h.Bin("systemctl")+"\n"+h.Bin("sudo")+"\na b" {
		t.Errorf("got %q", got)
	}
	look, err := nodes.HostScript(nodes.HostSpec{Name: h.Name, Unit: "virtengine", UnitDir: h.UnitDir, Home: h.Home})
	if err != nil {
		t.Fatal(err)
	}
	out, exit := s.run(t, "val-2", look)
	f := nodes.ParseHost(out)
	if exit != 0 || f.Err != "" || f.Unit.ActiveState != "active" || f.Unit.UnitFileState != "enabled" || f.Procs != 1 || !f.ProcsKnown ||
		f.Key.Address != h.Address || !f.State.Known || f.Config.CheckHeight != 10 {
		t.Errorf("the cockpit's look: exit %d, %+v\n%s", exit, f, out)
	}
	if got := s.must(t, "val-2", "virtengine tendermint show-address"); !strings.HasPrefix(got, "vevalcons1") {
		t.Errorf("show-address: %s", got)
	}
	if got := s.must(t, "val-2", "virtengine status"); !strings.Contains(got, s.lab.ChainID) {
		t.Errorf("status: %s", got)
	}
	if c, err := s.pool.DialThrough(t.Context(), s.target("val-2"), "tcp", fmt.Sprintf("%s:%d", lab.Addr, h.RPC)); err != nil {
		t.Errorf("tunnel to its own RPC: %v", err)
	} else {
		_ = c.Close()
	}
	if c, err := s.pool.DialThrough(t.Context(), s.target("val-2"), "tcp", fmt.Sprintf("%s:%d", lab.Addr, s.host("val-1").RPC)); err == nil {
		_ = c.Close()
		t.Error("a tunnel leads to another host's RPC")
	}
}

func (s *story) guards(t *testing.T) {
	other := s.host("val-1")
	for _, script := range []string{
		"touch /etc/systemd/system/virtengine.service.d",
		"/usr/bin/systemctl stop virtengine",
		"echo x > /lib/systemd/system/x.service",
		"cat " + other.Root + "/host.json",
		"rm -rf " + s.lab.Dir + "/hosts/val-2s/home",
		"sudo -n cp /dev/null /etc/relight-lab-test",
		"sudo -n rm -f ../../val-1/host.json",
		"ln -s " + "/etc" + " e; sudo -n touch e/relight-lab-test; touch $HOME/e/relight-lab-test && exit 0; rm e; exit 126",
		"sudo -n sh -c 'rm /etc/systemd/x'",
	} {
		if out, exit := s.run(t, "val-2", script); exit != 126 {
			t.Errorf("exit %d for %s: %s", exit, script, out)
		}
	}
	if !strings.HasPrefix(s.lab.Guard, "kernel") {
		fmt.Fprintf(os.Stderr, "\n*** NO LANDLOCK HERE: only what scripts spell out is refused ***\n\n")
		return
	}
	// Hidden from every reader of scripts, and as whatever user this is.
	for _, script := range []string{
		"d=/et; echo x > ${d}c/relight-lab-test",
		"d=/et; mkdir ${d}c/systemd/syste''m/x.d",
		"p=" + filepath.Dir(s.lab.Dir)[1:] + "; touch /$p/relight-lab-test",
	} {
		if strings.HasPrefix(s.lab.Dir, "/tmp/") && strings.HasPrefix(script, "p=") {
			continue // scripts have /tmp to themselves
		}
		if out, exit := s.run(t, "val-2", script); exit == 0 {
			t.Errorf("exit 0 for %s: %s", script, out)
		}
	}
}

func (s *story) systemctl(t *testing.T) {
	for _, c := range []struct {
		script string
		exit   int
		says   string
	}{
		{"systemctl is-active virtengine", 0, "active"},
		{"systemctl is-active nothing", 4, "inactive"},
		{"systemctl is-enabled virtengine.service", 0, "enabled"},
		{"systemctl stop virtengine", 1, "Interactive authentication required"},
		{"sudo -n systemctl start nothing", 5, "Unit nothing.service not found."},
		{"sudo -n systemctl mask --now virtengine", 1, "already exists"},
		{"systemctl is-active virtengine", 0, "active"},
		{"systemctl show -p MainPID --value virtengine | grep -c .", 0, "1"},
		{"systemctl show -p LoadState,ActiveState nothing", 0, "LoadState=not-found\nActiveState=inactive"},
		{"systemctl status virtengine", 0, "Active: active (running)"},
		{"systemctl frobnicate", 1, "Unknown command verb"},
		{"pgrep -c -f 'cometbft start'", 0, "1"},
		{"pgrep -f no-such-process", 1, ""},
		{"journalctl -u virtengine -n 1 --no-pager | grep -c .", 0, "1"},
		{"sudo -n nosuchcommand", 1, "command not found"},
	} {
		out, exit := s.run(t, "val-3", c.script)
		if exit != c.exit || !strings.Contains(out, c.says) {
			t.Errorf("%s: exit %d, want %d; says %q, want %q", c.script, exit, c.exit, out, c.says)
		}
	}
}

func (s *story) dropIns(t *testing.T) {
	const unit = "val-2s" // its key is no validator's: it may restart as often as it likes
	dir := s.host(unit).UnitDir + "/virtengine.service.d"
	s.must(t, unit, "sudo -n mkdir -p "+dir+"; printf '[Unit]\\nAssertPathExists=/nonexistent/x\\n' > "+dir+"/90-fence.conf")
	if got := s.show(t, unit, "DropInPaths,NeedDaemonReload"); got["DropInPaths"] != "" || got["NeedDaemonReload"] != "yes" {
		t.Errorf("before daemon-reload: %v", got)
	}
	s.must(t, unit, "sudo -n systemctl restart virtengine") // what was not read does not count
	s.must(t, unit, "sudo -n systemctl daemon-reload")
	if got := s.show(t, unit, "DropInPaths,NeedDaemonReload,ActiveState"); got["DropInPaths"] != dir+"/90-fence.conf" || got["NeedDaemonReload"] != "no" || got["ActiveState"] != "active" {
		t.Errorf("after daemon-reload: %v", got)
	}
	if out, exit := s.run(t, unit, "sudo -n systemctl disable --now virtengine; sudo -n systemctl start virtengine"); exit != 1 || !strings.Contains(out, "Assertion failed") {
		t.Errorf("start against an assertion: exit %d, %s", exit, out)
	}
	if got := s.show(t, unit, "ActiveState,MainPID,UnitFileState"); got["ActiveState"] != "inactive" || got["MainPID"] != "0" || got["UnitFileState"] != "disabled" {
		t.Errorf("fenced: %v", got)
	}
	s.must(t, unit, "printf '[Unit]\\nConditionPathExists=/nonexistent/x\\n' > "+dir+"/90-fence.conf; sudo -n systemctl daemon-reload; sudo -n systemctl start virtengine")
	if got := s.show(t, unit, "ActiveState"); got["ActiveState"] != "inactive" {
		t.Errorf("a condition that does not hold: %v", got)
	}
	s.must(t, unit, "sudo -n rm "+dir+"/90-fence.conf; sudo -n systemctl daemon-reload; sudo -n systemctl enable --now virtengine")
	if got := s.show(t, unit, "ActiveState,UnitFileState,DropInPaths"); got["ActiveState"] != "active" || got["UnitFileState"] != "enabled" || got["DropInPaths"] != "" {
		t.Errorf("unfenced: %v", got)
	}
}

func (s *story) revives(t *testing.T) {
	const name = "val-2s"
	drop := s.host(name).UnitDir + "/virtengine.service.d/10-test.conf"
	if got := s.show(t, name, "Restart,RestartUSec"); got["Restart"] != "on-failure" || got["RestartUSec"] != "10s" {
		t.Errorf("the operator's unit: %v", got)
	}
	s.must(t, name, "printf '[Service]\\nRestartSec=1\\n' > "+drop+"; sudo -n systemctl daemon-reload")
	before := s.show(t, name, "MainPID,NRestarts")
	s.must(t, name, "kill -9 "+before["MainPID"])
	until(t, 10*time.Second, "the automatic restart", func() error {
		now := s.show(t, name, "MainPID,NRestarts,ActiveState,SubState")
		if now["NRestarts"] == before["NRestarts"] || now["ActiveState"] != "active" {
			return fmt.Errorf("%v", now)
		}
		return nil
	})
	s.must(t, name, "sudo -n systemctl kill -s KILL virtengine; sudo -n systemctl disable --now virtengine")
	if got := s.show(t, name, "ActiveState,SubState,MainPID"); got["ActiveState"] == "activating" || got["MainPID"] != "0" {
		t.Errorf("a stop calls the restart off: %v", got)
	}
	s.must(t, name, "rm "+drop+"; sudo -n systemctl daemon-reload; sudo -n systemctl enable --now virtengine")
}

func (s *story) board(t *testing.T) {
	ctx := t.Context()
	const name = "val-2s"
	tell := func(args ...string) string {
		t.Helper()
		out, err := s.lab.Ctl(ctx, name, args...)
		if err != nil {
			t.Fatal(err)
		}
		return strings.TrimSpace(out)
	}
	tell("set", "sudo-locked")
	if out, exit := s.run(t, name, "sudo -n true"); exit != 1 || !strings.Contains(out, "a password is required") {
		t.Errorf("sudo-locked: exit %d, %s", exit, out)
	}
	tell("clear", "sudo-locked")
	tell("set", "stop-lies")
	s.must(t, name, "sudo -n systemctl stop virtengine; systemctl is-active virtengine")
	tell("clear", "stop-lies")

	reach := func(want error) func() error {
		return func() error {
			p := relightssh.NewPool(relightssh.Options{ConnectTimeout: time.Second})
			defer p.Close()
			if err := p.Ping(ctx, s.target(name)); !errors.Is(err, want) {
				return fmt.Errorf("ping says %v, want %v", err, want)
			}
			return nil
		}
	}
	for _, c := range []struct {
		word string
		want error
	}{{"down", relightssh.ErrUnreachable}, {"up", nil}, {"hang", relightssh.ErrTimeout}, {"up", nil}, {"new-key", relightssh.ErrHostChanged}, {"new-key", nil}} {
		tell("ssh", c.word)
		until(t, 10*time.Second, "ssh "+c.word, reach(c.want))
	}
	tell("hang")
	until(t, 10*time.Second, "hang", reach(relightssh.ErrTimeout))
	tell("unhang")
	until(t, 10*time.Second, "unhang", reach(nil))
	if got := tell("power", "state"); got != "on" {
		t.Errorf("power state: %s", got)
	}
	tell("power", "off")
	if got := tell("power", "state"); got != "off" {
		t.Errorf("power state: %s", got)
	}
	if err := reach(relightssh.ErrUnreachable)(); err != nil {
		t.Error(err)
	}
	tell("power", "on")
	until(t, 30*time.Second, "in step after power on", func() error {
		st, err := s.host(name).Status(ctx)
		if err == nil && (st.CatchingUp || st.Height < s.height(t, "val-1")-2) {
			err = fmt.Errorf("%+v", st)
		}
		return err
	})
	if _, err := s.lab.Ctl(ctx, name, "nonsense"); err == nil {
		t.Error("an unknown word is taken")
	}
}
