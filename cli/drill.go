package cli

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/virtengine/relight/clock"
	"github.com/virtengine/relight/drill/autopilot"
	"github.com/virtengine/relight/safe"
)

// firstDrill is flown when no runbook is named.
const firstDrill = "single-validator-failover"

type drillOptions struct {
	runbook   string
	fresh     bool
	autopilot bool
	asJSON    bool
	seed      uint64
	seeded    bool
	speed     float64
	start     string
	faults    []string
	options   []string
	params    []string
}

func newDrill(g *globals) *cobra.Command {
	var o drillOptions
	cmd := &cobra.Command{
		Use:   "drill [RUNBOOK]",
		Short: "Fly a runbook on the built-in fleet, or with --config on that file's [drill] fleet",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.seeded = cmd.Flags().Changed("seed")
			if !slices.Contains([]string{"on", "off", "auto"}, g.lessons) {
				return fmt.Errorf("--lessons %s: it is on, off or auto", safe.Short(g.lessons, 20))
			}
			if len(args) > 0 {
				o.runbook = args[0]
			}
			if !o.seeded {
				o.seed = randomSeed()
			}
			if cmd.Flags().Changed("config") {
				return drillOutside(cmd.Context(), g, o)
			}
			return drillInside(cmd.Context(), g, o)
		},
	}
	f := cmd.Flags()
	f.BoolVar(&o.fresh, "new", false, "start afresh instead of resuming the newest open drill")
	f.BoolVar(&o.autopilot, "autopilot", false, "no screen: the commander is scripted from what it sees")
	f.BoolVar(&o.asJSON, "json", false, "one summary object on standard output (with --autopilot)")
	f.Uint64Var(&o.seed, "seed", 0, "the same seed tells the same story (default: random)")
	f.Float64Var(&o.speed, "speed", 1, "how fast the rehearsal clock runs for a person")
	f.StringVar(&o.start, "start", "", "when the rehearsal clock begins, as 2026-11-23T02:56:40Z (default: now)")
	_ = f.MarkHidden("start") // for pictures that are to show the same night each time
	f.StringArrayVar(&o.faults, "fault", nil, "one more fault, NAME[=TARGET][@AFTER], as colleague-starts-standby@3m (repeatable)")
	f.StringArrayVar(&o.options, "option", nil, "the option to take, PHASE=LETTER, as recover=B (repeatable)")
	f.StringVar(&g.lessons, "lessons", "auto", "on, off or auto: the two rows that teach the first flight. on shows them again, off never, auto until somebody ends them with T")
	f.StringArrayVar(&o.params, "param", nil, "a parameter of the runbook, NAME=VALUE (repeatable)")
	return cmd
}

func randomSeed() uint64 {
	var b [4]byte
	_, _ = rand.Read(b[:]) // never fails on the platforms Go supports
	return uint64(binary.BigEndian.Uint32(b[:]))
}

// fly lets the autopilot command until the flight is over.
func fly(ctx context.Context, h house, clk clock.Clock, o drillOptions) (*autopilot.Pilot, error) {
	choices, err := pairs(o.options)
	if err != nil {
		return nil, fmt.Errorf("--option: %w; write it like recover=B", err)
	}
	// Whoever asks for a long stretch of signing waits for it.
	stable, _ := time.ParseDuration(h.params["stable"])
	p := autopilot.New(h.Cockpit, autopilot.Options{Choices: choices, Patience: max(20*time.Minute, 2*stable)})
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	over := make(chan struct{})
	step := func() bool {
		act := p.Next()
		if act == nil {
			if p.Outcome() != "" {
				closeOnce(over)
			}
			return false
		}
		done := clk.Busy()
		go func() {
			defer done()
			_ = act(ctx) // a refusal is in the record, and the pilot sees it
		}()
		return true
	}
	if r, ok := clk.(*clock.Rehearsal); ok {
		r.OnIdle(step)
		go r.Run(ctx)
	} else {
		go realTime(ctx, p, closer(over))
	}
	flown := make(chan struct{})
	go func() { h.Run(ctx); close(flown) }()
	select {
	case <-over:
	case <-ctx.Done():
	}
	cancel()
	<-flown
	return p, nil
}

// closeOnce closes a channel that one goroutine owns.
func closeOnce(c chan struct{}) {
	select {
	case <-c:
	default:
		close(c)
	}
}

func closer(c chan struct{}) func() { return func() { closeOnce(c) } }

// realTime flies on a fleet whose clock cannot jump: one thing at a time.
func realTime(ctx context.Context, p *autopilot.Pilot, over func()) {
	tick := time.NewTicker(300 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if act := p.Next(); act != nil {
			_ = act(ctx) // a refusal is in the record, and the pilot sees it
		} else if p.Outcome() != "" {
			over()
			return
		}
	}
}

// tell prints how an autopilot's flight ended and gives the exit code.
func (g *globals) tell(h house, p *autopilot.Pilot, o drillOptions, dir string) error {
	s := summarize(h.State(), h.Log())
	s.Seed, s.Outcome = o.seed, p.Outcome()
	if s.Outcome == "" {
		s.Outcome = autopilot.Aborted
	}
	if s.Outcome != autopilot.Resolved {
		s.Why = h.View().Notice
	}
	if s.Incident != "" {
		folder := filepath.Join(dir, s.Incident)
		path, err := writeReport(h.Cockpit, folder)
		if err != nil {
			fmt.Fprintf(g.Err, "relight: %v; the record has it all: %s\n", err, g.reportOf(s.Incident))
		}
		s.RecordHead, s.Journal, s.Report = h.View().Head, folder, path
	}
	if o.asJSON {
		if err := json.NewEncoder(g.Out).Encode(s); err != nil {
			return err
		}
	} else {
		g.tellWords(s)
	}
	if !s.good() {
		return exit(1)
	}
	return nil
}

func (g *globals) tellWords(s summary) {
	fmt.Fprintf(g.Out, "%s  %s  %s, seed %d\n", s.Incident, s.Runbook, s.Outcome, s.Seed)
	for _, c := range s.Clocks {
		word, measured := "missed", "never stopped"
		if c.Met {
			word = "met"
		}
		if c.Measured != nil {
			measured = time.Duration(*c.Measured * float64(time.Second)).Round(time.Second).String()
		}
		fmt.Fprintf(g.Out, "clock %s: %s of %s, %s\n", c.Component, measured, time.Duration(c.RTO*float64(time.Second)), word)
	}
	if s.Why != "" {
		fmt.Fprintf(g.Out, "why: %s\n", s.Why)
	}
	fmt.Fprintf(g.Out, "double signs: %d\nreport: %s\n", s.DoubleSigns, s.Report)
}

// errNoAnswer says that the input ended where a question was asked: nothing is
// gone on with and nothing begun.
var errNoAnswer = errors.New("nobody answered, so nothing was begun: name the drill to go on with it, or give --new")

// ask asks a yes-or-no question on the terminal, again until it is answered: an
// empty line, y and yes are yes, n and no are no. Errors: errNoAnswer when the
// input ends before, ctx's cause when it ended first.
func (g *globals) ask(ctx context.Context, question string) (bool, error) {
	type answer struct {
		yes bool
		err error
	}
	in, said := g.In, make(chan answer, 1)
	fmt.Fprintf(g.Err, "%s [Y/n] ", question)
	go func() {
		for {
			line, err := oneLine(in)
			line = strings.ToLower(strings.TrimSpace(line))
			switch {
			case err != nil && line == "":
				said <- answer{err: errNoAnswer}
				return
			case line == "" || line == "y" || line == "yes":
				said <- answer{yes: true}
				return
			case line == "n" || line == "no":
				said <- answer{}
				return
			}
			fmt.Fprintf(g.Err, "%q is neither yes nor no. %s [Y/n] ", safe.Short(line, 20), question)
		}
	}()
	select {
	case a := <-said:
		if a.err != nil {
			fmt.Fprintln(g.Err)
		}
		return a.yes, a.err
	case <-ctx.Done():
		fmt.Fprintln(g.Err)
		return false, context.Cause(ctx)
	}
}

// oneLine reads a line and nothing after it: the rest is for whoever comes next.
// An error comes with what was read before it.
func oneLine(in io.Reader) (string, error) {
	var b [1]byte
	line := strings.Builder{}
	for {
		n, err := in.Read(b[:])
		if n == 1 && b[0] == '\n' {
			return line.String(), nil
		}
		line.Write(b[:n])
		if err != nil {
			return line.String(), err
		}
	}
}
