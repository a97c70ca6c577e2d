package cli

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/virtengine/relight/clock"
	"github.com/virtengine/relight/cockpit"
	"github.com/virtengine/relight/config"
	"github.com/virtengine/relight/incident"
	"github.com/virtengine/relight/lazy"
)

// runLive is `relight` alone: resume the named incident or the one that is
// open, else watch and declare.
func runLive(ctx context.Context, g *globals, name string) error {
	if name != "" && !idShape.MatchString(name) {
		return noSuchCommand(name)
	}
	cfg, err := g.load()
	if err != nil {
		return err
	}
	h, dir, err := g.liveHouse(cfg, "", nil)
	if err != nil {
		return err
	}
	defer h.close()
	id, err := g.chosen(dir, name, cfg.Live)
	if err != nil {
		return err
	}
	if id != "" {
		if err := g.resume(h, filepath.Join(dir, id)); err != nil {
			return err
		}
	}
	return g.sit(ctx, h, clock.Real())
}

func (g *globals) liveHouse(cfg config.Config, runbook string, params map[string]string) (house, string, error) {
	if len(cfg.Live.Hosts) == 0 && len(cfg.Live.Nodes) == 0 {
		return house{}, "", fmt.Errorf("%s describes no live fleet (no [[host]], no [[node]]); a drill on its [drill] fleet is `%s`", cfg.Path, g.onRecords("relight drill --config "+quoted(cfg.Path)))
	}
	dir, err := g.journalDir()
	if err != nil {
		return house{}, "", err
	}
	h, err := build(plan{fleet: cfg.Live, library: cfg.Library, name: filepath.Base(cfg.Path), clk: clock.Real(),
		person: g.person(cfg.Live), dir: dir, runbook: runbook, params: params, back: g.comeBack})
	return h, dir, err
}

// comeBack is the command that takes an incident up again.
func (g *globals) comeBack(s incident.State) string {
	return g.onFleet(backWord(s))
}

// onFleet is a command with the options that say of which fleet and where its
// records are, as they were given here: without them it means others.
func (g *globals) onFleet(words string) string {
	if g.config != "" {
		words += " --config " + quoted(g.config)
	}
	return g.onRecords(words)
}

// onRecords is a command that reads records, with the option that says where
// they are.
func (g *globals) onRecords(words string) string {
	if g.journal != "" {
		words += " --journal " + quoted(g.journal)
	}
	return words
}

// logOf and reportOf are the commands that read a record.
func (g *globals) logOf(id string) string    { return g.onRecords("relight log " + id) }
func (g *globals) reportOf(id string) string { return g.onRecords("relight report " + id) }

// goesOn is what to type after the end: the report's command when the incident
// is over, else the one that takes it up again.
func (g *globals) goesOn(s incident.State) string {
	if s.ID != "" && !s.Open() {
		return g.reportOf(s.ID)
	}
	return g.comeBack(s)
}

// plainWord needs no quotes in a shell.
var plainWord = lazy.Pattern(`^[A-Za-z0-9_./@%+=:,-]+$`)

// quoted is a word as a shell takes it.
func quoted(s string) string {
	if plainWord.MatchString(s) {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

func newDeclare(g *globals) *cobra.Command {
	var runbook, severity, title string
	var params []string
	var headless bool
	cmd := &cobra.Command{
		Use:   "declare --runbook ID",
		Short: "Declare an incident on the live fleet and open the screen",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			values, err := pairs(params)
			if err != nil {
				return fmt.Errorf("--param: %w", err)
			}
			cfg, err := g.load()
			if err != nil {
				return err
			}
			h, _, err := g.liveHouse(cfg, runbook, values)
			if err != nil {
				return err
			}
			defer h.close()
			if title == "" {
				title = runbook
			}
			err = h.Declare(cockpit.Declaration{Runbook: runbook, Title: title, Severity: severity, Params: values})
			if err != nil {
				return err
			}
			if headless {
				fmt.Fprintln(g.Out, h.State().ID)
				ctx, cancel := context.WithCancel(cmd.Context())
				cancel()
				h.Run(ctx)
				return nil
			}
			return g.sit(cmd.Context(), h, clock.Real())
		},
	}
	f := cmd.Flags()
	f.StringVar(&runbook, "runbook", "", "the runbook to fly (needed)")
	f.StringVar(&severity, "severity", "", "sev1 to sev4 (default: the runbook's own)")
	f.StringVar(&title, "title", "", "what is wrong, in one line")
	f.StringArrayVar(&params, "param", nil, "a parameter of the runbook, NAME=VALUE (repeatable)")
	f.BoolVar(&headless, "headless", false, "declare, print the id, and end")
	_ = cmd.MarkFlagRequired("runbook")
	return cmd
}
