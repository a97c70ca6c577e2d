//go:build linux

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	relightssh "github.com/virtengine/relight/actions/ssh"
	"github.com/virtengine/relight/config"
	"github.com/virtengine/relight/testdata/lab/lab"
)

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
