package paper

import (
	"regexp"
	"strconv"
	"strings"
	"sync"

	"github.com/virtengine/relight/checklists"
	"github.com/virtengine/relight/incident"
)

// assertions finds what a runbook asserts inside other text.
var assertions = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`\b([a-z]+)(?:\(([^()\s]+)\))?\.([a-z_]+)(?:\(([0-9]{1,6})\))? (==|!=|<=|>=|<|>) (\$?[A-Za-z0-9_/+-]+(?:\.[A-Za-z0-9_]+)*)`)
})

// words is text with the assertions of the cockpit in it as a person says them.
func (w *writer) words(text string) string {
	return assertions().ReplaceAllStringFunc(text, func(raw string) string {
		m := assertions().FindStringSubmatch(raw)
		p := checklists.Probe{Kind: m[1], Name: m[2], Field: m[3], Op: m[5], Lit: w.ref(m[6])}
		p.Arg, _ = strconv.Atoi(m[4])
		if spec, ok := checklists.FindProbe(p.Kind, p.Field); !ok || spec.Named() != (p.Name != "") {
			return raw
		}
		says, _ := assertion(p, w.ref(p.Name))
		return says
	})
}

// reading is what the i-th check of a step asserts, in words; a script is told
// by what its end must be, where it runs and its first line.
func (w *writer) reading(st checklists.Step, i int, r incident.Reading) string {
	if i >= len(st.Verifies) || st.Verifies[i].Lang == "probe" {
		return w.words(r.Text)
	}
	b := st.Verifies[i]
	if _, first, ok := strings.Cut(r.Text, ": "); ok {
		return w.command(b) + ": " + first
	}
	return r.Text
}
