package incident

import (
	"strings"
	"time"

	"github.com/virtengine/relight/actions/fence"
	"github.com/virtengine/relight/checklists"
	"github.com/virtengine/relight/comms/outbox"
)

// Command is what somebody, or a result, asks of the incident. It is one of
// the structs of this file.
type Command interface{ command() }

// Declare opens an incident. Book is the procedure already composed with its
// backbone; Steps of the other mode (only=) are left out by Decide.
type Declare struct {
	ID       string            `json:"id"`
	Title    string            `json:"title"`
	Severity string            `json:"severity"`
	Runbook  string            `json:"runbook"`
	By       string            `json:"by"`
	Drill    bool              `json:"drill"`
	Onset    time.Time         `json:"onset,omitzero"` // zero: not sensed
	Book     checklists.Book   `json:"book"`
	Params   map[string]string `json:"params,omitempty"`
	Targets  []Clock           `json:"targets,omitempty"` // RTO, RPO and source by Component, from the configuration
	Says     []Say             `json:"says,omitempty"`    // the plan of the configuration
	Roles    map[string]string `json:"roles,omitempty"`
	// Alarms are the conditions seen as it is declared, recorded as events of
	// their own: those that bring no answer are its own.
	Alarms []Alarm `json:"-"`
}

// TakeRole gives a role to a person. By is who says so.
type TakeRole struct{ Role, Person, By string }

// SetParam fills a parameter the runbook asks for.
type SetParam struct{ Name, Value, By string }

// SetField gives a field of the messages the value a person typed.
type SetField struct{ Name, Value, By string }

// Choose takes an option.
type Choose struct{ Choice, Letter, By string }

// RunStep runs the step's block. What is seen comes along: Guards are the
// readings of all its guard blocks, Fence the evidence when the block has
// fence=. Hosts are the resolved targets, Script the hash of what will run.
type RunStep struct {
	Step, By, Approver, Confirm string
	Hosts                       []string
	Script                      string
	Values                      map[string]string // computed for this run, like key_mark_height
	Guards                      []Reading
	Fence                       *fence.Evidence
}

// UndoStep runs the step's undo block.
type UndoStep struct {
	Step, By, Confirm string
	Hosts             []string
	Script            string
	Guards            []Reading
	Fence             *fence.Evidence
}

// HostResult is the end of an effect on one host.
type HostResult struct {
	Effect, Host string
	Class        Class
	Exit         int
	Reason       string // for a person, cleaned and redacted
	SHA256       string
	Size         int64
	Capture      string // the line kept by capture=
}

// Observe carries what was read for verifications: for each step, one slice of
// readings for each of its verify blocks.
type Observe struct {
	Steps       []Observed
	Alarms      []Alarm // all conditions that hold now
	DoubleSigns int     // evidence since the declaration
	// Claims are the steps with messages whose every guard is seen to hold now.
	Claims []string
	// Gap says that nobody looked for a while before this (a resume, a machine
	// that slept, a clock that was set): what held before then may have broken
	// unseen, so every window begins anew.
	Gap bool
}

// Observed are the readings of one step. Since is, for each verify block, how
// far back the chain itself proves the window, zero if it does not.
type Observed struct {
	Step   string
	Checks [][]Reading
	Since  []time.Time
}

// Sign is a person's word for a step.
type Sign struct{ Step, By, Value string }

// Skip leaves a step out, with a reason. Only the commander may.
type Skip struct{ Step, By, Reason string }

// Answer settles a step in state unknown, or a done one that is seen otherwise:
// Ran says what the person knows. Of the latter, "done" wants a Note.
type Answer struct {
	Step, By string
	Ran      string // "done", "failed" or "retry"
	Note     string
}

// Post sends a message to all its lanes. Bodies are rendered and complete.
type Post struct {
	Template, By string
	Bodies       []Body
	Missing      []string // placeholders that were not filled
	Problems     []string // what may not be said to this audience
	// Promised is the time its text names for the next update; zero: none.
	Promised time.Time
}

// Body is a message as one lane gets it. ID is the row's id, made by the
// caller; Parts of one channel come in their order.
type Body struct {
	ID, Channel, Title, Text, State string
	Part, Parts                     int // when the text was too long for one message
}

// LeaveOut says that a message is not posted, or its last word not said, with a
// reason. Only the commander may.
type LeaveOut struct{ Template, By, Reason string }

// RowResult is the outcome of an attempt to send.
type RowResult struct {
	Row     string
	Outcome outbox.Outcome
}

// RowLooked is the outcome of looking for a message whose reply was lost.
type RowLooked struct {
	Row    string
	Result outbox.LookupResult
}

// RowAnswer is a person's word on a message that needs one.
type RowAnswer struct {
	Row, By string
	Answer  outbox.Answer
	// Where is the link or the id it has in the channel, as a person gave it; may be empty.
	Where string
}

// Note is a free line. "!" in front pins it, TODO makes it a follow-up.
type Note struct{ By, Text string }

// SetSeverity raises or lowers the severity.
type SetSeverity struct{ Severity, By, Reason string }

// Quiet ends bell and reverse of an alarm.
type Quiet struct{ Kind, By string }

// AnswerAlarm says what a condition that came after the declaration is to this
// incident. A known cause wants its reason as Note; of a second incident Note
// is the id.
type AnswerAlarm struct {
	Kind, By string
	Answer   AlarmAnswer
	Note     string
}

// Stop stops the running action of a step. Confirm is the typed word.
type Stop struct{ Step, By, Confirm string }

// StopWord is what must be typed to stop an action.
const StopWord = "stop"

// CutHost cuts a host off from outside. Known says that the configuration has a
// command for it; Confirm is the typed name of the host.
type CutHost struct {
	Host, How, By, Confirm string
	Known                  bool
}

// CutResult is how a cut ended: Failed says why its command did, Held what was
// read back after it, Text the words of that.
type CutResult struct {
	Cut    string
	Failed string
	Held   Truth
	Text   string
}

// Tick lets time pass.
type Tick struct{}

// Reopen says that a cockpit opened the record again: what ran is unknown.
type Reopen struct{ By string }

// Resolve says that the service is back.
type Resolve struct{ By string }

// Close ends the incident.
type Close struct{ By string }

// Abort ends a drill, or an incident declared by mistake, with a reason.
type Abort struct{ By, Reason string }

func (Declare) command()     {}
func (TakeRole) command()    {}
func (SetParam) command()    {}
func (SetField) command()    {}
func (Choose) command()      {}
func (RunStep) command()     {}
func (UndoStep) command()    {}
func (HostResult) command()  {}
func (Observe) command()     {}
func (Sign) command()        {}
func (Skip) command()        {}
func (Answer) command()      {}
func (Post) command()        {}
func (LeaveOut) command()    {}
func (RowResult) command()   {}
func (RowLooked) command()   {}
func (RowAnswer) command()   {}
func (Note) command()        {}
func (SetSeverity) command() {}
func (Quiet) command()       {}
func (AnswerAlarm) command() {}
func (Stop) command()        {}
func (CutHost) command()     {}
func (CutResult) command()   {}
func (Tick) command()        {}
func (Reopen) command()      {}
func (Resolve) command()     {}
func (Close) command()       {}
func (Abort) command()       {}

// Refusal says why a command was not taken. It is an error for a person: what
// is true, and what to do next.
type Refusal struct {
	What string // what was asked
	Why  string // what stands in the way
	Do   string // what to do next
}

func (r *Refusal) Error() string {
	s := r.What + ": " + strings.TrimSuffix(r.Why, ".")
	if r.Do != "" {
		s += "; " + r.Do
	}
	return s
}
