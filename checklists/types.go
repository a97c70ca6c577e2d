package checklists

import (
	"slices"
	"time"
)

// Book is one runbook, as a person reads it and as the cockpit flies it. It is
// a value: nothing in it changes during a run, and the record of a run keeps
// it whole.
type Book struct {
	ID        string   `json:"id"`
	Title     string   `json:"title"`
	Path      string   `json:"path"`
	SHA256    string   `json:"sha256"` // of the file's bytes, hex
	Severity  string   `json:"severity,omitempty"`
	Owner     string   `json:"owner,omitempty"`
	Component string   `json:"component,omitempty"`
	Modes     []string `json:"modes,omitempty"`
	ReviewBy  string   `json:"review_by,omitempty"` // YYYY-MM-DD
	// Hold is the step that must be done before anything is said to anybody; "":
	// none. Public is what its messages are called where the title says too much.
	Hold     string     `json:"hold,omitempty"`
	Public   string     `json:"public_title,omitempty"`
	Clocks   []Clock    `json:"clocks,omitempty"`
	Params   []Param    `json:"params,omitempty"`
	Schedule *Schedule  `json:"schedule,omitempty"`
	Marks    []Mark     `json:"milestones,omitempty"`
	Prose    string     `json:"prose,omitempty"` // Markdown between header and first section
	Phases   []Phase    `json:"phases"`
	Notes    []NoteText `json:"notes,omitempty"`
}

// Said is what messages of the book are called.
func (b Book) Said() string {
	if b.Public != "" {
		return b.Public
	}
	return b.Title
}

// Alone says that the book is a review or a test: it flies without the backbone
// of an incident, and nobody is told of it.
func (b Book) Alone() bool { return len(b.Modes) > 0 && !slices.Contains(b.Modes, "incident") }

// Clock is a [[clock]] of the header. RTO and RPO are zero where the
// configuration's targets say them.
type Clock struct {
	Name      string        `json:"name"`
	Component string        `json:"component"`
	RTO       time.Duration `json:"rto,omitempty"`
	RPO       time.Duration `json:"rpo,omitempty"`
}

// Param is a [[param]] of the header.
type Param struct {
	Name     string   `json:"name"`
	Type     string   `json:"type"` // key node host group string int duration time enum link secret
	Prompt   string   `json:"prompt"`
	From     string   `json:"from,omitempty"` // holders($key), standbys($key), hosts, keys, nodes, zones, regions, endpoints, databases, group(NAME)
	Pattern  string   `json:"pattern,omitempty"`
	Options  []string `json:"options,omitempty"`
	Default  string   `json:"default,omitempty"`
	Optional bool     `json:"optional,omitempty"`
}

// Schedule is the [schedule] of a test or review.
type Schedule struct {
	Every  string        `json:"every"` // daily weekly monthly quarterly annually
	Lasts  time.Duration `json:"lasts,omitempty"`
	Notice time.Duration `json:"notice,omitempty"`
	Rotate string        `json:"rotate,omitempty"`
}

// Mark is a [[milestone]] of an exercise.
type Mark struct {
	Text string        `json:"text"`
	At   time.Duration `json:"at"` // after the declaration
}

// NoteText is a "## " section that is no phase.
type NoteText struct {
	Title string `json:"title"`
	Prose string `json:"prose"`
}

// PhaseKind is Before, During or After.
type PhaseKind string

// The three phases, in their order.
const (
	Before PhaseKind = "before"
	During PhaseKind = "during"
	After  PhaseKind = "after"
)

// Phase is one "## Before|During|After: text" section.
type Phase struct {
	Kind   PhaseKind `json:"kind"`
	Title  string    `json:"title"` // the text after the colon
	Slug   string    `json:"slug"`  // of Title: what --option PHASE=B names
	Prose  string    `json:"prose,omitempty"`
	Groups []Group   `json:"groups"`
}

// Group is a "### " section, or the steps of a phase before its first "### "
// (then Title is empty).
//
// Groups with a Letter are options. Two or more in a row are one choice:
// exactly one of them is flown. Choice is the choice's key: the phase's slug,
// and for a second choice in a phase slug.2, and so on.
type Group struct {
	Title   string `json:"title,omitempty"`
	Letter  string `json:"letter,omitempty"` // "A".."Z" for an option
	Choice  string `json:"choice,omitempty"`
	Prose   string `json:"prose,omitempty"`
	Suggest *Block `json:"suggest,omitempty"`
	Steps   []Step `json:"steps"`
}

// Step is one "- [ ] **title** `{attrs}`".
type Step struct {
	ID       string        `json:"id"`
	Title    string        `json:"title"` // inline Markdown stripped
	Role     string        `json:"role,omitempty"`
	Needs    []string      `json:"needs,omitempty"`
	Approve  string        `json:"approve,omitempty"` // "", "commander" or "2"
	Confirm  string        `json:"confirm,omitempty"` // "$param" or a literal
	Start    []string      `json:"clock_start,omitempty"`
	Stop     []string      `json:"clock_stop,omitempty"`
	Timeout  time.Duration `json:"timeout,omitempty"`
	Evidence string        `json:"evidence,omitempty"` // note output file link
	Optional bool          `json:"optional,omitempty"`
	Must     bool          `json:"must,omitempty"` // it is never skipped
	Only     string        `json:"only,omitempty"` // incident or drill
	Book     string        `json:"book,omitempty"` // other.md or @procedure
	Prose    string        `json:"prose,omitempty"`

	Guards     []Block `json:"guards,omitempty"`
	Run        *Block  `json:"run,omitempty"`
	Verifies   []Block `json:"verifies,omitempty"`
	Undo       *Block  `json:"undo,omitempty"`
	UndoGuards []Block `json:"undo_guards,omitempty"`
	Comms      []Block `json:"comms,omitempty"`

	Line int `json:"line"` // where the step's first text starts, 1-based
}

// Kind says how a step is worked off.
func (s Step) Kind() StepKind {
	switch {
	case s.Book != "":
		return Inner
	case len(s.Comms) > 0:
		return Message
	case s.Run != nil:
		return Action
	case len(s.Verifies) > 0:
		return Sensed
	}
	return Signed
}

// CallsRoll says that the step is proven by the roll call of a halted chain, which
// a person writes down: what an operator said is a word, however it is counted.
func (s Step) CallsRoll() bool {
	return slices.ContainsFunc(s.Verifies, func(b Block) bool {
		return slices.ContainsFunc(b.Probes, func(p Probe) bool { return p.Kind == "chain" && p.Field == "power_ready" })
	})
}

// StepKind is how a step is worked off.
type StepKind string

// The kinds of steps.
const (
	Action  StepKind = "action"  // runs something
	Sensed  StepKind = "sensed"  // proven by verifications alone, never ticked by hand
	Signed  StepKind = "signed"  // a person's word
	Message StepKind = "message" // done when its messages are out
	Inner   StepKind = "inner"   // flies another book inside
)

// Block is one executable fence.
type Block struct {
	Lang string `json:"lang"` // sh bash probe sql http text
	Kind string `json:"kind"` // run guard verify undo suggest comms
	Text string `json:"text"` // without the step's indent, LF, ends in LF
	Line int    `json:"line"` // of the opening fence, 1-based

	Host       string        `json:"host,omitempty"` // name, $param or "local"
	Group      string        `json:"group,omitempty"`
	Parallel   int           `json:"parallel,omitempty"` // 0: all at once
	OnError    string        `json:"on_error,omitempty"` // stop (default) or continue
	Timeout    time.Duration `json:"timeout,omitempty"`
	Idempotent bool          `json:"idempotent,omitempty"`
	Capture    string        `json:"capture,omitempty"`
	Drill      string        `json:"drill,omitempty"` // run (default) simulate skip
	Fence      string        `json:"fence,omitempty"` // "$key", or "none" on a host without a validator key
	Every      time.Duration `json:"every,omitempty"`
	For        Dur           `json:"for,omitzero"`
	Expect     string        `json:"expect,omitempty"` // exit:N
	Match      string        `json:"match,omitempty"`
	Of         string        `json:"of,omitempty"` // undo
	Template   string        `json:"template,omitempty"`
	State      string        `json:"state,omitempty"`
	Otherwise  bool          `json:"otherwise,omitempty"` // the text for when a guard of its step does not hold
	Probes     []Probe       `json:"probes,omitempty"`    // of a probe block, one a line
}

// NoFence stands in a block's fence= where the host holds no validator key: the
// cockpit refuses it on a host that does.
const NoFence = "none"

// HasFence says that a key's fence judges before the block runs.
func (b Block) HasFence() bool { return b.Fence != "" && b.Fence != NoFence }

// Dur is a duration, or the parameter ("$stable") that holds it.
type Dur struct {
	D     time.Duration `json:"d,omitempty"`
	Param string        `json:"param,omitempty"` // name without $
}

// Probe is one assertion on what the cockpit sees:
// kind(name).field(arg) op literal.
type Probe struct {
	Kind  string `json:"kind"`           // host node key chain db endpoint alert
	Name  string `json:"name,omitempty"` // name or $param; empty for chain
	Field string `json:"field"`
	Arg   int    `json:"arg,omitempty"` // missed_last(N)
	Op    string `json:"op"`            // == != < <= > >=
	Lit   string `json:"lit"`           // as written
	Text  string `json:"text"`          // the line as written, trimmed
	Line  int    `json:"line"`
}

// Problem is one finding, printed as file:line:col: error|warning RULE text.
type Problem struct {
	File string `json:"file"`
	Line int    `json:"line"`
	Col  int    `json:"col"`
	Rule string `json:"rule"` // stable id, like "step-checked"
	Text string `json:"text"`
	Hint string `json:"hint,omitempty"` // what to write instead
	Warn bool   `json:"warning,omitempty"`
}

// Inventory is what the linter may ask about names of the configuration. A nil
// Inventory checks no names.
type Inventory interface {
	HasHost(name string) bool
	HasGroup(name string) bool
	HasKey(name string) bool
	HasNode(name string) bool
	HasDatabase(name string) bool
	HasEndpoint(name string) bool
	HasComponent(name string) bool
	HasPlace(name string) bool // a region or a zone
}
