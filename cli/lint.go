package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/virtengine/relight/checklists"
	"github.com/virtengine/relight/config"
	"github.com/virtengine/relight/safe"
)

func newLint(g *globals) *cobra.Command {
	var asJSON, rules bool
	cmd := &cobra.Command{
		Use:   "lint [PATH...]",
		Short: "Check runbooks and the configuration; exit 0 clean or warnings, 1 errors, 2 could not read",
		Long: "lint reads runbooks as the cockpit would and says what is wrong with them: the format, commands that\n" +
			"fail on real systems, names the configuration does not know. A PATH is a runbook, a folder (its *.md,\n" +
			"also deeper) or a configuration (*.toml). Without one: the configuration, its runbooks, and those\n" +
			"that are shipped. A Markdown file that is no runbook is searched for such commands, and for figures\n" +
			"that contradict each other or the configuration. Exit 0: clean, or warnings; 1: errors; 2: something\n" +
			"could not be read.",
		RunE: func(_ *cobra.Command, args []string) error {
			if rules {
				return g.printRules(asJSON)
			}
			return g.lint(args, asJSON)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "one object: files, errors, warnings, unread, problems")
	cmd.Flags().BoolVar(&rules, "rules", false, "list the rules about real systems: what is wrong, why, what instead")
	return cmd
}

func (g *globals) printRules(asJSON bool) error {
	if asJSON {
		e := json.NewEncoder(g.Out)
		e.SetEscapeHTML(false)
		e.SetIndent("", "  ")
		return e.Encode(checklists.Rules())
	}
	for _, r := range checklists.Rules() {
		word := "error"
		if r.Warn {
			word = "warning"
		}
		if _, err := fmt.Fprintf(g.Out, "%s (%s)\n    %s\n    instead: %s\n", r.ID, word, r.Text, r.Hint); err != nil {
			return err
		}
	}
	return nil
}

// finding is one problem of a runbook or a configuration, as --json gives it.
type finding struct {
	checklists.Problem
	detail string // as a compiler says it
}

// lintReport is what --json gives.
type lintReport struct {
	Files    int       `json:"files"` // that were checked
	Errors   int       `json:"errors"`
	Warnings int       `json:"warnings"`
	Unread   []string  `json:"unread"` // why, one for each
	Problems []finding `json:"problems"`
}

func (g *globals) lint(paths []string, asJSON bool) error {
	rep := lintReport{Unread: []string{}, Problems: []finding{}}
	src := lintSources{unread: func(err error) { rep.Unread = append(rep.Unread, err.Error()) }}
	docs, configs := src.sort(paths)
	cfg, known := g.lintConfig(&rep, configs, len(paths) == 0)
	if len(paths) == 0 {
		src.own(cfg.Library.Runbooks)
	}
	for _, path := range docs {
		src.add(path)
	}
	by := checklists.Against{Today: time.Now()}
	if known {
		by.Names, by.Figures = lintFleet(cfg), figures(cfg)
	}
	for _, c := range checklists.Check(src.files, src.beside(), by) {
		rep.Files++
		for _, p := range c.Problems {
			rep.add(finding{p, p.Detail(c.File.Src)})
		}
	}
	if err := g.printLint(rep, asJSON); err != nil {
		return err
	}
	switch {
	case len(rep.Unread) > 0:
		return exit(2)
	case rep.Errors > 0:
		return exit(1)
	}
	return nil
}

func (r *lintReport) add(f finding) {
	if f.Warn {
		r.Warnings++
	} else {
		r.Errors++
	}
	r.Problems = append(r.Problems, f)
}

// lintFleet is the fleet whose names runbooks are checked against: the live
// one, or where there is none the drill's.
func lintFleet(c config.Config) config.Fleet {
	if len(c.Live.Hosts)+len(c.Live.Nodes) == 0 && c.HasDrill {
		return c.Drill
	}
	return c.Live
}

// figures are what the configuration promises and documents promise, too.
func figures(c config.Config) []checklists.Figure {
	var out []checklists.Figure
	where := filepath.Base(c.Path)
	add := func(rule, about, severity string, d time.Duration, source string) {
		if source != "" {
			source = " (" + safe.Line(source) + ")"
		}
		out = append(out, checklists.Figure{Rule: rule, About: about, Severity: strings.TrimPrefix(severity, "sev"), Said: shortTime(d) + source, Worth: d, Where: where})
	}
	f := lintFleet(c)
	for _, t := range f.Targets {
		if t.RTO > 0 && t.Component != "" {
			add("conflict-rto", t.Component, "", t.RTO, t.Source)
		}
		if t.RPO > 0 && t.Component != "" {
			add("conflict-rpo", t.Component, "", t.RPO, t.Source)
		}
	}
	for _, s := range f.Say {
		if !strings.HasPrefix(s.Template, "status-") {
			continue
		}
		if s.Timed {
			add("conflict-first-post", "", "", s.Due, "")
		}
		for _, sev := range slices.Sorted(maps.Keys(s.Every)) {
			add("conflict-cadence", "", sev, s.Every[sev], "")
		}
	}
	return out
}

// shortTime is 15m, 1h30m, 48h.
func shortTime(d time.Duration) string {
	s := strings.TrimSuffix(d.String(), "0s")
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// lintConfig checks the named configurations. Where none is named the usual
// one gives the names that runbooks are checked against; its warnings are told
// only when whole is asked for, its errors always. known is false where no
// configuration could be loaded.
func (g *globals) lintConfig(rep *lintReport, named []string, whole bool) (cfg config.Config, known bool) {
	usual := len(named) == 0
	if usual {
		path, err := config.Find(g.config, g.getenv)
		if errors.Is(err, config.ErrNone) {
			fmt.Fprintln(g.Err, "relight: no configuration found: names of hosts, keys, nodes and groups are not checked; name one with --config")
			return cfg, false
		} else if err != nil {
			rep.Unread = append(rep.Unread, err.Error())
			return cfg, false
		}
		named = []string{path}
	}
	for _, path := range named {
		c, err := config.Load(path, config.Options{Getenv: g.getenv})
		found := c.Warnings
		if err != nil && !errors.As(err, &found) {
			rep.Unread = append(rep.Unread, err.Error())
			continue
		}
		rep.Files++
		for _, p := range found {
			if !p.Warn || whole || !usual {
				rep.add(finding{checklists.Problem{File: p.File, Line: p.Line, Col: p.Col, Rule: p.Rule, Text: p.Text, Hint: p.Hint, Warn: p.Warn}, p.Detail()})
			}
		}
		if err == nil && !known {
			cfg, known = c, true
		}
	}
	if !known {
		fmt.Fprintln(g.Err, "relight: the configuration has errors: names of hosts, keys, nodes and groups in runbooks are not checked")
	}
	return cfg, known
}

func (g *globals) printLint(rep lintReport, asJSON bool) error {
	for _, why := range rep.Unread {
		fmt.Fprintf(g.Err, "relight: %s\n", why)
	}
	if asJSON {
		e := json.NewEncoder(g.Out)
		e.SetEscapeHTML(false)
		e.SetIndent("", "  ")
		return e.Encode(rep)
	}
	for _, f := range rep.Problems {
		if _, err := fmt.Fprintf(g.Out, "%s\n\n", f.detail); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(g.Out, "%s checked: %s, %s\n", counted(rep.Files, "file"), counted(rep.Errors, "error"), counted(rep.Warnings, "warning"))
	return err
}

// counted is "no errors", "1 error", "2 errors".
func counted(n int, what string) string {
	switch n {
	case 0:
		return "no " + what + "s"
	case 1:
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
