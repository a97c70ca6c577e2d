//go:build linux

package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/virtengine/relight/nodes"
	"github.com/virtengine/relight/testdata/lab/lab"
)

// startLab starts a real chain with a real sshd on each host. Without sshd or
// gpg the test cannot be run: in CI that is a failure, elsewhere a loud line.
func startLab(t *testing.T, o lab.Options) *lab.Lab {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 6*time.Minute)
	defer cancel()
	o.Log = func(s string) { t.Log(s) }
	l, err := lab.Up(ctx, o)
	if errors.Is(err, lab.ErrMissing) && os.Getenv("CI") != "true" {
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
	return l
}

// The failover on a real CometBFT network through real OpenSSH servers: the
// fault of [drill.faults] kills a validator, the standby takes over, and the
// chain shows the key signing again and no evidence.
func TestFailoverOnARealChain(t *testing.T) {
	l := startLab(t, lab.Options{})
	journal := t.TempDir()
	out, errs, code := command(nil, "drill", "single-validator-failover", "--config", l.Config, "--option", "recover=B",
		"--param", "stable=30s", "--autopilot", "--json", "--journal", journal)
	var s summary
	if err := json.Unmarshal([]byte(out), &s); err != nil {
		t.Fatalf("exit %d: %q %q", code, out, errs)
	}
	good(t, s, code)
	standby, ok1 := l.Host("val-2s")
	failed, ok2 := l.Host("val-2")
	if !ok1 || !ok2 {
		t.Fatalf("the lab has no val-2 or val-2s: %+v", l.Hosts)
	}
	var status struct {
		Result struct {
			ValidatorInfo struct {
				Address string `json:"address"`
			} `json:"validator_info"`
		} `json:"result"`
	}
	get(t, standby.RPCURL()+"/status", &status)
	if status.Result.ValidatorInfo.Address != failed.Address {
		t.Errorf("val-2s shows %s, want the key of val-2, %s", status.Result.ValidatorInfo.Address, failed.Address)
	}
	if _, err := http.Get(failed.RPCURL() + "/status"); err == nil {
		t.Error("the failed validator answers again")
	}
	out, errs, code = command(nil, "status", "--drill", "--json", "--config", l.Config)
	var snap nodes.Snapshot
	if err := json.Unmarshal([]byte(out), &snap); err != nil {
		t.Fatalf("status: exit %d: %.300q %q", code, out, errs)
	}
	k, ok := snap.Key("val-2")
	if !ok || k.Signing != nodes.True || len(snap.Chain.Evidence) != 0 || code != 1 {
		t.Errorf("status: exit %d (want 1: val-2 is down), key %+v, evidence %+v", code, k, snap.Chain.Evidence)
	}
}

// Declaring on a live fleet: the badge says LIVE, the record is an INC, and a
// second declaration is refused while it is open.
func TestDeclareOnALiveFleet(t *testing.T) {
	l := startLab(t, lab.Options{Live: true})
	dir := t.TempDir()
	if out, errs, code := command(nil, "status", "--config", l.Config); code != 0 || !strings.Contains(out, "HEALTHY") {
		t.Errorf("status: exit %d: %q %q", code, out, errs)
	}
	args := []string{"declare", "--runbook", "single-validator-failover", "--param", "key=val-2", "--headless", "--config", l.Config, "--journal", dir}
	out, errs, code := command(nil, args...)
	if code != 0 || !strings.HasPrefix(out, "INC-") {
		t.Fatalf("declare: exit %d: %q %q", code, out, errs)
	}
	if _, errs, code := command(nil, args...); code != 2 || !strings.Contains(errs, "is open") {
		t.Errorf("a second declaration: exit %d: %q", code, errs)
	}
	id := strings.TrimSpace(out)
	out, errs, code = command(nil, "--plain", "--config", l.Config, "--journal", dir)
	if code != 0 || !strings.Contains(out, "LIVE") || !strings.Contains(out+errs, id) {
		t.Errorf("taking it up again: exit %d: %.600q %q", code, out, errs)
	}
	if _, errs, code := command(nil, "drill", "--config", l.Config, "--autopilot"); code != 2 || !strings.Contains(errs, "[drill]") {
		t.Errorf("a drill on a live fleet: exit %d: %q", code, errs)
	}
}

func get(t *testing.T, url string, v any) {
	t.Helper()
	res, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if err := json.NewDecoder(res.Body).Decode(v); err != nil {
		t.Fatal(fmt.Errorf("%s: %w", url, err))
	}
}
