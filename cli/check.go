package cli

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/virtengine/relight/checklists"
	"github.com/virtengine/relight/config"
	"github.com/virtengine/relight/safe"
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
	return paramsFit(book, p.runbook, p.params, p.fleet)
}

// paramsFit holds values against what the runbook, called by that name, asks
// for. A fleet that knows no host, key or node says nothing about their names.
func paramsFit(book checklists.Book, runbook string, params map[string]string, fleet config.Fleet) error {
	for _, name := range slices.Sorted(maps.Keys(params)) {
		value := params[name]
		asked, ok := book.Param(name)
		if !ok {
			var names []string
			for _, q := range book.Params {
				names = append(names, q.Name)
			}
			return fmt.Errorf("--param %s: %s has no such parameter; it asks for %s", safe.Short(name, 40), runbook, cmp.Or(strings.Join(names, ", "), "nothing"))
		}
		given := name + "=" + safe.Short(value, 60)
		if asked.Type == "secret" {
			given = name // what was typed is for nobody's eyes
		}
		if known := choices(asked, fleet); known != nil && !slices.Contains(known, value) && (value != "" || !asked.Optional) {
			return fmt.Errorf("--param %s: one of %s", given, strings.Join(known, ", "))
		}
		if why, do := checklists.Fits(asked, value); why != "" {
			return fmt.Errorf("--param %s: %s; %s", given, why, do)
		}
	}
	if a, b, ok := checklists.SameHost(book, params); !ok {
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
