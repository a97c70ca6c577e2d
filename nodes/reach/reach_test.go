package reach

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/virtengine/relight/actions/ssh"
	"github.com/virtengine/relight/nodes"
)

var epoch = time.Date(2026, 11, 23, 4, 57, 20, 0, time.UTC)

func node(t *testing.T) (addr string, stop func()) {
	t.Helper()
	body, err := os.ReadFile("../../testdata/rpc/status.json")
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) { _, _ = rw.Write(body) }))
	t.Cleanup(srv.Close)
	return srv.Listener.Addr().String(), srv.Close
}

// What each failure on the way to a node looks like: only a node that refuses
// on its own host is refused.
func TestWaysToFail(t *testing.T) {
	pool := ssh.NewPool(ssh.Options{})
	defer pool.Close()
	rpc, stopNode := node(t)
	quiet, stopQuiet := node(t) // an address where nothing listens any more
	stopQuiet()

	_, good := serve(t, "good", true)
	_, changed := serve(t, "changed", false)
	down, gone := serve(t, "gone", true)
	down.stop()
	_, jump := serve(t, "jump", true)
	behind := gone
	behind.Name, behind.Via = "behind", &jump

	targets := map[string]ssh.Target{"good": good, "changed": changed, "gone": gone, "behind": behind}
	f := nodes.Fleet{ChainID: "virtengine-1", Nodes: []nodes.NodeSpec{
		{Name: "fine", Host: "good", RPC: "ssh:" + rpc}, {Name: "stopped", Host: "good", RPC: "ssh:" + quiet},
		{Name: "changed", Host: "changed", RPC: "ssh:" + rpc}, {Name: "gone", Host: "gone", RPC: "ssh:" + rpc},
		{Name: "behind", Host: "behind", RPC: "ssh:" + rpc}, {Name: "nohost", Host: "nohost", RPC: "ssh:" + rpc},
		{Name: "direct", RPC: "http://" + rpc}, {Name: "direct stopped", RPC: "http://" + quiet}}}
	h := New(pool, targets)
	w := nodes.New(f, h, h, nodes.Options{Timeout: 5 * time.Second})
	defer w.Close()
	want := map[string]nodes.Fail{"fine": nodes.FailNone, "stopped": nodes.FailRefused, "changed": nodes.FailHostKey, "gone": nodes.FailReach,
		"behind": nodes.FailReach, "nohost": nodes.FailReach, "direct": nodes.FailNone, "direct stopped": nodes.FailRefused}
	for _, n := range w.Look(context.Background(), epoch).Nodes {
		if n.Fail != want[n.Name] || (n.State == nodes.Up) != (n.Fail == nodes.FailNone) {
			t.Errorf("%s: %s %q %q, want %q", n.Name, n.State, n.Fail, n.Err, want[n.Name])
		}
	}
	// A node that stops while connections to it are kept is refused, too.
	stopNode()
	for _, n := range w.Look(context.Background(), epoch.Add(2*time.Second)).Nodes {
		if (n.Name == "fine" || n.Name == "direct") && n.Fail != nodes.FailRefused {
			t.Errorf("%s after its stop: %q %q", n.Name, n.Fail, n.Err)
		}
	}
}

func TestRead(t *testing.T) {
	pool := ssh.NewPool(ssh.Options{})
	defer pool.Close()
	_, good := serve(t, "good", true)
	_, changed := serve(t, "changed", false)
	down, gone := serve(t, "gone", true)
	down.stop()
	h := New(pool, map[string]ssh.Target{"good": good, "changed": changed, "gone": gone})
	for _, c := range []struct {
		host, script, out string
		is                error
	}{
		{"good", "echo a\necho b >&2", "a\n", nil},
		{"changed", "echo a", "", nodes.ErrHostKey},
		{"gone", "echo a", "", nodes.ErrUnreachable},
		{"nohost", "echo a", "", nodes.ErrUnreachable},
	} {
		out, err := h.Read(context.Background(), c.host, c.script)
		if out != c.out || !errors.Is(err, c.is) {
			t.Errorf("%s: %q %v", c.host, out, err)
		}
	}
	out, err := h.Read(context.Background(), "good", "echo a; exit 3")
	if out != "a\n" || err == nil || errors.Is(err, nodes.ErrUnreachable) || errors.Is(err, nodes.ErrHostKey) {
		t.Errorf("a script that fails has run: %q %v", out, err)
	}
	if _, err := h.Read(context.Background(), "good", "yes x | head -c 100000"); err == nil || errors.Is(err, nodes.ErrUnreachable) {
		t.Errorf("too much: %v", err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer cancel()
	if _, err := h.Read(ctx, "good", "sleep 1"); !errors.Is(err, nodes.ErrUnreachable) {
		t.Errorf("a script that hangs: %v", err)
	}
}

// The host script over real SSH, with systemctl and sudo replaced.
func TestLookHost(t *testing.T) {
	bin, home := t.TempDir(), filepath.Join(t.TempDir(), "node-home")
	for name, body := range map[string]string{
		filepath.Join(bin, "systemctl"):                             "#!/bin/sh\nprintf '%s\\n' ActiveState=active MainPID=77 UnitFileState=enabled\n",
		filepath.Join(bin, "sudo"):                                  "#!/bin/sh\nexit 1\n",
		filepath.Join(home, "config", nodes.KeyFile):                `{"address":"46DA1626DB331B10409E51F25DDAAA12839FAD1B","priv_key":{"value":"hush"}}`,
		filepath.Join(home, "data", nodes.StateFile):                `{"height":"99","round":0,"step":3}`,
		filepath.Join(home, "config", "config.toml"):                "double_sign_check_height = 10\n",
		filepath.Join(home, "data", "priv_validator_state.json.xy"): "",
	} {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(body), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("RELIGHT_TEST_PATH", bin)
	pool := ssh.NewPool(ssh.Options{})
	defer pool.Close()
	_, target := serve(t, "val-1", true)
	h := New(pool, map[string]ssh.Target{"val-1": target})
	w := nodes.New(nodes.Fleet{Hosts: []nodes.HostSpec{{Name: "val-1", Unit: "virtengine", Home: home}}}, h, h, nodes.Options{})
	f := w.LookHosts(context.Background(), epoch, []string{"val-1"})[0]
	if f.Reachable != nodes.True || f.Unit.MainPID != "77" || f.Key.Address == "" || !f.State.Known || f.State.Height != 99 ||
		f.Config.CheckHeight != 10 || f.StagedKey.Present != nodes.False || f.StagedState.Present != nodes.False || !f.ProcsKnown || f.Procs != 0 {
		t.Errorf("%+v", f)
	}
	if strings.Contains(f.Err, "hush") || f.Err != "" {
		t.Errorf("err = %q", f.Err)
	}
}
