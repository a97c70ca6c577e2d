package cockpit

import (
	"time"

	"github.com/virtengine/relight/checklists"
	"github.com/virtengine/relight/comms/outbox"
	"github.com/virtengine/relight/config"
	"github.com/virtengine/relight/incident"
	"github.com/virtengine/relight/nodes"
)

// View is all that a screen, the plain lines or the autopilot may know. It is
// a value; who holds one holds it for ever.
type View struct {
	Now      time.Time
	Drill    bool   // the badge: DRILL or LIVE
	Person   string // who sits here
	Fleet    string // what is flown, for the header: "built-in fleet", a path
	Chain    string // chain id
	Serial   uint64 // rises with each View; clocks may be set back
	Speed    float64
	Skipping bool // the rehearsal clock jumps ahead

	State  incident.State
	Snap   nodes.Snapshot
	Alerts []Alert     // what is wrong now, the worst first; also before a declaration
	Ready  []Readiness // if it broke now: one for each validator key

	Offer *Offer // no incident is open and something is wrong: what to declare
	// Away is the stretch before this cockpit took the incident up; nil when it
	// declared it. Others are further incidents of the journal and Reviews what
	// is to be rehearsed or read again; both as of a moment ago.
	Away    *Away
	Others  []Other
	Reviews []Review
	Steps   []StepView
	Current string       // id of the step to do next; "" when none
	Choices []ChoiceView // options that wait for a decision, and those taken
	Says    []SayView    // the plan, the next one due first
	Outputs []Output     // the latest effects, oldest first

	CanResolve, CanClose bool   // as far as the rules see
	Head                 string // hash of the last line of the record
	Record               string // folder of the record
	Trouble              string // the record could not be written, and what to do
	Notice               string // the last thing worth a sentence
	fleet                config.Fleet
}

// Alert is a condition that wants the commander's eye.
type Alert struct {
	Kind    string   // "second-signer", "double-sign", "chain-halted", "key-silent" ...
	Warning bool     // else a caution
	Text    string   // one sentence: what is true
	Memory  []string // at most three lines to be known by heart, in the frame it is first seen
	Since   time.Time
	Quiet   bool
	Source  string
	// Answer is what it is to the open incident, "" while nobody said; Asks says
	// that an answer is wanted: it came after the declaration.
	Answer     incident.AlarmAnswer
	AnswerNote string
	Asks       bool
	// Offer is the declaration that fits it; nil when no runbook answers it, or
	// when it is about a key that the open incident commands.
	Offer *Offer
}

// Offer is a declaration with every field filled from what is seen.
type Offer struct {
	Runbook, Title, Severity string
	Params                   map[string]string
	Onset                    time.Time
	own                      string // the runbook that answers the alert by itself
}

// StepView is a step with all that is to be known about it now.
type StepView struct {
	incident.Step
	Lock     incident.Lock
	Hosts    []string // resolved targets
	Places   []string // of each of Hosts: "zone eu-1b" or "region eu"; "" when not configured
	Script   string   // what would run, as written in the runbook
	Confirm  string   // the word to be typed; "run" where the runbook asks for none
	Guards   []incident.Reading
	Checks   [][]incident.Reading // live, one for each verify block
	Held     []time.Time          // since when each block holds
	For      []time.Duration      // how long each must hold
	Verdict  *incident.Fence      // of the last judgement, for a start
	AtHand   *incident.Fence      // what would be judged by what was last read; never recorded; nil: no start is near
	Run      *incident.Run        // the last effect
	Undoable bool
	// NoLonger is since when a sensed step is no longer true; zero: it is, or
	// never was. What contradicts a done action stands in Step.Otherwise, since
	// Step.Doubted; incident.Answer settles it.
	NoLonger time.Time
	// Cuts are the ways to cut a host off that would help this step.
	Cuts []Cut
	// Stoppable says that its action runs and may be stopped.
	Stoppable bool
}

// ChoiceView is a choice between options.
type ChoiceView struct {
	Key     string
	Phase   checklists.PhaseKind
	Open    bool   // it may be taken now
	Taken   string // letter
	Options []OptionView
}

// OptionView is one option and whether the suggestion's probes hold.
type OptionView struct {
	Letter, Title, Prose string
	Suggest              []incident.Reading
	Suggested            bool // all of them are true
}

// SayView is a message of the plan, rendered for the moment.
type SayView struct {
	incident.Say
	Due         time.Time // zero: nothing due
	Lock        incident.Lock
	Public      bool
	Title       string
	Body        string          // as it would be posted now
	Bodies      []incident.Body // one a channel, without ids
	StatusState string
	// Digest is that of all that would leave; Post wants the one that was read.
	Digest   string
	Missing  []string // placeholders to fill
	Problems []string
	Remarks  []Remark     // Problems, with what to write instead
	Minds    []Remark     // what does not forbid posting, but should be looked at
	Fields   []FieldView  // the places of the text, in their order
	Own      string       // what Fill wants to say this update in a person's own words
	Places   []Place      // where each channel is
	Rows     []outbox.Row // of all updates, oldest first
}

// Over says that nothing more is to be said with it: it was posted and no update
// is due, or nobody needs it.
func (s SayView) Over() bool { return s.NotNeeded || !s.PostedAt.IsZero() && s.Due.IsZero() }

// Ready says that one key would post it.
func (s SayView) Ready() bool {
	return !s.Over() && !s.Lock.Locked() && len(s.Missing) == 0 && len(s.Problems) == 0 && s.Body != ""
}

// Output is what an effect printed, cleaned: the last lines of all its hosts.
type Output struct {
	Effect, Step string
	Lines        []Line
	Dropped      int // lines that are only in the file
}

// Line is one line of output.
type Line struct {
	Host string
	At   time.Time
	Text string
	Err  bool // standard error
}

// Step is the view of a step.
func (v View) Step(id string) (StepView, bool) {
	for _, s := range v.Steps {
		if s.Step.Step.ID == id {
			return s, true
		}
	}
	return StepView{}, false
}

// Message is the view of a template.
func (v View) Message(template string) (SayView, bool) {
	for _, s := range v.Says {
		if s.Template == template {
			return s, true
		}
	}
	return SayView{}, false
}
