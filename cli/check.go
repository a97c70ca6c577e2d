package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/virtengine/relight/checklists"
	"github.com/virtengine/relight/config"
)

// checkParams holds the parameters of the command line against the runbook and
// the fleet, before anything is declared.
func checkParams(p plan) error {
	if p.runbook == "" || len(p.params) == 0 {
		return nil
	}
	book, err := newShelf(p.library, p.fleet).Flight(p.runbook)
	if err != nil {
		return err
	}
	for name, value := range p.params {
		asked, ok := book.Param(name)
		if !ok {
			var names []string
			for _, q := range book.Params {
				names = append(names, q.Name)
			}
			return fmt.Errorf("--param %s: %s asks for %s", name, p.runbook, strings.Join(names, ", "))
		}
		if known := choices(asked, p.fleet); known != nil && !slices.Contains(known, value) {
			return fmt.Errorf("--param %s=%s: one of %s", name, value, strings.Join(known, ", "))
		}
	}
	if a, b, ok := checklists.SameHost(book, p.params); !ok {
		return fmt.Errorf("--param %s and %s name one host: they must differ", a, b)
	}
	return nil
}

// choices are the names a parameter may take on a fleet; nil: any.
func choices(p checklists.Param, f config.Fleet) []string {
	var out []string
	switch p.Type {
	case "key":
		for _, k := range f.Keys {
			out = append(out, k.Name)
		}
	case "host":
		for _, h := range f.Hosts {
			out = append(out, h.Name)
		}
	case "node":
		for _, n := range f.Nodes {
			out = append(out, n.Name)
		}
	case "enum":
		return p.Options
	}
	return out
}

// checkOptions holds --option against the runbook.
func checkOptions(s shelf, runbook string, list []string) error {
	given, err := pairs(list)
	if err != nil {
		return fmt.Errorf("--option: %w; write it like recover=B", err)
	}
	if len(given) == 0 && len(s.folders) == 0 && checklists.Ships(runbook) {
		return nil // the first frame waits for this
	}
	book, err := s.Flight(runbook)
	if err != nil {
		return err
	}
	known := map[string][]string{}
	var all []string
	for _, st := range checklists.Plan(book) {
		if st.Choice != "" && !slices.Contains(known[st.Choice], st.Letter) {
			known[st.Choice] = append(known[st.Choice], st.Letter)
			all = append(all, st.Choice+"="+st.Letter)
		}
	}
	for choice, letter := range given {
		if !slices.Contains(known[choice], letter) {
			return fmt.Errorf("--option %s=%s: %s has %s", choice, letter, runbook, strings.Join(all, ", "))
		}
	}
	return nil
}
