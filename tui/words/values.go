package words

import (
	"slices"
	"strings"

	"github.com/virtengine/relight/checklists"
	"github.com/virtengine/relight/cockpit"
	"github.com/virtengine/relight/safe"
)

// Values are the variables that a script names and what each holds on the hosts it
// runs on: "failed_unit = virtengine-node". They are made by what tells them to the
// job, so that what is shown is what runs.
func Values(v cockpit.View, script string, hosts []string) []string {
	if len(hosts) == 0 {
		return nil
	}
	var names []string
	holds := map[string][]string{}
	for _, h := range hosts {
		for _, x := range v.Vars(script, h) {
			if len(holds[x.Name]) == 0 {
				names = append(names, x.Name)
			}
			value := safe.Short(x.Value, 200)
			if value == "" {
				value = "(empty)"
			}
			if !slices.Contains(holds[x.Name], value) {
				holds[x.Name] = append(holds[x.Name], value)
			}
		}
	}
	out := make([]string, 0, len(names))
	for _, name := range names {
		out = append(out, safe.Short(name, 60)+" = "+strings.Join(holds[name], " or "))
	}
	for _, p := range v.State.Book.Params {
		for _, name := range checklists.EnvNames(p) {
			if strings.Contains(name, "_mark_") && len(holds[name]) == 0 && (strings.Contains(script, "$"+name) || strings.Contains(script, "${"+name)) {
				out = append(out, safe.Short(name, 60)+" = read when it starts")
			}
		}
	}
	return out
}

// Typed is the word to be typed for a step. One that says little alone (a number, a
// letter or two) is asked for together with the verb: it may be a key elsewhere.
func Typed(st cockpit.StepView, verb string) string {
	w := safe.Line(st.Confirm)
	if len([]rune(w)) < 3 || strings.Trim(w, "0123456789.,%") == "" {
		return strings.TrimSpace(verb + " " + w)
	}
	return w
}
