package words_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/virtengine/relight/checklists"
	"github.com/virtengine/relight/cockpit"
	"github.com/virtengine/relight/incident"
	"github.com/virtengine/relight/tui/words"
)

// What an armed prompt names of a command is what acts in it: a harmless look in
// front of it must not stand for it.
func TestActing(t *testing.T) {
	for name, c := range map[string]struct {
		script string
		want   []string
	}{
		"a look before":      {"set -eu\nkubectl -n \"$namespace\" get deployment \"$w\"\nkubectl -n \"$namespace\" scale deployment \"$w\" --replicas=0\n", []string{`kubectl -n "$namespace" scale deployment "$w" --replicas=0`}},
		"a thing named get":  {"kubectl delete pod get\n", []string{"kubectl delete pod get"}},
		"inside an if":       {"if ! sudo -n test -s \"$kept\"; then\n  sudo -n sed -n 's/a/b/p' \"$config\" | sudo -n tee \"$kept\" > /dev/null\nfi\nsudo -n sed -i 's/x|y/z/' \"$config\"\n", []string{`sudo -n sed -n 's/a/b/p' "$config" | sudo -n tee "$kept" > /dev/null`, `sudo -n sed -i 's/x|y/z/' "$config"`}},
		"only looks":         {"config=\"$home/config\"\nn=$(kubectl get deployment x)\ntest \"$n\" -gt 0\necho \"$n\" >&2\n", nil},
		"a hidden act":       {"n=$(rm -rf \"$x\")\n", []string{`n=$(rm -rf "$x")`}},
		"a redirection":      {"echo 1 > /etc/x\n", []string{"echo 1 > /etc/x"}},
		"a shell in a shell": {"sh -c 'anything'\n", []string{"sh -c 'anything'"}},
		"a variable":         {"\"$tool\" status\n", []string{`"$tool" status`}},
		"over two rows":      {"rm \\\n  x\n", []string{"rm x"}},
		"status of a unit":   {"sudo -n systemctl is-active x\nsystemctl --user -t service show x\nsystemctl restart status\n", []string{"systemctl restart status"}},
		"not a script":       {"if then ((\nrm x", []string{"if then ((", "rm x"}},
	} {
		t.Run(name, func(t *testing.T) {
			if got := words.Acting(c.script); !slices.Equal(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// Every run of the library that acts names an act.
func TestActingNeverEmptyOnARestart(t *testing.T) {
	for _, verb := range strings.Fields("start stop restart reload enable disable mask unmask kill reset-failed") {
		if s := "sudo -n systemctl " + verb + " virtengine"; !slices.Equal(words.Acting(s), []string{s}) {
			t.Errorf("%q does not act", s)
		}
	}
}

// A word that is a key elsewhere, or too short to be a decision, takes its verb.
func TestTyped(t *testing.T) {
	for confirm, want := range map[string]string{"5": "run 5", "12": "run 12", "1200": "run 1200", "ab": "run ab", "": "run", "run": "run", "val-2": "val-2", "db1": "db1"} {
		if got := words.Typed(cockpit.StepView{Confirm: confirm}, "run"); got != want {
			t.Errorf("%q is asked as %q, want %q", confirm, got, want)
		}
	}
}

// The values shown are those the job is told: cleaned, no secret among them, and
// what is empty is said to be.
func TestValues(t *testing.T) {
	v := cockpit.View{State: incident.State{ID: "INC-1", Params: map[string]string{"namespace": "pro\x1b[31md", "pass": "hunter22", "unused": "x", "none": ""},
		Captures: map[string]string{"before": "3"}}}
	for _, p := range [][2]string{{"namespace", "string"}, {"pass", "secret"}, {"unused", "string"}, {"none", "string"}, {"key", "key"}} {
		v.State.Book.Params = append(v.State.Book.Params, checklists.Param{Name: p[0], Type: p[1]})
	}
	got := strings.Join(words.Values(v, `echo "$namespace" ${pass} $none $before "$TARGET" $key_mark_height`, []string{"a", "b"}), ", ")
	want := "TARGET = a or b, before = 3, namespace = prod, none = (empty), pass = [hidden], key_mark_height = read when it starts"
	if got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}
