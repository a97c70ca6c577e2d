package incident

import (
	"time"

	"github.com/virtengine/relight/actions/fence"
	"github.com/virtengine/relight/checklists"
	"github.com/virtengine/relight/comms/outbox"
)

// State is one incident, folded from its record. It is a value: Apply gives a
// new one and never changes what the old one refers to.
type State struct {
	ID       string          `json:"id"`
	Title    string          `json:"title"`
	Drill    bool            `json:"drill"`
	Severity string          `json:"severity"` // sev1 .. sev4
	Runbook  string          `json:"runbook"`  // id of the procedure
	Book     checklists.Book `json:"book"`     // as flown: the procedure inside its backbone

	Declared   time.Time         `json:"declared"`
	DeclaredBy string            `json:"declared_by"`
	Onset      time.Time         `json:"onset,omitzero"` // when the trouble was first sensed
	Roles      map[string]string `json:"roles"`          // role -> person
	Params     map[string]string `json:"params"`
	Choices    map[string]string `json:"choices"` // choice key -> letter
	Captures   map[string]string `json:"captures,omitempty"`
	Fields     map[string]string `json:"fields,omitempty"` // what a person typed into messages

	Steps  []Step       `json:"steps"` // in the order of the book
	Clocks []Clock      `json:"clocks"`
	Says   []Say        `json:"says"`
	Rows   []outbox.Row `json:"rows,omitempty"`
	// Trails is what happened to each row, by its id, oldest first.
	Trails map[string][]Moment `json:"trails,omitempty"`
	Runs   map[string]Run      `json:"runs,omitempty"` // effect id -> what was started
	Cuts   []Cut               `json:"cuts,omitempty"` // in their order
	Alarms []Alarm             `json:"alarms,omitempty"`
	Fences map[string]Fence    `json:"fences,omitempty"` // step id -> last verdict
	Log    []Entry             `json:"log"`
	Roll   []Roll              `json:"roll,omitempty"` // of a halted chain, the last word of each

	DoubleSigns int       `json:"double_signs"`
	Refusals    int       `json:"refusals"`
	Resolved    time.Time `json:"resolved,omitzero"`
	Closed      time.Time `json:"closed,omitzero"`
	Aborted     time.Time `json:"aborted,omitzero"`
	Seq         int       `json:"seq"` // events folded
}

// Open says that the incident is declared and neither closed nor aborted.
func (s State) Open() bool {
	return s.ID != "" && s.Closed.IsZero() && s.Aborted.IsZero()
}

// Began is when the trouble was first sensed, else when it was declared.
func (s State) Began() time.Time {
	if s.Onset.IsZero() {
		return s.Declared
	}
	return s.Onset
}

// Back is when the last component was back, else when it was resolved; zero
// while it is not.
func (s State) Back() time.Time {
	var at time.Time
	for _, cl := range s.Clocks {
		if cl.Stopped.After(at) {
			at = cl.Stopped
		}
	}
	if at.IsZero() || s.Resolved.IsZero() {
		return s.Resolved
	}
	return at
}

// Status is where a step stands, in the words of the runbook format.
type Status string

// The states of a step. Unknown is what a step is after the cockpit died in
// its run or the connection was lost: it asks, and never runs again by itself.
const (
	Todo      Status = "todo"
	Running   Status = "running"
	Verifying Status = "verifying"
	Waiting   Status = "waiting" // posted, not yet delivered everywhere
	Done      Status = "done"
	Failed    Status = "failed"
	TimedOut  Status = "timed-out"
	Skipped   Status = "skipped"
	Undone    Status = "undone"
	Unknown   Status = "unknown"
	NoLonger  Status = "no-longer-true"
)

// Statuses lists all states of a step, in the order of the format.
func Statuses() []Status {
	return []Status{Todo, Running, Verifying, Waiting, Done, Failed, TimedOut, Skipped, Undone, Unknown, NoLonger}
}

// Step is one planned step and where it stands.
type Step struct {
	checklists.PlannedStep
	Status   Status    `json:"status"`
	By       string    `json:"by,omitempty"`
	Value    string    `json:"value,omitempty"` // what a person said, or why it was skipped
	At       time.Time `json:"at,omitzero"`     // of the last change of Status
	Effect   string    `json:"effect,omitempty"`
	Attempts int       `json:"attempts,omitempty"`
	Checks   []Check   `json:"checks,omitempty"` // one for each verify block
	Since    time.Time `json:"since,omitzero"`   // start of the window that proved it
	Passed   bool      `json:"passed,omitempty"` // the choice went another way
	// Otherwise is what a read-back of a done action showed later, against it: the
	// step does not count as done until a person says what that means.
	Otherwise []Reading `json:"otherwise,omitempty"`
	Doubted   time.Time `json:"doubted,omitzero"`
	Upheld    time.Time `json:"upheld,omitzero"` // when a person last held up the step
	// Claimed is when what the step's messages say was first seen to be so.
	Claimed time.Time `json:"claimed,omitzero"`
}

// Settled says that nothing more is asked for this step.
func (s Step) Settled() bool {
	return s.Status == Skipped || s.Status == Done && len(s.Otherwise) == 0
}

// standing is the step's status for a sentence.
func (s Step) standing() string {
	if len(s.Otherwise) > 0 {
		return string(s.Status) + ", but seen otherwise"
	}
	return string(s.Status)
}

// Check is one verify block and what was last read for it.
type Check struct {
	Held     time.Time `json:"held,omitzero"` // since when all its readings hold without a break
	Readings []Reading `json:"readings,omitempty"`
}

// Truth of a reading: "true", "false" or "unknown". Only True is true.
type Truth string

// The three values.
const (
	True     Truth = "true"
	False    Truth = "false"
	NotKnown Truth = "unknown"
)

// Reading is one assertion as it was last evaluated.
type Reading struct {
	Text   string    `json:"text"`  // the assertion, parameters filled in
	Value  string    `json:"value"` // what was seen instead of or as the literal
	Truth  Truth     `json:"truth"`
	At     time.Time `json:"at"`
	Source string    `json:"source,omitempty"`
	Why    string    `json:"why,omitempty"` // when not true: what is in the way
}

// Clock measures a component's recovery against its target.
type Clock struct {
	Name      string        `json:"name"`
	Component string        `json:"component"`
	RTO       time.Duration `json:"rto"` // zero: no target known
	RPO       time.Duration `json:"rpo,omitempty"`
	Source    string        `json:"source,omitempty"` // where the target is written
	Started   time.Time     `json:"started,omitzero"`
	Stopped   time.Time     `json:"stopped,omitzero"`
}

// Measured is how long the component was away, and whether that is known.
func (c Clock) Measured() (time.Duration, bool) {
	if c.Started.IsZero() || c.Stopped.IsZero() {
		return 0, false
	}
	return c.Stopped.Sub(c.Started), true
}

// Met says that the clock stopped within its target.
func (c Clock) Met() bool {
	d, ok := c.Measured()
	return ok && (c.RTO == 0 || d <= c.RTO)
}

// Say is one line of the communication plan and how far it was followed.
type Say struct {
	Template string                   `json:"template"`
	To       []Lane                   `json:"to"`
	Due      time.Duration            `json:"due"`             // after the declaration
	Every    map[string]time.Duration `json:"every,omitempty"` // severity -> cadence
	Until    string                   `json:"until,omitempty"` // resolved (default) or closed
	Steps    []string                 `json:"steps,omitempty"` // runbook steps that carry its text
	State    string                   `json:"state,omitempty"` // of a status page, under the text that no runbook replaces

	Next      int       `json:"next"`            // number of the next update, from 1
	DueAt     time.Time `json:"due_at,omitzero"` // zero: nothing due
	Overdue   bool      `json:"overdue"`         // recorded once per update
	NotNeeded bool      `json:"not_needed"`      // the incident resolved first
	Planned   bool      `json:"planned"`         // the plan makes it due; else only a step or a person asks for it
	PostedAt  time.Time `json:"posted,omitzero"` // last post
}

// Lane is one destination.
type Lane struct {
	Channel  string `json:"channel"`
	Audience string `json:"audience"` // public or internal
	ByHand   bool   `json:"by_hand,omitempty"`
}

// Run is one effect: what was started on which hosts, and how it ended there.
type Run struct {
	Step  string    `json:"step"`
	Undo  bool      `json:"undo,omitempty"`
	Hosts []HostRun `json:"hosts"`
	At    time.Time `json:"at"`
	By    string    `json:"by"`
	// Stopped is who stopped it while it ran.
	Stopped string `json:"stopped,omitempty"`
}

// HostRun is a run on one host. Class is empty until its result is recorded.
type HostRun struct {
	Host   string    `json:"host"`
	Class  Class     `json:"class,omitempty"`
	Exit   int       `json:"exit"`
	Reason string    `json:"reason,omitempty"`
	SHA256 string    `json:"sha256,omitempty"`
	Size   int64     `json:"size,omitempty"`
	At     time.Time `json:"at,omitzero"`
}

// Class is how a run on a host ended.
type Class string

// Exited has an exit status. NotStarted certainly ran nothing. Lost may have
// run: the connection broke, the deadline passed, or the cockpit died.
const (
	Exited     Class = "exited"
	NotStarted Class = "not-started"
	Lost       Class = "lost"
)

// Alarm is a condition that wants the commander's eye.
type Alarm struct {
	Kind    string    `json:"kind"` // second-signer, double-sign, chain-halted, fork ...
	Text    string    `json:"text"`
	Warning bool      `json:"warning"` // else a caution
	At      time.Time `json:"at"`
	Since   time.Time `json:"since,omitzero"` // when it began, where that is seen
	Ended   time.Time `json:"ended,omitzero"`
	Quiet   bool      `json:"quiet,omitempty"`
	// Answer is what it is to this incident; Note says why, or which other
	// incident was declared for it.
	Answer AlarmAnswer `json:"answer,omitempty"`
	Note   string      `json:"note,omitempty"`
}

// AlarmAnswer is what a condition is to the incident; empty: nobody said yet.
type AlarmAnswer string

// The answers. Own ones held when the incident was declared, or are about the
// key it was declared for.
const (
	AlarmOwn      AlarmAnswer = "own"
	AlarmAttached AlarmAnswer = "attached" // it belongs to this incident
	AlarmKnown    AlarmAnswer = "known"    // its cause is known, and is another
	AlarmDeclared AlarmAnswer = "declared" // an incident of its own was declared
)

// Fence is the last verdict on a start.
type Fence struct {
	At      time.Time     `json:"at"`
	Verdict fence.Verdict `json:"verdict"`
}

// Entry is one line of the log: a note, a decision, a refusal.
type Entry struct {
	At     time.Time `json:"at"`
	By     string    `json:"by,omitempty"`
	Kind   string    `json:"kind"` // note, decision, refused, role, command ...
	Text   string    `json:"text"`
	Pinned bool      `json:"pinned,omitempty"`
	Todo   bool      `json:"todo,omitempty"`
}
