package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"testing"
)

// flyTest flies the first drill with the autopilot, as its user would.
func flyTest(t testing.TB, args ...string) (summary, int) {
	t.Helper()
	var out, errs bytes.Buffer
	env := func(k string) string { return map[string]string{"USER": "mira"}[k] }
	all := append([]string{"drill", "single-validator-failover", "--autopilot", "--json", "--journal", t.TempDir()}, args...)
	code := Run(context.Background(), all, Streams{In: strings.NewReader(""), Out: &out, Err: &errs}, env)
	var s summary
	if err := json.Unmarshal(out.Bytes(), &s); err != nil {
		t.Fatalf("exit %d, output %q, errors %q: %v", code, out.String(), errs.String(), err)
	}
	return s, code
}

func TestOptionA(t *testing.T) {
	s, code := flyTest(t, "--seed", "7", "--option", "recover=A")
	if code != 0 || s.Outcome != "resolved" || s.DoubleSigns != 0 {
		t.Errorf("exit %d: %+v", code, s)
	}
}

func TestOptionB(t *testing.T) {
	s, code := flyTest(t, "--seed", "7", "--option", "recover=B")
	if code != 0 || s.Outcome != "resolved" || s.DoubleSigns != 0 {
		t.Errorf("exit %d: %+v", code, s)
	}
}
