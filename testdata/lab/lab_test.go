//go:build linux

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	relightssh "github.com/virtengine/relight/actions/ssh"
	"github.com/virtengine/relight/checklists"
	"github.com/virtengine/relight/config"
	"github.com/virtengine/relight/nodes"
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

type story struct {
	lab  *lab.Lab
	cfg  config.Config
	pool *relightssh.Pool
	etc  string // what the machine's units looked like before
}

func begin(t *testing.T) *story {
	t.Helper()
	before := listing(t)
	start := time.Now()
	l, err := lab.Up(t.Context(), lab.Options{Watch: 20 * time.Second, Log: func(m string) { t.Log(m) }})
	if errors.Is(err, lab.ErrMissing) {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		fmt.Fprintf(os.Stderr, "\n*** THE REAL CHAIN WAS NOT TRIED: %v ***\n\n", err)
		t.SkipNow()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := lab.Down(l.Dir); err != nil {
			t.Error(err)
		}
		if err := lab.Clean(l.Dir); err != nil {
			t.Error(err)
		}
	})
	t.Logf("up in %.1f s; guard: %s", time.Since(start).Seconds(), l.Guard)
	s := &story{lab: l, pool: relightssh.NewPool(relightssh.Options{}), etc: before}
	t.Cleanup(s.pool.Close)
	return s
}

func (s *story) host(name string) lab.Host {
	h, _ := s.lab.Host(name)
	return h
}

func (s *story) target(name string) relightssh.Target {
	h := s.host(name)
	return relightssh.Target{Name: name, Addr: lab.Addr, Port: h.SSH, User: s.lab.User, KnownHosts: []string{s.lab.KnownHosts}, KeyFiles: []string{s.lab.KeyFile}}
}

// run runs a script on a host the way the cockpit does.
func (s *story) run(t *testing.T, name, script string, env ...relightssh.Var) (out string, exit int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 90*time.Second)
	defer cancel()
	var stdout, stderr strings.Builder
	res, err := s.pool.Exec(ctx, s.target(name), relightssh.Command{Script: script, Env: env, Effect: "01TEST" + strconv.FormatInt(time.Now().UnixNano(), 36),
		Stdout: func(b []byte) { stdout.Write(b) }, Stderr: func(b []byte) { stderr.Write(b) }})
	if err != nil {
		t.Fatalf("%s: %v\n%s", name, err, stderr.String())
	}
	return stdout.String() + stderr.String(), res.Exit
}

// must is run for a script that exits 0.
func (s *story) must(t *testing.T, name, script string, env ...relightssh.Var) string {
	t.Helper()
	out, exit := s.run(t, name, script, env...)
	if exit != 0 {
		t.Fatalf("%s: exit %d: %s", name, exit, out)
	}
	return strings.TrimSpace(out)
}

// until waits for a condition; what it returns last is the reason.
func until(t *testing.T, limit time.Duration, what string, ok func() error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		err := ok()
		if err == nil {
			return
		}
		select {
		case <-ctx.Done():
			t.Fatalf("%s, not within %s: %v", what, limit, err)
		case <-tick.C:
		}
	}
}

func (s *story) show(t *testing.T, name, props string) map[string]string {
	t.Helper()
	out := map[string]string{}
	for line := range strings.Lines(s.must(t, name, "systemctl show -p "+props+" virtengine")) {
		k, v, _ := strings.Cut(strings.TrimSpace(line), "=")
		out[k] = v
	}
	return out
}

func (s *story) height(t *testing.T, name string) int64 {
	t.Helper()
	st, err := s.host(name).Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return st.Height
}

// signed says whether a key is in the commit of a block, as a witness has it.
func (s *story) signed(t *testing.T, height int64, address string) bool {
	t.Helper()
	var c struct {
		Result struct {
			Header struct {
				Commit struct {
					Signatures []struct {
						Flag    int    `json:"block_id_flag"`
						Address string `json:"validator_address"`
					} `json:"signatures"`
				} `json:"commit"`
			} `json:"signed_header"`
		} `json:"result"`
	}
	get(t, fmt.Sprintf("%s/commit?height=%d", s.host("val-1").RPCURL(), height), &c)
	for _, v := range c.Result.Header.Commit.Signatures {
		if v.Address == address && v.Flag == 2 {
			return true
		}
	}
	return false
}

// evidence counts what was committed from a height on.
func (s *story) evidence(t *testing.T, from int64) (n int) {
	t.Helper()
	for h := from; h <= s.height(t, "val-1"); h++ {
		var b struct {
			Result struct {
				Block struct {
					Evidence struct {
						List []json.RawMessage `json:"evidence"`
					} `json:"evidence"`
				} `json:"block"`
			} `json:"result"`
		}
		get(t, fmt.Sprintf("%s/block?height=%d", s.host("val-1").RPCURL(), h), &b)
		n += len(b.Result.Block.Evidence.List)
	}
	return n
}

func get(t *testing.T, url string, into any) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if err := json.NewDecoder(resp.Body).Decode(into); err != nil {
		t.Fatalf("%s: %v", url, err)
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

func (s *story) sideBySide(t *testing.T) {
	other, err := lab.Up(t.Context(), lab.Options{Dir: filepath.Join(t.TempDir(), "lab"), Live: true})
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
