package tui

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/virtengine/relight/tui/internal/fixture"
)

// TestKeysAreDocumented holds docs/keys.md to the key map. `make keys` writes
// it anew.
func TestKeysAreDocumented(t *testing.T) {
	path := filepath.Join("..", "docs", "keys.md")
	got := keysDoc(t)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v; make keys writes it", err)
	}
	if string(want) != got {
		t.Errorf("%s is not what the key map says; make keys writes it anew", path)
	}
}

// place is somewhere the keys mean something of their own.
type place struct {
	name string
	keys func(d *driver) []binding
}

func places() []place {
	at := func(p pane) func(d *driver) []binding {
		return func(d *driver) []binding {
			d.m.focus = p
			return map[pane]func() []binding{paneList: d.m.listKeys, paneNodes: d.m.nodeKeys, paneOut: d.m.outKeys, paneMail: d.m.mailKeys, paneLog: d.m.logKeys}[p]()
		}
	}
	return []place{
		{"Everywhere", func(d *driver) []binding { return d.m.alwaysKeys() }},
		{"Acting, in every part", func(d *driver) []binding { return d.m.actKeys() }},
		{"Moving, in every part", func(d *driver) []binding { return d.m.moveKeys() }},
		{"Checklist", at(paneList)},
		{"Nodes", at(paneNodes)},
		{"Output", at(paneOut)},
		{"Messages", at(paneMail)},
		{"Log", at(paneLog)},
		{"A text over the parts (Enter opens it)", func(d *driver) []binding { return d.m.detailKeys() }},
		{"The declaration", func(d *driver) []binding { d.m.openForm(); return d.m.formKeys() }},
		{"A choice", func(d *driver) []binding { d.m.choose(); return d.m.choiceKeys() }},
		{"The question of a later alert", func(d *driver) []binding { return d.m.questionKeys() }},
		{"Search all", func(d *driver) []binding { d.m.openPalette(); return d.m.paletteKeys() }},
		{"While something is armed", func(d *driver) []binding { d.m.prompt.kind = armed; return d.m.promptKeys() }},
		{"In a field", func(d *driver) []binding { d.m.prompt.kind = typing; return d.m.promptKeys() }},
	}
}

func keysDoc(t *testing.T) string {
	var b strings.Builder
	b.WriteString(`# Keys

Made from the key map by ` + "`make keys`" + `; a test holds it. On the screen ` + "`?`" + ` shows the same for what works here and now, and ` + "`Ctrl+p`" + ` finds all of it by a few letters.

How far a key reaches: **look** changes what is shown and nothing else; **record** writes into the record, runs and posts nothing; **armed, typed** fires only on its typed word and Enter;
**acts** is one key, on a text that stands complete and unchanged on the screen. Pasted text never confirms. A window of less than 60 columns locks ` + "`x`" + ` and ` + "`P`" + `.
`)
	for _, p := range places() {
		d := open(t, fixture.Flight(), 120, 40)
		rows := ""
		for _, k := range p.keys(d) {
			if k.help == "" {
				continue
			}
			reach := string(k.class)
			if reach == "" {
				reach = string(looks)
			}
			rows += fmt.Sprintf("| `%s` | %s | %s |\n", strings.ReplaceAll(k.show, "|", `\|`), k.help, reach)
		}
		if rows != "" {
			fmt.Fprintf(&b, "\n## %s\n\n| key | does | reach |\n| --- | --- | --- |\n%s", p.name, rows)
		}
	}
	b.WriteString("\n## Commands\n\nTyped after `:`.\n\n| command | does |\n| --- | --- |\n")
	for _, c := range open(t, fixture.Flight(), 120, 40).m.commands() {
		fmt.Fprintf(&b, "| `:%s` | %s |\n", strings.TrimSpace(c.name+" "+c.args), c.help)
	}
	return b.String()
}

// TestNoKeyMeansTwoThings: in one place a key is bound once, what acts is never
// a key that elsewhere only looks, and what runs is armed.
func TestNoKeyMeansTwoThings(t *testing.T) {
	for name, view := range fixture.Moments() {
		for _, focus := range []pane{paneList, paneNodes, paneOut, paneMail, paneLog} {
			d := open(t, view(), 120, 40)
			d.m.focus = focus
			seen := map[string]string{}
			for _, b := range d.m.bindings() {
				for _, k := range b.keys {
					if other, ok := seen[k]; ok {
						t.Errorf("%s, %s: %q is %q and %q", name, d.m.name(focus), k, other, b.help)
					}
					seen[k] = b.help
				}
			}
			for _, k := range []string{"X", "p", "y y"} {
				if _, ok := seen[k]; ok {
					t.Errorf("%q stays unbound: it is next to what acts", k)
				}
			}
		}
	}
}

// TestOneKeyRunsNothing presses every key there is once, in every moment and
// part: nothing runs, is stopped or undone; P alone posts, and only what stood.
func TestOneKeyRunsNothing(t *testing.T) {
	keys := []string{"enter", "esc", "tab", "space", "backspace", "up", "down", "ctrl+c", "ctrl+d", "ctrl+u", "ctrl+p", "ctrl+l", "ctrl+z", "ctrl+\\"}
	for r := '!'; r <= '~'; r++ {
		keys = append(keys, string(r))
	}
	for name, view := range fixture.Moments() {
		for _, k := range keys {
			d := open(t, view(), 120, 40)
			d.press(k)
			d.send(keyOf("enter"))
			for _, call := range d.c.Calls() {
				word, _, _ := strings.Cut(call, " ")
				bad := map[string]bool{"run": true, "stop": true, "undo": true, "cut": true, "declare": true}[word] || (word == "post" && k != "P")
				if bad {
					t.Errorf("%s: %q then Enter asked the cockpit: %s", name, k, call)
				}
			}
		}
	}
}
