package words

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/virtengine/relight/cockpit"
	"github.com/virtengine/relight/incident"
	"github.com/virtengine/relight/safe"
)

// HostEnd is how a run ended on one host: a word, and why.
func HostEnd(h incident.HostRun) (word, text string) {
	reason := safe.Short(h.Reason, 160)
	switch {
	case h.Class == incident.Exited && h.Exit == 0:
		return "DONE", "exit 0"
	case h.Class == incident.Exited:
		return "FAILED", strings.TrimSuffix("exit "+strconv.Itoa(h.Exit)+": "+reason, ": ")
	case h.Class == incident.NotStarted:
		return "FAILED", orElse(reason, "it was not started")
	case h.Class == incident.Lost:
		return "UNKNOWN", orElse(reason, "no answer: it may still run")
	}
	return "RUNNING", ""
}

// printedEach is how many of a host's last lines are looked at.
const printedEach = 12

// Printed are the last lines of each host of a step's last run, the newest last.
func Printed(v cockpit.View, st cockpit.StepView) map[string][]cockpit.Line {
	if st.Run == nil || st.Effect == "" {
		return nil
	}
	out := map[string][]cockpit.Line{}
	for _, o := range v.Outputs {
		if o.Effect != st.Effect {
			continue
		}
		for i := len(o.Lines) - 1; i >= 0; i-- {
			if h := o.Lines[i].Host; len(out[h]) < printedEach {
				out[h] = append(out[h], o.Lines[i])
			}
		}
	}
	for _, lines := range out {
		for i, j := 0, len(lines)-1; i < j; i, j = i+1, j-1 {
			lines[i], lines[j] = lines[j], lines[i]
		}
	}
	return out
}

// FailedOn says on which hosts a run failed, and of each why; "" when on none.
func FailedOn(v cockpit.View, st cockpit.StepView) (hosts, why string) {
	if st.Run == nil {
		return "", ""
	}
	printed := Printed(v, st)
	var names, whys []string
	for _, h := range st.Run.Hosts {
		f, ok := WhyFailed(h, printed[h.Host])
		if !ok || h.Class == incident.Lost {
			continue
		}
		name := safe.Short(h.Host, 24)
		names = append(names, name)
		if f.Short == "" {
			_, f.Short = HostEnd(h)
		}
		whys = append(whys, name+" "+safe.Short(f.Short, 80))
	}
	if len(names) > 3 {
		names = append(names[:2], Num(int64(len(names)-2))+" more")
	}
	return strings.Join(names, ", "), strings.Join(whys, "; ")
}

// HostState is a run on one host as a row of a table.
type HostState struct {
	Host  string
	Mark  string
	Word  string // DONE, RUNNING, FAILED, UNKNOWN
	Level Level
	Took  time.Duration // until now while it runs
	Last  string        // the last word
}

// QuietAfter is how long a host may print nothing before that is said.
const QuietAfter = 10 * time.Second

// Hosts are the hosts of a step's last run. printed are the last lines of each
// host, the newest last; a script without a time limit of its own has that of
// every run.
func Hosts(st cockpit.StepView, printed map[string][]cockpit.Line, now time.Time) []HostState {
	if st.Run == nil {
		return nil
	}
	out := make([]HostState, 0, len(st.Run.Hosts))
	for _, h := range st.Run.Hosts {
		lines := printed[h.Host]
		row := HostState{Host: safe.Short(h.Host, 24), Took: h.At.Sub(st.Run.At)}
		row.Word, row.Last = HostEnd(h)
		switch row.Word {
		case "DONE":
			row.Mark = Good
			if n := len(lines); n > 0 {
				row.Last += ": " + safe.Short(lines[n-1].Text, 200)
			}
		case "FAILED":
			row.Mark, row.Level = Bad, Warning
			if f, ok := WhyFailed(h, lines); ok && f.Short != "" {
				row.Last = f.Short
				if h.Class == incident.Exited {
					row.Last = "exit " + strconv.Itoa(h.Exit) + ": " + f.Short
				}
			}
		case "UNKNOWN":
			row.Mark, row.Level = Asks, Unknown
		default:
			row.Mark, row.Took = Going, now.Sub(st.Run.At)
			row.Last = going(st, lines, now)
		}
		if row.Took < 0 || (h.At.IsZero() && row.Mark != Going) {
			row.Took = 0
		}
		out = append(out, row)
	}
	return out
}

// AnyFailed says that a running step failed on one of its hosts already.
func AnyFailed(st cockpit.StepView) bool {
	return Runs(st) && slices.ContainsFunc(st.Run.Hosts, func(h incident.HostRun) bool { _, bad := WhyFailed(h, nil); return bad })
}

// Runs says that the step's effect is under way.
func Runs(st cockpit.StepView) bool { return st.Status == incident.Running && st.Run != nil }

// going is the last word of a host that runs: how long it is quiet, and when
// it ends by itself.
func going(st cockpit.StepView, lines []cockpit.Line, now time.Time) string {
	since, last := st.Run.At, ""
	if n := len(lines); n > 0 {
		since, last = lines[n-1].At, safe.Short(lines[n-1].Text, 200)
	}
	if quiet := now.Sub(since); quiet >= QuietAfter && !since.IsZero() {
		last = "quiet " + Dur(quiet) + limitWord(st)
	} else if last == "" {
		last = "sent, nothing printed yet" + limitWord(st)
	}
	return last
}

func limitWord(st cockpit.StepView) string {
	if d := Limit(st); d > 0 {
		return ", ends itself at " + Dur(d)
	}
	return ""
}

// Limit is how long the last run of a step may take.
func Limit(st cockpit.StepView) time.Duration {
	b := st.Step.Step.Run
	if st.Run != nil && st.Run.Undo {
		b = st.Step.Step.Undo
	}
	switch {
	case b == nil:
		return 0
	case b.Timeout > 0:
		return b.Timeout
	}
	return cockpit.RunLimit
}

// Failure is why a run failed on a host, in words, and what can be done there.
type Failure struct {
	Short string // for a table
	Why   string // one or two sentences
	Fix   string // what would mend it, after a verb; "" when nothing is known
}

// trouble is one way to fail: what is said then, in lower case, and what it
// means. One sign is enough; %s is the host.
type trouble struct {
	signs []string
	Failure
}

// unsent are the ways not to reach a host: nothing of the script ran there.
func unsent() []trouble {
	return []trouble{
		{[]string{"host key is another one", "offers none of the kinds"},
			Failure{"another host key", "The host shows another key than the known one: it may be another machine. Nothing was sent to it.", "compare the key on the console of %s and mend known_hosts"}},
		{[]string{"host key is revoked"},
			Failure{"its host key is revoked", "Somebody took this host's key back. Nothing was sent to it.", "find out who revoked the key of %s, and why"}},
		{[]string{"host key is not known", "known_hosts cannot be used"},
			Failure{"its host key is not known", "relight talks to no host whose key it does not know. Nothing was sent to it.", "compare the key on the console of %s and put it into known_hosts"}},
		{[]string{"login refused", "private key cannot be used"},
			Failure{"login refused", "The host answers and does not take relight's key. Nothing was sent to it.", "put relight's public key into authorized_keys on %s"}},
		{[]string{"connection refused"},
			Failure{"SSH refuses the connection", "The machine answers, its SSH does not. Nothing was sent to it. This proves nothing about the validator there.", "start sshd from the console of %s"}},
		{[]string{"sshd hangs", "no banner"},
			Failure{"SSH hangs", "Its port is open and SSH says nothing: overloaded, or half dead. Nothing was sent to it. The validator may run on and sign.", "reach %s by its console"}},
		{[]string{"no answer in time", "timed out", "timeout", "no route to host", "unreachable", "cannot be reached"},
			Failure{"SSH does not answer", "Off, cut off, or a firewall that drops. This proves nothing: the host may run on and sign.", "reach %s by its console"}},
		{[]string{"stopped by "}, Failure{Short: "stopped", Why: "A person stopped it before it was started here."}},
		{[]string{" failed before"}, Failure{Short: "not started", Why: "It was not started here, because another host failed before."}},
	}
}

// NoWay is in a few words why a host cannot be reached.
func NoWay(host, said string) string {
	if f := meant(unsent(), strings.ToLower(safe.Clean(said)), host); f.Short != "" {
		return f.Short
	}
	return orElse(safe.Short(said, 60), "SSH does not answer")
}

// broken are the ways a script ends badly on a host.
func broken() []trouble {
	return []trouble{
		{[]string{"a password is required", "a terminal is required to", "no tty present", "is not in the sudoers file", "not allowed to execute"},
			Failure{"sudo wants a password", "relight uses sudo -n and never sends a password.", "give relight's user on %s the sudo rule for these commands"}},
		{[]string{"no space left on device", "disk quota exceeded"},
			Failure{"its disk is full", "Nothing could be written on the host; what was begun may be half done.", "make room on the disk of %s"}},
		{[]string{"read-only file system"},
			Failure{"its disk is read-only", "A host makes its disk read-only after errors of the disk.", "look at the disk of %s, and think of failing over"}},
		{[]string{"cannot allocate memory", "out of memory"},
			Failure{"out of memory", "The host had no memory left for it.", "free memory on %s"}},
		{[]string{"could not be found", "unit not found", "no such file or directory", "does not exist", "not loaded"},
			Failure{"", "A unit or file that the script names is not on the host.", "compare unit and paths of %s with the configuration"}},
	}
}

// WhyFailed says in words why a run failed on a host. lines are what it
// printed last. ok is false when it did not fail.
func WhyFailed(h incident.HostRun, lines []cockpit.Line) (f Failure, ok bool) {
	if h.Class == "" || (h.Class == incident.Exited && h.Exit == 0) {
		return Failure{}, false
	}
	said, known := strings.ToLower(safe.Clean(h.Reason)), unsent()
	if h.Class == incident.Exited {
		known = broken()
		for _, l := range lines {
			said += "\n" + strings.ToLower(safe.Clean(l.Text))
		}
	}
	f = meant(known, said, safe.Short(h.Host, 40))
	if h.Class != incident.Exited {
		return f, true
	}
	if f.Why == "" {
		f.Why = exits(h.Exit)
	}
	if n := len(lines); f.Short == "" && n > 0 {
		f.Short = safe.Short(lines[n-1].Text, 160)
	}
	return f, true
}

// meant is the first trouble with a sign in what was said.
func meant(known []trouble, said, host string) Failure {
	for _, t := range known {
		for _, sign := range t.signs {
			if strings.Contains(said, sign) {
				f := t.Failure
				f.Fix = strings.ReplaceAll(f.Fix, "%s", host)
				return f
			}
		}
	}
	return Failure{}
}

// exits says what an exit code means where shells agree on it.
func exits(code int) string {
	switch {
	case code == 126:
		return "A command of the script may not be executed there."
	case code == 127:
		return "A command of the script is not on the host."
	case code == 124:
		return "A command of the script ran out of its own time."
	case code == 137:
		return "It was killed from outside, most often because memory ran out."
	case code == 143:
		return "It was asked to end from outside."
	case code > 128 && code < 160:
		return fmt.Sprintf("It was ended by signal %d.", code-128)
	case code < 0:
		return "It was ended by a signal."
	}
	return "The script said no: its last lines stand in the output."
}

// anyFailed says that a host has ended badly.
func anyFailed(r incident.Run) bool {
	for _, h := range r.Hosts {
		if _, bad := WhyFailed(h, nil); bad {
			return true
		}
	}
	return false
}

// Ways are what a person can do about a run that failed, the best first: to
// mend it and run it again, to do it by hand, to take it back.
func Ways(st cockpit.StepView, printed map[string][]cockpit.Line) []string {
	if st.Run == nil || st.Status == incident.Running && !anyFailed(*st.Run) {
		return nil // it runs, and nothing is to be mended
	}
	var fixes []string
	for _, h := range st.Run.Hosts {
		if f, ok := WhyFailed(h, printed[h.Host]); ok && f.Fix != "" && len(fixes) < 2 {
			fixes = append(fixes, f.Fix)
		}
	}
	again := "x runs it again"
	if n := len(st.Run.Hosts); n > 1 {
		again += fmt.Sprintf(" on all %d hosts", n)
	}
	if len(fixes) > 0 {
		again = strings.Join(fixes, "; ") + ", then " + again
	}
	if w := safe.Short(Typed(st, "run"), 40); w != "" {
		again += ": type " + w
	}
	out := []string{again}
	for _, c := range st.Cuts {
		out = append(out, ":fence "+safe.Short(c.How, 10)+": "+strings.ToLower(CutWord(c)[:1])+CutWord(c)[1:]+", then s leaves the step out with that reason")
	}
	out = append(out, "do it by hand, then s leaves the step out with that reason")
	if st.Undoable {
		out = append(out, ":undo takes it back")
	}
	return out
}
