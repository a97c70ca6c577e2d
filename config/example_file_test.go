package config

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// example loads config.example.toml in a home where its one secret file lies.
func example(t testing.TB) Config {
	t.Helper()
	text, err := os.ReadFile("../config.example.toml")
	if err != nil {
		t.Fatal(err)
	}
	home := t.TempDir()
	secret := filepath.Join(home, ".config", "relight", "statuspage")
	if err := os.MkdirAll(filepath.Dir(secret), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(secret, []byte("page-secret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := Load(write(t, string(text)), Options{Getenv: fakeEnv(home)})
	if err != nil {
		t.Fatalf("the example must load:\n%v", err)
	}
	return c
}

func TestExampleLoads(t *testing.T) {
	c := example(t)
	for _, w := range c.Warnings {
		if w.Rule != "target-conflict" {
			t.Errorf("the example warns of more than its sources' conflicts:\n%s", w.Detail())
		}
	}
	if len(c.Warnings) != 1 || !strings.Contains(c.Warnings[0].Text, "RTO 15m (DR procedures 1.0.0, Scope) or 30m (DR procedures 1.0.0, By Component)") {
		t.Errorf("the Monitoring conflict must show both sources: %v", c.Warnings)
	}
	f := c.Live
	for name, want := range map[string]int{"validators": 4, "providers": 3, "monitoring": 2, "databases": 2, "standbys": 1} {
		if got := len(f.Group(name)); got != want {
			t.Errorf("group %s has %d hosts, want %d", name, got, want)
		}
	}
	for _, k := range f.Keys {
		if n := len(f.Witnesses(k)); n < 2 {
			t.Errorf("key %s has %d witnesses", k.Name, n)
		}
	}
	// The communication plan of the source document.
	for _, want := range []struct {
		template, channel string
		due               time.Duration
		audience          string
	}{
		{"page", "on-call", 0, Internal},
		{"incident-declared", "slack-incident", 0, Internal},
		{"engineering-update", "slack-engineering", 15 * time.Minute, Internal},
		{"leadership-summary", "mail-leadership", 30 * time.Minute, Internal},
		{"leadership-summary", "slack-leadership", 30 * time.Minute, Internal},
		{"validators-status", "discord-validators", 15 * time.Minute, Public},
		{"providers-impact", "discord-providers", 15 * time.Minute, Public},
		{"status-activated", "status-page", 30 * time.Minute, Public},
		{"press-note", "press", 4 * time.Hour, Public},
	} {
		said := f.SaysFor(want.template)
		ch, ok := f.Channel(want.channel)
		if len(said) != 1 || !said[0].Timed || said[0].Due != want.due || !ok || ch.Audience != want.audience {
			t.Errorf("%s to %s: %+v %+v", want.template, want.channel, said, ch)
		}
	}
	if !c.HasDrill || len(c.Drill.Hosts) != 4 {
		t.Errorf("the drill has %d hosts", len(c.Drill.Hosts))
	}
	if x, ok := c.Faults.For("single-validator-failover"); !ok || x.Name != "process-crash" || x.Make[0].Host != "val-2" {
		t.Errorf("the failover's drill starts with %+v", x)
	}
	if h, _ := c.Drill.Host("val-2"); h.User != "lab" || h.Port != 22 || h.KnownHosts[0] != filepath.Join(filepath.Dir(c.Path), "lab/known_hosts") {
		t.Errorf("a drill inherits from [drill.ssh] alone: %+v", h)
	}
}

// Both RTO tables of the source document, and what holds where they differ.
func TestExampleTargets(t *testing.T) {
	f := example(t).Live
	for _, want := range []struct {
		component string
		rto, rpo  time.Duration
		source    string
	}{
		{"Validator node", 15 * time.Minute, 0, "Scope"},
		{"Provider daemon", 30 * time.Minute, time.Hour, "Scope"},
		{"Monitoring", 15 * time.Minute, 5 * time.Minute, "Scope"},
		{"RPC endpoints", 15 * time.Minute, 0, "By Component"},
		{"Supporting services", time.Hour, 15 * time.Minute, "By Component"},
		{"Databases", time.Hour, 15 * time.Minute, "Scope"},
	} {
		got, ok := f.Target(want.component)
		if !ok || got.RTO != want.rto || got.RPO != want.rpo || !got.HasRPO || !strings.HasSuffix(got.Source, want.source) {
			t.Errorf("%s: %+v", want.component, got)
		}
	}
	if got, _ := f.ScenarioTarget("Key compromise"); got.RTO != 48*time.Hour || got.HasRPO {
		t.Errorf("key compromise: %+v", got)
	}
	if _, ok := f.Target("Sandwiches"); ok {
		t.Error("a target for something unknown")
	}
}

// Every line that says something is explained on the line or by a comment.
func TestExampleExplainsEveryLine(t *testing.T) {
	text, err := os.ReadFile("../config.example.toml")
	if err != nil {
		t.Fatal(err)
	}
	for i, line := range strings.Split(string(text), "\n") {
		if strings.Contains(line, " = ") && !strings.Contains(line, "# ") {
			t.Errorf("line %d has no explanation: %s", i+1, line)
		}
		// Example addresses only: RFC 5737 and loopback.
		for _, ip := range regexp.MustCompile(`\b\d+\.\d+\.\d+\.\d+\b`).FindAllString(line, -1) {
			if !regexp.MustCompile(`^(192\.0\.2|198\.51\.100|203\.0\.113)\.|^127\.0\.0\.1$`).MatchString(ip) {
				t.Errorf("line %d: %s is no example address", i+1, ip)
			}
		}
	}
}
