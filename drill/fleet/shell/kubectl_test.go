package shell

import "testing"

// Replicas are asked for at once and serve seconds later; a scale back to a
// number that nobody wrote down is a guess.
func TestKubectl(t *testing.T) {
	b := newBox()
	for _, c := range []struct {
		script, out, errout string
		code                int
	}{
		{"kubectl get deployment virtengine-api -n virtengine-system -o jsonpath='{.spec.replicas} {.status.readyReplicas}'", "3 3", "", 0},
		{"kubectl get deployment virtengine-api", "", "Error from server (NotFound): deployments.apps \"virtengine-api\" not found\n", 1},
		{"kubectl scale deployment virtengine-api --replicas=0 -n virtengine-system", "deployment.apps/virtengine-api scaled\n", "", 0},
		{"kubectl -n virtengine-system get deployment/virtengine-api -o jsonpath='{.spec.replicas}[{.status.readyReplicas}]'", "0[]", "", 0},
		{"kubectl -n virtengine-system get pods -l app=virtengine-api -o name", "", "", 0},
		{"kubectl -n virtengine-system scale deployment/virtengine-api --current-replicas=3 --replicas=1", "", "error: Expected replicas to be 3, was 0\n", 1},
		{"kubectl -n virtengine-system scale deployment provider-daemon --replicas=5 && kubectl -n virtengine-system get deploy provider-daemon -o json | jq .status.readyReplicas",
			"deployment.apps/provider-daemon scaled\n2\n", "", 0},
		{"kubectl -n virtengine-system rollout status deployment/provider-daemon --timeout=1s", "", "error: timed out waiting for the condition\n", 1},
		{"kubectl -n virtengine-system rollout status deployment/provider-daemon --timeout=60s | tail -n 1", "deployment \"provider-daemon\" successfully rolled out\n", "", 0},
		{"kubectl delete deployment x", "", "error: unknown command \"delete\" for \"kubectl\"\n", 1},
	} {
		out, errout, code := b.run(t, "monitor-1", c.script)
		if c.code == 1 && c.out == "" {
			out = ""
		}
		if out != c.out || errout != c.errout || code != c.code {
			t.Errorf("%s: %q %q %d", c.script, out, errout, code)
		}
	}
	if _, _, code := b.run(t, "db-1", "kubectl get pods"); code != 127 {
		t.Errorf("kubectl on a host without it: %d", code)
	}
}
