package cli

import (
	"os"
	"path/filepath"
	"time"

	"github.com/virtengine/relight/actions"
	relightssh "github.com/virtengine/relight/actions/ssh"
	"github.com/virtengine/relight/checklists"
	"github.com/virtengine/relight/clock"
	"github.com/virtengine/relight/cockpit"
	"github.com/virtengine/relight/config"
	"github.com/virtengine/relight/incident"
	"github.com/virtengine/relight/journal"
	"github.com/virtengine/relight/nodes"
	"github.com/virtengine/relight/safe"
)

// plan is what a house is built from.
type plan struct {
	fleet   config.Fleet
	library config.Library
	name    string // of the fleet, for the header
	clk     clock.Clock
	dial    dial
	drill   bool
	person  string
	dir     string // where records are kept
	id      string // of a record that is waiting; "": a new one at each declaration
	runbook string
	params  map[string]string
	told    cockpit.Report
	every   time.Duration
	observe func(incident.State)
	back    func(incident.State) string // the command that takes an incident up
	// quick: nobody waits for a person, and time stands still while a host of
	// the built-in fleet hangs, so its silence is believed sooner.
	quick bool
}

// house is a cockpit with the rooms below it.
type house struct {
	*cockpit.Cockpit
	shelf  shelf
	params map[string]string // given on the command line
	helm   *helm
	reach  *fleetReach
	watch  *nodes.Watcher
	// secrets are what may never be kept.
	secrets []string
}

// here is the state, which says whether this is a drill also before anything
// was declared.
func (h house) here() incident.State {
	s := h.State()
	s.Drill = h.View().Drill
	return s
}

func (h house) close() {
	h.watch.Close()
	h.reach.pool.Close()
	h.helm.release()
}

// build puts the rooms together.
func build(p plan) (house, error) {
	base, err := templates(p.library)
	if err != nil {
		return house{}, err
	}
	if err := checkParams(p); err != nil {
		return house{}, err
	}
	every := p.every
	if every == 0 {
		every = 2 * time.Second
	}
	transport := relightssh.Options{}
	eyes := nodes.Options{Every: every, HostEvery: 10 * every}
	if p.quick {
		transport.ConnectTimeout, transport.KeepAlive = 2*time.Second, 2*time.Second
		eyes.Timeout, eyes.HostTimeout = time.Second, 2*time.Second
	}
	r, err := newReach(p.fleet, p.dial, transport)
	if err != nil {
		return house{}, err
	}
	w := nodes.New(seen(p.fleet), r, r, eyes)
	id, secrets := p.id, secretsOf(p.fleet)
	cmd := &helm{dir: p.dir, fleet: p.fleet, live: !p.drill, back: p.back, held: map[string]*os.File{}}
	// The built-in fleet lives in this process: nobody else could fly on it.
	var other func(time.Time, checklists.Book, map[string]string) (string, cockpit.Record, error)
	if p.dial == nil {
		other = func(now time.Time, b checklists.Book, params map[string]string) (string, cockpit.Record, error) {
			return cmd.other(p, now, b, params)
		}
	}
	c := cockpit.New(cockpit.Options{
		Clock: p.clk, Fleet: p.fleet, Name: p.name, Drill: p.drill, Person: p.person,
		Books: newShelf(p.library, p.fleet), Watcher: w, Poster: newMouth(p.fleet, p.dial), Templates: base,
		Runner: hands{reach: r, runner: actions.NewRunner(r.pool), clk: p.clk, redact: safe.Redactor{}.With(secrets...), local: !p.drill, outside: p.dial == nil, mine: cmd.onHosts},
		Screen: actions.Screen, Every: every, Runbook: p.runbook, Told: p.told, Params: p.params, Observe: p.observe,
		OpenRecord: func(now time.Time, book checklists.Book, params map[string]string) (string, cockpit.Record, error) {
			if err := cmd.declare(book, params); err != nil {
				return "", nil, err
			}
			mine := id
			id = "" // the waiting record is taken once
			name, j, err := beginRecord(p.dir, mine, p.drill, now)
			if err != nil {
				return "", nil, err
			}
			cmd.writes(j)
			return name, j, nil
		},
		OpenOther: other, Back: func(id string) string { return p.back(incident.State{ID: id, Drill: p.drill}) }, Past: (&archive{dir: p.dir, shelf: newShelf(p.library, p.fleet), drill: p.drill}).past,
	})
	return house{Cockpit: c, shelf: newShelf(p.library, p.fleet), params: p.params, helm: cmd, reach: r, watch: w, secrets: secrets}, nil
}

// beginRecord opens the waiting record, or a new one.
func beginRecord(dir, id string, drill bool, now time.Time) (string, *journal.Journal, error) {
	path := filepath.Join(dir, id)
	if id == "" {
		prefix := journal.LivePrefix
		if drill {
			prefix = journal.DrillPrefix
		}
		var err error
		if id, path, err = journal.NewFolder(dir, prefix, now); err != nil {
			return "", nil, err
		}
	}
	j, _, err := journal.Open(path)
	if err != nil {
		return "", nil, err
	}
	return id, j, nil
}

// secretsOf are the tokens that may never be kept in output.
func secretsOf(f config.Fleet) []string {
	var all []string
	for _, ch := range f.Channels {
		if s, err := ch.Token.Resolve(); err == nil {
			all = append(all, s)
		}
	}
	for _, d := range f.Databases {
		if s, err := d.DSN.Resolve(); err == nil {
			all = append(all, s)
		}
	}
	return all
}
