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
	"github.com/virtengine/relight/journal"
	"github.com/virtengine/relight/tui"
	"github.com/virtengine/relight/tui/plain"
)

// runLive is `relight` alone: resume the one open live incident, else watch and
// declare.
func runLive(ctx context.Context, g *globals) error {
	cfg, err := g.load()
	if err != nil {
		return fmt.Errorf("%w\n\nTo see relight without any configuration, fly the first drill: relight drill", err)
	}
	h, dir, err := g.liveHouse(cfg, "", nil)
	if err != nil {
		return err
	}
	defer h.close()
	id, err := openLive(dir)
	if err != nil {
		return err
	}
	if id != "" {
		if err := h.helm.take(); err != nil {
			return err
		}
		if err := g.resume(h, filepath.Join(dir, id)); err != nil {
			return fmt.Errorf("%s: %w", id, err)
		}
	}
	return g.sit(ctx, h, clock.Real())
}

func (g *globals) liveHouse(cfg config.Config, runbook string, params map[string]string) (house, string, error) {
	if len(cfg.Live.Hosts) == 0 && len(cfg.Live.Nodes) == 0 {
		return house{}, "", fmt.Errorf("%s describes no live fleet (no [[host]], no [[node]]); a drill on its [drill] fleet is `relight drill --config %s`", cfg.Path, cfg.Path)
	}
	dir, err := g.journalDir()
	if err != nil {
		return house{}, "", err
	}
	h, err := build(plan{fleet: cfg.Live, library: cfg.Library, name: filepath.Base(cfg.Path), clk: clock.Real(),
		person: g.person(cfg.Live), dir: dir, runbook: runbook, params: params})
	return h, dir, err
}

// openLive is the one live incident that is open; more than one is an error.
func openLive(dir string) (string, error) {
	ids, err := journal.List(dir, journal.LivePrefix)
	if err != nil {
		return "", err
	}
	var open []string
	for _, id := range ids {
		s, err := stateOf(filepath.Join(dir, id))
		if err != nil {
			return "", fmt.Errorf("%s: %w", id, err)
		}
		if s.Open() {
			open = append(open, id)
		}
	}
	if len(open) > 1 {
		return "", fmt.Errorf("more than one incident is open: %s; this version commands one at a time", strings.Join(open, ", "))
	}
	if len(open) == 0 {
		return "", nil
	}
	return open[0], nil
}

func stateOf(path string) (incident.State, error) {
	entries, _, err := journal.Read(path)
	if err != nil {
		return incident.State{}, err
	}
	log, err := cockpit.Decode(entries)
	if err != nil {
		return incident.State{}, err
	}
	return cockpit.Fold(log), nil
}

// sit puts a person before the cockpit: a screen where there is one, lines
// elsewhere.
func (g *globals) sit(ctx context.Context, h house, clk clock.Clock) error {
	look, err := g.screen(h.View().Drill)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if r, ok := clk.(*clock.Rehearsal); ok {
		go r.Run(ctx)
	}
	done := make(chan struct{})
	go func() { h.Run(ctx); close(done) }()
	if g.onTerminal() {
		err = tui.Run(ctx, h.Cockpit, look)
	} else {
		err = plain.Run(ctx, g.In, g.Out, h.Cockpit, plain.Options{Back: g.comeBack(h.View().Drill)})
	}
	cancel()
	<-done
	g.farewell(h.State())
	return err
}

// farewell says where things stand and how to come back.
func (g *globals) farewell(s incident.State) {
	switch {
	case s.ID == "":
	case !s.Open():
		fmt.Fprintf(g.Err, "%s is over. The report: relight report %s\n", s.ID, s.ID)
	default:
		fmt.Fprintf(g.Err, "%s is open and recorded. Come back with: %s\n", s.ID, g.comeBack(s.Drill))
	}
}

// comeBack is the command that takes an open incident up again.
func (g *globals) comeBack(drill bool) string {
	words := "relight"
	if drill {
		words += " drill"
	}
	if g.config != "" {
		words += " --config " + g.config
	}
	if g.journal != "" {
		words += " --journal " + g.journal
	}
	return words
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
			h, dir, err := g.liveHouse(cfg, runbook, values)
			if err != nil {
				return err
			}
			defer h.close()
			if id, err := openLive(dir); err != nil || id != "" {
				if err == nil {
					err = fmt.Errorf("%s is open; `relight` takes it up again", id)
				}
				return err
			}
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
