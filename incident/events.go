package incident

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/virtengine/relight/comms/outbox"
)

// Event is a fact of the record. It is one of the structs of this file, or
// Other for a kind this version does not know.
type Event interface{ Kind() string }

// Recorded is an event as it stands in the record: with its id (a ULID) and
// the time of its decision.
type Recorded struct {
	ID    string
	At    time.Time
	Event Event
}

// Declared opens the incident.
type Declared struct {
	Declare
}

// Opened says that a cockpit opened the record again.
type Opened struct {
	By string `json:"by"`
}

// RoleTaken gives a role to a person.
type RoleTaken struct {
	Role   string `json:"role"`
	Person string `json:"person"`
	By     string `json:"by"`
}

// ParamSet fills a parameter.
type ParamSet struct {
	Name  string `json:"name"`
	Value string `json:"value"`
	By    string `json:"by"`
}

// FieldSet gives a field of the messages a value.
type FieldSet struct {
	Name  string `json:"name"`
	Value string `json:"value"`
	By    string `json:"by"`
}

// Chosen takes an option.
type Chosen struct {
	Choice string `json:"choice"`
	Letter string `json:"letter"`
	By     string `json:"by"`
}

// StepStarted orders an effect; its id is the effect's id.
type StepStarted struct {
	Step     string            `json:"step"`
	Undo     bool              `json:"undo,omitempty"`
	Hosts    []string          `json:"hosts"`
	Script   string            `json:"script"` // sha256
	Values   map[string]string `json:"values,omitempty"`
	By       string            `json:"by"`
	For      string            `json:"for,omitempty"` // the role it was done for
	Approver string            `json:"approver,omitempty"`
	Guards   []Reading         `json:"guards,omitempty"`
}

// HostEnded is the end of an effect on one host.
type HostEnded struct {
	Effect  string `json:"effect"`
	Host    string `json:"host"`
	Class   Class  `json:"class"`
	Exit    int    `json:"exit"`
	Reason  string `json:"reason,omitempty"`
	SHA256  string `json:"sha256,omitempty"`
	Size    int64  `json:"size,omitempty"`
	Capture string `json:"capture,omitempty"`
}

// StepMoved is a step's new status.
type StepMoved struct {
	Step   string    `json:"step"`
	To     Status    `json:"to"`
	By     string    `json:"by,omitempty"`
	Value  string    `json:"value,omitempty"`
	Since  time.Time `json:"since,omitzero"`
	Passed bool      `json:"passed,omitempty"`
}

// StepDoubted says that read-backs of a done action contradict it.
type StepDoubted struct {
	Step     string    `json:"step"`
	Readings []Reading `json:"readings"` // those that are false
}

// StepUpheld is a person's word that the step is done all the same.
type StepUpheld struct {
	Step string `json:"step"`
	By   string `json:"by"`
	Note string `json:"note"`
}

// ClaimSeen says that what a step's messages say was seen to be so, for the first
// time: from then on its contrary is a change, and not what was never seen.
type ClaimSeen struct {
	Step string `json:"step"`
}

// CheckRead is what a verify block shows: recorded when it changes.
type CheckRead struct {
	Step     string    `json:"step"`
	Block    int       `json:"block"`
	Held     time.Time `json:"held,omitzero"`
	Readings []Reading `json:"readings"`
}

// FenceJudged is the verdict on a start.
type FenceJudged struct {
	Step string `json:"step"`
	Fence
}

// Refused is a refusal worth remembering.
type Refused struct {
	By   string `json:"by,omitempty"`
	What string `json:"what"`
	Why  string `json:"why"`
}

// ClockStarted starts a clock at At, which may lie before the event.
type ClockStarted struct {
	Name string    `json:"name"`
	From time.Time `json:"from"`
}

// ClockStopped stops a clock at the start of the window that held.
type ClockStopped struct {
	Name string    `json:"name"`
	At   time.Time `json:"stopped"`
	Step string    `json:"step,omitempty"`
}

// SayPosted numbers an update of a template; its rows follow.
type SayPosted struct {
	Template string    `json:"template"`
	Update   int       `json:"update"`
	By       string    `json:"by"`
	Next     time.Time `json:"next,omitzero"`
}

// SayOverdue says that an update was not posted in time.
type SayOverdue struct {
	Template string    `json:"template"`
	Update   int       `json:"update"`
	Due      time.Time `json:"due"`
}

// SayDropped says that a message is not needed any more.
type SayDropped struct {
	Template string `json:"template"`
	Why      string `json:"why"`
	By       string `json:"by,omitempty"` // who left it out; empty: it follows from the end
}

// RowQueued is a message for one lane.
type RowQueued struct {
	Row outbox.Row `json:"row"`
}

// RowStarted orders one attempt to send; recorded before the request.
type RowStarted struct {
	Row string `json:"row"`
}

// RowLookStarted orders one look-up after a lost reply.
type RowLookStarted struct {
	Row string `json:"row"`
}

// RowChanged is a row after an attempt, a look-up or a person's word.
type RowChanged struct {
	Row outbox.Row `json:"row"`
	By  string     `json:"by,omitempty"`
}

// AlarmRaised is a condition first seen.
type AlarmRaised struct {
	Alarm
}

// AlarmEnded is a condition gone.
type AlarmEnded struct {
	Name string `json:"name"`
}

// AlarmQuieted ends bell and reverse.
type AlarmQuieted struct {
	Name string `json:"name"`
	By   string `json:"by"`
}

// AlarmAnswered says what a condition is to this incident.
type AlarmAnswered struct {
	Name   string      `json:"name"`
	Answer AlarmAnswer `json:"answer"`
	Note   string      `json:"note,omitempty"`
	By     string      `json:"by"`
}

// StepStopped orders the end of a running effect.
type StepStopped struct {
	Step   string `json:"step"`
	Effect string `json:"effect"`
	By     string `json:"by"`
}

// CutOrdered orders the configuration's command that cuts a host off; its id is
// the cut's.
type CutOrdered struct {
	Host string `json:"host"`
	How  string `json:"how"`
	By   string `json:"by"`
}

// CutEnded is how it ended and what was read back.
type CutEnded struct {
	Cut    string `json:"cut"`
	Host   string `json:"host"`
	How    string `json:"how"`
	Failed string `json:"failed,omitempty"`
	Held   Truth  `json:"held"`
	Text   string `json:"text,omitempty"`
}

// DoubleSignSeen is evidence on the chain since the declaration.
type DoubleSignSeen struct {
	Count int `json:"count"`
}

// Noted is a free line.
type Noted struct {
	By     string `json:"by"`
	Text   string `json:"text"`
	Pinned bool   `json:"pinned,omitempty"`
	Todo   bool   `json:"todo,omitempty"`
}

// SeveritySet changes the severity.
type SeveritySet struct {
	Severity string `json:"severity"`
	By       string `json:"by"`
	Reason   string `json:"reason,omitempty"`
}

// Ended is the end in one of three ways: resolved, closed, aborted.
type Ended struct {
	How    string `json:"how"`
	By     string `json:"by"`
	Reason string `json:"reason,omitempty"`
}

// Other is an event of a kind this version does not know. It is kept and
// shown, never dropped, and changes nothing.
type Other struct {
	Name string
	Data json.RawMessage
}

// Kind names of the record.
func (Declared) Kind() string       { return "declared" }
func (Opened) Kind() string         { return "opened" }
func (RoleTaken) Kind() string      { return "role-taken" }
func (ParamSet) Kind() string       { return "param-set" }
func (FieldSet) Kind() string       { return "field-set" }
func (Chosen) Kind() string         { return "chosen" }
func (StepStarted) Kind() string    { return "step-started" }
func (HostEnded) Kind() string      { return "host-ended" }
func (StepMoved) Kind() string      { return "step-moved" }
func (StepDoubted) Kind() string    { return "step-doubted" }
func (StepUpheld) Kind() string     { return "step-upheld" }
func (ClaimSeen) Kind() string      { return "claim-seen" }
func (CheckRead) Kind() string      { return "check-read" }
func (FenceJudged) Kind() string    { return "fence-judged" }
func (Refused) Kind() string        { return "refused" }
func (ClockStarted) Kind() string   { return "clock-started" }
func (ClockStopped) Kind() string   { return "clock-stopped" }
func (SayPosted) Kind() string      { return "say-posted" }
func (SayOverdue) Kind() string     { return "say-overdue" }
func (SayDropped) Kind() string     { return "say-dropped" }
func (RowQueued) Kind() string      { return "row-queued" }
func (RowStarted) Kind() string     { return "row-started" }
func (RowLookStarted) Kind() string { return "row-look-started" }
func (RowChanged) Kind() string     { return "row-changed" }
func (AlarmRaised) Kind() string    { return "alarm-raised" }
func (AlarmEnded) Kind() string     { return "alarm-ended" }
func (AlarmQuieted) Kind() string   { return "alarm-quieted" }
func (AlarmAnswered) Kind() string  { return "alarm-answered" }
func (StepStopped) Kind() string    { return "step-stopped" }
func (CutOrdered) Kind() string     { return "cut-ordered" }
func (CutEnded) Kind() string       { return "cut-ended" }
func (DoubleSignSeen) Kind() string { return "double-sign-seen" }
func (Noted) Kind() string          { return "noted" }
func (SeveritySet) Kind() string    { return "severity-set" }
func (Ended) Kind() string          { return "ended" }

// Kind of an unknown event is the name it came with.
func (o Other) Kind() string { return o.Name }

// MarshalJSON gives the data as it came.
func (o Other) MarshalJSON() ([]byte, error) { return o.Data, nil }

// DecodeEvent is the event of a kind from its JSON. An unknown kind is Other.
func DecodeEvent(kind string, data []byte) (Event, error) {
	decode, ok := known[kind]
	if !ok {
		return Other{Name: kind, Data: json.RawMessage(append([]byte(nil), data...))}, nil
	}
	e, err := decode(data)
	if err != nil {
		return nil, fmt.Errorf("event %s: %w", kind, err)
	}
	return e, nil
}

type decoder func([]byte) (Event, error)

// known is the table from kind to type; it is never written after start.
var known = decoders()

func decoders() map[string]decoder {
	m := map[string]decoder{}
	add(m, Declared{})
	add(m, Opened{})
	add(m, RoleTaken{})
	add(m, ParamSet{})
	add(m, FieldSet{})
	add(m, Chosen{})
	add(m, StepStarted{})
	add(m, HostEnded{})
	add(m, StepMoved{})
	add(m, StepDoubted{})
	add(m, StepUpheld{})
	add(m, ClaimSeen{})
	add(m, CheckRead{})
	add(m, FenceJudged{})
	add(m, Refused{})
	add(m, ClockStarted{})
	add(m, ClockStopped{})
	add(m, SayPosted{})
	add(m, SayOverdue{})
	add(m, SayDropped{})
	add(m, RowQueued{})
	add(m, RowStarted{})
	add(m, RowLookStarted{})
	add(m, RowChanged{})
	add(m, AlarmRaised{})
	add(m, AlarmEnded{})
	add(m, AlarmQuieted{})
	add(m, AlarmAnswered{})
	add(m, StepStopped{})
	add(m, CutOrdered{})
	add(m, CutEnded{})
	add(m, DoubleSignSeen{})
	add(m, Noted{})
	add(m, RollCalled{})
	add(m, SeveritySet{})
	add(m, Ended{})
	return m
}

func add[E Event](m map[string]decoder, zero E) {
	m[zero.Kind()] = func(data []byte) (Event, error) {
		var e E
		err := json.Unmarshal(data, &e)
		return e, err
	}
}
