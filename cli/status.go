package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	relightssh "github.com/virtengine/relight/actions/ssh"
	"github.com/virtengine/relight/cockpit"
	"github.com/virtengine/relight/config"
	"github.com/virtengine/relight/nodes"
)

// statusWait bounds how long `relight status` watches the chain to say whether
// it moves.
const statusWait = 20 * time.Second

func newStatus(g *globals) *cobra.Command {
	var asJSON, watch, drill bool
	cmd := &cobra.Command{
		Use:   "status",
		Short: "What is seen, once; exit 0 healthy, 1 degraded, 2 halted or unknown",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := g.load()
			if err != nil {
				return err
			}
			fleet := cfg.Live
			if drill || (len(fleet.Nodes) == 0 && cfg.HasDrill) {
				fleet = cfg.Drill
			}
			return g.status(cmd.Context(), fleet, asJSON, watch)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "the snapshot as JSON")
	cmd.Flags().BoolVar(&watch, "watch", false, "again every two seconds, until interrupted")
	cmd.Flags().BoolVar(&drill, "drill", false, "the [drill] fleet of the configuration")
	return cmd
}

func (g *globals) status(ctx context.Context, f config.Fleet, asJSON, watch bool) error {
	if !asJSON {
		g.sayLoose(false)
	}
	r, err := newReach(f, nil, relightssh.Options{})
	if err != nil {
		return err
	}
	defer r.pool.Close()
	w := nodes.New(seen(f), r, r, nodes.Options{Every: time.Second})
	defer w.Close()
	var hosts []string
	for _, k := range f.Keys {
		hosts = append(hosts, k.Hosts...)
	}
	for {
		s := lookAll(ctx, w, hosts)
		if err := g.printStatus(s, asJSON); err != nil {
			return err
		}
		if code := statusCode(s); !watch || ctx.Err() != nil {
			if code != 0 {
				return exit(code)
			}
			return nil
		}
		pause(ctx, 2*time.Second)
	}
}

// looker is what lookAll wants of a watcher.
type looker interface {
	Look(ctx context.Context, now time.Time) nodes.Snapshot
	LookHosts(ctx context.Context, now time.Time, hosts []string) []nodes.HostFacts
}

// lookAll reads hosts and nodes side by side, as the cockpit does: a host that
// hangs holds back nothing the nodes need time for. What the hosts said is in
// the last look.
func lookAll(ctx context.Context, w looker, hosts []string) nodes.Snapshot {
	read := make(chan struct{})
	go func() {
		defer close(read)
		w.LookHosts(ctx, time.Now(), hosts)
	}()
	s := untilKnown(ctx, w)
	if len(hosts) == 0 {
		return s
	}
	<-read
	return w.Look(ctx, time.Now())
}

// untilKnown looks until it can say whether the chain moves.
func untilKnown(ctx context.Context, w looker) nodes.Snapshot {
	ctx, cancel := context.WithTimeout(ctx, statusWait)
	defer cancel()
	for {
		s := w.Look(ctx, time.Now())
		_, known := s.Chain.Moving.Bool()
		if known || s.Chain.Endpoints == 0 || ctx.Err() != nil {
			return s
		}
		pause(ctx, time.Second)
	}
}

func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}

func statusCode(s nodes.Snapshot) int {
	if s.Chain.Moving != nodes.True {
		return 2
	}
	if len(cockpit.Alerts(s)) > 0 {
		return 1
	}
	for _, n := range s.Nodes {
		if n.State != nodes.Up || n.Synced == nodes.False {
			return 1
		}
	}
	return 0
}

func (g *globals) printStatus(s nodes.Snapshot, asJSON bool) error {
	if asJSON {
		return json.NewEncoder(g.Out).Encode(s)
	}
	p := s.Chain.Power
	words := map[int]string{0: "HEALTHY", 1: "DEGRADED", 2: "HALTED OR UNKNOWN"}
	fmt.Fprintf(g.Out, "%s  block %d, power %d of %d online, needs %d\n", words[statusCode(s)], s.Chain.Height, p.Online, p.Total, p.Needed)
	for _, a := range cockpit.Alerts(s) {
		fmt.Fprintf(g.Out, "! %s\n", a.Text)
	}
	t := tabwriter.NewWriter(g.Out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(t, "NODE\tSTATE\tHEIGHT\tAGE\tPEERS\tSYNCED\tNOTE")
	for _, n := range s.Nodes {
		fmt.Fprintf(t, "%s\t%s\t%d\t%s\t%d\t%s\t%s\n", n.Name, n.State, n.Height, n.Age.Round(time.Second), n.Peers, n.Synced, n.Err)
	}
	fmt.Fprintln(t, "KEY\tSIGNING\tMISSED\tSHOWN BY\t\t\t")
	for _, k := range s.Keys {
		fmt.Fprintf(t, "%s\t%s\t%d\t%v\t\t\t%s\n", k.Name, k.Signing, k.MissedStreak, k.LiveEndpoints, k.SigningWhy)
	}
	if len(s.Databases) > 0 {
		fmt.Fprintln(t, "DATABASE\tROLE\tTIMELINE\tBEHIND\tREPLICAS\t\tNOTE")
	}
	for _, d := range s.Databases {
		behind := "-"
		if d.LagBytes >= 0 {
			behind = fmt.Sprintf("%d bytes", d.LagBytes)
		}
		role, note := string(d.Role), d.LagWhy
		if d.State != nodes.Up {
			role, note = string(d.State), d.Err
		}
		fmt.Fprintf(t, "%s\t%s\t%d\t%s\t%d\t\t%s\n", d.Name, role, d.Timeline, behind, d.Replicas, note)
	}
	return t.Flush()
}
