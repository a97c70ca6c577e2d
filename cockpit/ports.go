package cockpit

import (
	"context"
	"time"

	"github.com/virtengine/relight/checklists"
	"github.com/virtengine/relight/clock"
	"github.com/virtengine/relight/comms"
	"github.com/virtengine/relight/comms/outbox"
	"github.com/virtengine/relight/config"
	"github.com/virtengine/relight/incident"
	"github.com/virtengine/relight/journal"
	"github.com/virtengine/relight/nodes"
)

// Runner runs a script on hosts. Run returns when it has ended on all of them;
// onEnd is called once for each host, onLine for each line, cleaned. ctx's end
// stops it: what was running is then reported as lost.
type Runner interface {
	Run(ctx context.Context, j Job, onLine func(Line), onEnd func(HostEnd))
	// Read runs a script that only reads, and gives its exit status and what it
	// printed. An error says that there was no answer.
	Read(ctx context.Context, host, script string, env []Var) (exit int, output string, err error)
	// Output is Read for what it printed; another exit than 0 is an error.
	Output(ctx context.Context, host, script string, env []Var) (string, error)
	// Outside runs one of the configuration's commands that cut a host off from
	// outside, or read that back, on this machine, and gives what it printed;
	// exit 0 or an error. In a rehearsal it reaches nothing that is live.
	Outside(ctx context.Context, command string) (string, error)
}

// Job is one effect to run.
type Job struct {
	Effect   string
	Hosts    []string
	Script   string
	Bash     bool             // else POSIX sh
	Env      map[string][]Var // host -> variables, in order
	Parallel int              // 0: all at once
	Continue bool             // go on after a failure
	OutDir   string
}

// Var is one exported variable.
type Var struct{ Name, Value string }

// HostEnd is how a job ended on one host.
type HostEnd struct {
	Host    string
	Class   incident.Class
	Exit    int
	Reason  string
	SHA256  string
	Size    int64
	Capture string // first line of standard output
}

// Poster sends messages and looks for them.
type Poster interface {
	Send(ctx context.Context, p comms.Post) outbox.Outcome
	Lookup(ctx context.Context, p comms.Post) outbox.LookupResult
	// Drives says whether a channel has a driver; else it is posted by hand.
	Drives(channel string) bool
}

// Watcher looks.
type Watcher interface {
	Look(ctx context.Context, now time.Time) nodes.Snapshot
	LookHosts(ctx context.Context, now time.Time, hosts []string) []nodes.HostFacts
	WatchVotes(on bool)
	// EvidenceSince says from when on blocks are looked at for evidence, also
	// those made while nobody watched.
	EvidenceSince(t time.Time)
	// Silence is each witness's account of a key since a stop; no I/O.
	Silence(key string, since time.Time) []nodes.Silence
}

// Record is the journal of one incident.
type Record interface {
	Append([]journal.Draft) ([]journal.Entry, error)
	Head() string
	NewID(time.Time) string
	Dir() string
	Close() error
}

// Books finds runbooks.
type Books interface {
	// Flight is the procedure inside its backbone, ready to be flown.
	Flight(id string) (checklists.Book, error)
	// Procedure is the runbook alone.
	Procedure(id string) (checklists.Book, error)
}

// Report is what a person tells, in one sentence, and when.
type Report struct {
	At   time.Time `json:"at,omitzero"`
	Text string    `json:"text,omitempty"`
}

// Options is what a cockpit is made of.
type Options struct {
	Clock   clock.Clock
	Fleet   config.Fleet
	Name    string // of the fleet, for the header
	Drill   bool
	Person  string // who sits here
	Books   Books
	Watcher Watcher
	Runner  Runner
	Poster  Poster
	// Templates are the base texts; a runbook's own text wins.
	Templates map[string]comms.Template
	// OpenRecord opens a new record for an incident declared now on that
	// runbook and names it. It refuses what somebody else commands.
	OpenRecord func(now time.Time, book checklists.Book, params map[string]string) (id string, r Record, err error)
	// OpenOther opens the record of a second incident, which somebody else will
	// command. It refuses one that reaches a key of the first, or of another that
	// is open. nil: this fleet has one cockpit.
	OpenOther func(now time.Time, book checklists.Book, params map[string]string) (id string, r Record, err error)
	// Back is the command that takes an incident up elsewhere; nil: its plain one.
	Back func(id string) string
	// Past reads what else lies in the journal, and what is to be rehearsed or
	// read again. It does I/O; nil: nothing is known.
	Past func(ctx context.Context, now time.Time) ([]Other, []Review, error)
	// Screen refuses a script that must not reach a host with a live key.
	Screen  func(script string) error
	Every   time.Duration // between looks; 0: 2 s
	Runbook string        // the runbook of this drill; "" when the commander chooses
	// Told is what somebody reports in a drill, where no sensor can see it; an
	// empty text: nobody reports anything.
	Told Report
	// Observe is called after each recorded decision with the state it led to,
	// under the cockpit's lock; nil: nobody watches. For tests.
	Observe func(incident.State)
	// Params given on the command line; they win over what is offered.
	Params map[string]string
}
