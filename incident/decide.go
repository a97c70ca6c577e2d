package incident

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/virtengine/relight/checklists"
)

// Decide answers a command with events, or with a Refusal. Events that come
// together with a refusal (a verdict, a refused start) are recorded as well.
func Decide(s State, c Command, now time.Time) ([]Event, error) {
	events, err := decide(s, c, now)
	for _, e := range events {
		s = Apply(s, Recorded{At: now, Event: e})
	}
	// What follows by itself, until nothing follows any more.
	for range maxConsequences {
		more := consequences(s, now)
		if len(more) == 0 {
			break
		}
		for _, e := range more {
			s = Apply(s, Recorded{At: now, Event: e})
		}
		events = append(events, more...)
	}
	return events, err
}

// maxConsequences bounds the chain of what follows by itself: one round for
// each step of the longest book is plenty.
const maxConsequences = 100

func decide(s State, c Command, now time.Time) ([]Event, error) {
	if d, ok := c.(Declare); ok {
		return declare(s, d, now)
	}
	if !s.Open() {
		return nil, &Refusal{What: "command", Why: "no incident is open", Do: "declare one first"}
	}
	switch c := c.(type) {
	case RunStep:
		return runStep(s, c, now)
	case UndoStep:
		return undoStep(s, c, now)
	case HostResult:
		return hostResult(s, c, now)
	case Observe:
		return observe(s, c, now)
	case Stop:
		return stop(s, c)
	case CutHost:
		return cutHost(s, c)
	case CutResult:
		return cutResult(s, c)
	case Sign:
		return sign(s, c, now)
	case Skip:
		return skip(s, c)
	case Answer:
		return answer(s, c, now)
	case Post:
		return post(s, c, now)
	case RowResult:
		return rowResult(s, c, now)
	case RowLooked:
		return rowLooked(s, c, now)
	case RowAnswer:
		return rowAnswer(s, c, now)
	case Tick:
		return tick(s, now), nil
	case Reopen:
		return reopen(s, c, now), nil
	}
	return decidePeople(s, c, now)
}

// decidePeople are the commands about roles, choices, words and the end.
func decidePeople(s State, c Command, now time.Time) ([]Event, error) {
	switch c := c.(type) {
	case TakeRole:
		return takeRole(s, c)
	case SetParam:
		return setParam(s, c)
	case SetField:
		if c.Name == "" {
			return nil, &Refusal{What: "fill a field", Why: "it has no name"}
		}
		return []Event{FieldSet(c)}, nil
	case Choose:
		return choose(s, c)
	case Note:
		text := strings.TrimSpace(c.Text)
		if text == "" {
			return nil, &Refusal{What: "note", Why: "it is empty", Do: "write a line"}
		}
		pinned := strings.HasPrefix(text, "!")
		return []Event{Noted{By: c.By, Text: strings.TrimSpace(strings.TrimPrefix(text, "!")),
			Pinned: pinned, Todo: strings.Contains(text, "TO"+"DO")}}, nil
	case CallRoll:
		return callRoll(s, c)
	case SetSeverity:
		return setSeverity(s, c)
	case Quiet:
		return []Event{AlarmQuieted{Name: c.Kind, By: c.By}}, nil
	case AnswerAlarm:
		return answerAlarm(s, c)
	case Resolve:
		return resolve(s, c, now)
	case LeaveOut:
		return leaveOut(s, c)
	case Close:
		return closeIncident(s, c)
	case Abort:
		if strings.TrimSpace(c.Reason) == "" {
			return nil, &Refusal{What: "abort", Why: "a reason is missing", Do: "say why"}
		}
		return []Event{Ended{How: "aborted", By: c.By, Reason: c.Reason}}, nil
	}
	return nil, fmt.Errorf("incident: unknown command %T", c)
}

// MaxTitle is how many letters a title may have: it stands whole in the heads of
// the screen, the record and the messages.
const MaxTitle = 120

// TitleFits refuses a title that is too long. Nothing is cut in silence.
func TitleFits(title string) error {
	if n := utf8.RuneCountInString(title); n > MaxTitle {
		return &Refusal{What: "declare", Why: fmt.Sprintf("what is wrong has %d letters, %d are the most", n, MaxTitle), Do: "shorten it; what else is known goes into a note"}
	}
	return nil
}

func declare(s State, d Declare, now time.Time) ([]Event, error) {
	if err := TitleFits(d.Title); err != nil {
		return nil, err
	}
	switch {
	case s.ID != "":
		return nil, &Refusal{What: "declare", Why: s.ID + " is in this record already", Do: "open a new record"}
	case d.ID == "" || d.By == "":
		return nil, &Refusal{What: "declare", Why: "an id and a person are needed"}
	case len(d.Book.Phases) == 0:
		return nil, &Refusal{What: "declare", Why: "the runbook has no steps", Do: "choose another runbook"}
	case !validSeverity(d.Severity):
		return nil, &Refusal{What: "declare", Why: "severity " + d.Severity + " is none of sev1 to sev4"}
	}
	if err := checkParams(d); err != nil {
		return nil, err
	}
	if d.Roles == nil {
		d.Roles = map[string]string{}
	}
	if d.Roles["commander"] == "" {
		d.Roles["commander"] = d.By
	}
	events := []Event{Declared{d}}
	if !d.Onset.IsZero() {
		for _, c := range d.Book.Clocks {
			events = append(events, ClockStarted{Name: c.Name, From: d.Onset})
		}
	}
	return append(events, ownAlarms(d)...), nil
}

func validSeverity(s string) bool {
	return s == "sev1" || s == "sev2" || s == "sev3" || s == "sev4"
}

func takeRole(s State, c TakeRole) ([]Event, error) {
	switch c.Role {
	case "commander", "deputy", "ops", "comms", "scribe":
	default:
		return nil, &Refusal{What: "role " + c.Role, Why: "there is no such role", Do: "one of commander, deputy, ops, comms, scribe"}
	}
	if c.Person == "" {
		return nil, &Refusal{What: "role " + c.Role, Why: "nobody is named", Do: "name a person"}
	}
	if s.Roles["commander"] != c.By && c.Person != c.By {
		return nil, &Refusal{What: "role " + c.Role, Why: "only the commander gives roles to others"}
	}
	if c.Role == "commander" && s.Roles["commander"] != c.By {
		return nil, &Refusal{What: "role commander", Why: s.Roles["commander"] + " has command", Do: "ask for a handoff"}
	}
	if s.Roles[c.Role] == c.Person {
		return nil, nil
	}
	return []Event{RoleTaken{Role: c.Role, Person: c.Person, By: c.By}}, nil
}

func setParam(s State, c SetParam) ([]Event, error) {
	for _, p := range s.Book.Params {
		if p.Name != c.Name {
			continue
		}
		if err := checkParam(p, c.Value); err != nil {
			return nil, err
		}
		if a, b, ok := checklists.SameHost(s.Book, with(s.Params, c.Name, c.Value)); !ok {
			return nil, sameHost(a, b)
		}
		for _, run := range s.Runs {
			for _, h := range run.Hosts {
				if h.Class == "" {
					return nil, &Refusal{What: "parameter " + c.Name, Why: "an action is running", Do: "wait until it has ended"}
				}
			}
		}
		return []Event{ParamSet{Name: c.Name, Value: c.Value, By: c.By}}, nil
	}
	return nil, &Refusal{What: "parameter " + c.Name, Why: "the runbook asks for no such thing"}
}

// checkParams checks the parameters that come with a declaration. One that is
// not given may be filled in later.
func checkParams(d Declare) error {
	asked := map[string]bool{}
	var names []string
	for _, p := range d.Book.Params {
		asked[p.Name] = true
		names = append(names, p.Name)
		if v, ok := d.Params[p.Name]; ok && v != "" {
			if err := checkParam(p, v); err != nil {
				return err
			}
		}
	}
	if a, b, ok := checklists.SameHost(d.Book, d.Params); !ok {
		return sameHost(a, b)
	}
	for _, name := range sortedKeys(d.Params) {
		if !asked[name] {
			return &Refusal{What: "parameter " + name, Why: "the runbook asks for no such thing", Do: "one of " + strings.Join(names, ", ")}
		}
	}
	return nil
}

func sameHost(a, b string) error {
	return &Refusal{What: "parameters " + a + " and " + b, Why: "they name one host", Do: "they must differ"}
}

func checkParam(p checklists.Param, v string) error {
	if why, do := checklists.Fits(p, v); why != "" {
		return &Refusal{What: "parameter " + p.Name + " = " + v, Why: why, Do: do}
	}
	return nil
}

func contains(list []string, v string) bool {
	for _, x := range list {
		if x == v {
			return true
		}
	}
	return false
}

func choose(s State, c Choose) ([]Event, error) {
	letters := s.letters(c.Choice)
	if !contains(letters, c.Letter) {
		do := "choose " + strings.Join(letters, " or ")
		if len(letters) == 0 {
			do = ""
		}
		return nil, &Refusal{What: "option " + c.Choice + "=" + c.Letter, Why: "the runbook has no such option", Do: do}
	}
	if s.Roles["commander"] != c.By {
		return nil, &Refusal{What: "option " + c.Letter, Why: "the commander chooses"}
	}
	if s.Choices[c.Choice] == c.Letter {
		return nil, nil
	}
	for _, st := range s.Steps {
		if st.Choice == c.Choice && st.Status == Running {
			return nil, &Refusal{What: "option " + c.Letter, Why: fmt.Sprintf("%q is running", st.Step.Title), Do: "wait until it has ended"}
		}
	}
	return []Event{Chosen{Choice: c.Choice, Letter: c.Letter, By: c.By}}, nil
}

func setSeverity(s State, c SetSeverity) ([]Event, error) {
	switch {
	case !validSeverity(c.Severity):
		return nil, &Refusal{What: "severity " + c.Severity, Why: "it is none of sev1 to sev4"}
	case s.Roles["commander"] != c.By:
		return nil, &Refusal{What: "severity", Why: "only the commander changes it"}
	case s.Severity == c.Severity:
		return nil, nil
	}
	return []Event{SeveritySet{Severity: c.Severity, By: c.By, Reason: c.Reason}}, nil
}
