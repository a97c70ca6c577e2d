package cli

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/virtengine/relight/config"
	"github.com/virtengine/relight/incident"
	"github.com/virtengine/relight/journal"
	"github.com/virtengine/relight/safe"
	"github.com/virtengine/relight/tui/words"
)

// The sentences of every bad ending stand in this file: what is true, and what
// to do next.

// recordIsHeld: somebody else commands this incident.
func (g *globals) recordIsHeld(s incident.State, h journal.Holder) error {
	return fmt.Errorf("%s is commanded by another relight: %s.\n%s; the incident stays open. Then: %s\nTo read along: %s",
		s.ID, h, endIt(h), g.comeBack(s), g.logOf(s.ID))
}

// keyIsHeld: another cockpit can act on this key.
func keyIsHeld(key string, h journal.Holder) error {
	return fmt.Errorf("the key %s is commanded by another relight: %s; two cockpits never command one key.\n%s; its incident stays open. Then try again", key, h, endIt(h))
}

// endIt is what to do about the process that holds a lock.
func endIt(h journal.Holder) string {
	const there = "Go on there, or leave it there with :q"
	if h.PID == 0 {
		return there
	}
	return fmt.Sprintf("%s. If that session is lost, on %s: kill %d", there, h.Host, h.PID)
}

// keyIsOpen: an incident that nobody commands now can act on this key.
func keyIsOpen(key, id, back string) error {
	return fmt.Errorf("%s is open and reaches the key %s; two incidents never command one key. Go on with it: %s; close or abort it before another is declared on that key", id, key, back)
}

// severalAreOpen lists the open incidents, each with its command.
func (g *globals) severalAreOpen(open []openRecord, f config.Fleet) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%d incidents are open. Go on with one of them:", len(open))
	for _, o := range open {
		s := o.state
		fmt.Fprintf(&b, "\n  %s\n      %s %q, declared %s by %s", g.comeBack(s), words.Severity(s.Severity), safe.Short(s.Title, 60),
			s.Declared.UTC().Format("2006-01-02 15:04 UTC"), safe.Short(s.Roles["commander"], 20))
		if keys := keyNames(reaches(s.Book, s.Params, f)); keys != "" {
			b.WriteString(", reaches " + keys)
		}
		if h, held := journal.Held(o.path); held {
			fmt.Fprintf(&b, "\n      commanded now by %s", h)
		}
	}
	b.WriteString("\nTo declare one more: " + g.onFleet("relight declare --runbook ID"))
	return errors.New(b.String())
}

// recordIsLater: a later relight wrote this record.
func recordIsLater(id, why, log string) error {
	return fmt.Errorf("%s was made by a later relight: %s. Command it with that version; this one has changed nothing. To read what it understands: %s", id, why, log)
}

// recordIsDark: a record that cannot be read.
func recordIsDark(d unread) string {
	return fmt.Sprintf("%s cannot be read, so whether it is open is not known: %v\n  If it is over, put it aside: mv %s %s", d.id, d.err, d.path, filepath.Join(filepath.Dir(d.path), "aside-"+d.id))
}

func (g *globals) noSuchIncident(id, dir string, open []openRecord) error {
	hint := "no incident is open; `" + g.onFleet("relight") + "` watches"
	var ids []string
	for _, o := range open {
		ids = append(ids, g.comeBack(o.state))
	}
	if len(ids) > 0 {
		hint = "open:\n  " + strings.Join(ids, "\n  ")
	}
	return fmt.Errorf("there is no incident %s in %s; %s", id, dir, hint)
}

func (g *globals) incidentIsOver(id string) error {
	return fmt.Errorf("%s is over. Its report: %s; its record: %s", id, g.reportOf(id), g.logOf(id))
}

func idIsDrill(id, back string) error {
	return fmt.Errorf("%s is a drill: go on with it by `%s`", id, back)
}

func (g *globals) noSuchDrill(id, dir string) error {
	return fmt.Errorf("there is no open drill %s in %s on the built-in fleet; `%s` offers the newest that is open, `%s` reads one that is over", id, dir, g.onRecords("relight drill"), g.logOf(id))
}

func noSuchRunbook(id string, known []string) error {
	guess := ""
	if w := config.Nearest(id, known); w != "" {
		guess = fmt.Sprintf(" Did you mean %s?", w)
	}
	return fmt.Errorf("no runbook is called %q.%s There are: %s", safe.Short(id, 60), guess, strings.Join(known, ", "))
}

// commands are the subcommands, for guesses.
func commands() []string {
	return []string{"drill", "declare", "status", "log", "report", "lint", "import", "print"}
}

func noSuchCommand(word string) error {
	guess := ""
	if w := config.Nearest(word, commands()); w != "" {
		guess = fmt.Sprintf(" Did you mean `relight %s`?", w)
	}
	return fmt.Errorf("%q is no command and no incident id (those look like INC-20261123-001).%s `relight --help` lists all", safe.Short(word, 60), guess)
}

// backWord is the command that takes an incident up again, without its options.
func backWord(s incident.State) string {
	words := "relight"
	if s.Drill {
		words += " drill"
	}
	if s.ID != "" {
		words += " " + s.ID
	}
	return words
}

// ended is an end that came from outside.
type ended struct{ by string }

func (e ended) Error() string { return "ended by " + e.by }

// farewell says where things stand and how to come back: what ended the
// cockpit, whether the incident is open, what ran, and what the record lacks.
// next is what to type: how to come back or, when it is over, how to read it.
func farewell(s incident.State, why error, trouble, next string) string {
	var out []string
	var e ended
	if errors.As(why, &e) {
		out = append(out, fmt.Sprintf("relight was ended by %s.", e.by))
	}
	switch {
	case s.ID == "" && len(out) > 0:
		out = append(out, fmt.Sprintf("No incident is open. To watch again:\n  %s", next))
	case s.ID == "":
	case !s.Open():
		out = append(out, fmt.Sprintf("%s is over. The report: %s", s.ID, next))
	default:
		if steps := running(s); len(steps) > 0 {
			out = append(out, fmt.Sprintf("Running when it ended: %s. What became of it is asked when you come back.", strings.Join(steps, ", ")))
		}
		out = append(out, fmt.Sprintf("%s is open and recorded. Come back with:\n  %s", s.ID, next))
	}
	if trouble != "" {
		out = append(out, "What came last is not in the record: "+strings.TrimPrefix(safe.Line(trouble), journal.ErrFailed.Error()+": ")+".")
	}
	return strings.Join(out, "\n")
}

// running are the titles of the steps that run.
func running(s incident.State) []string {
	var out []string
	for _, st := range s.Steps {
		if st.Status == incident.Running {
			out = append(out, fmt.Sprintf("%q", safe.Short(st.Step.Title, 60)))
		}
	}
	slices.Sort(out)
	return out
}
