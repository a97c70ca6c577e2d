package cli

import (
	"fmt"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"github.com/charmbracelet/x/ansi"
)

// TestTerminal tells stories at a real terminal, with the program as its users
// get it.
func TestTerminal(t *testing.T) {
	needTmux(t)
	bin := buildRelight(t)
	for name, story := range map[string]func(*testing.T, *terminal){
		"first-drill": firstDrillByKeys, "sizes": everySize, "hang-up": hangUp, "kill": killed, "pipe": throughAPipe,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			story(t, newTerminal(t, bin))
		})
	}
}

// The first drill from the alert to the end, by keys alone: a failover, whose
// start is refused until the evidence is there.
func firstDrillByKeys(t *testing.T, x *terminal) {
	x.start(120, 40, "drill", "--new", "--seed", "7", "--speed", "2", "--param", "stable=30s")
	x.declares()
	x.ticks("Ask what changed", "nobody works on it")
	x.ticks("Assign the roles", "mira has all")
	x.ticks("Assess scope and impact", "one validator")
	x.posts("Incident declared")
	x.takesB()
	x.arms("Stop and fence", "val-2")
	x.arms("Read its sign state", "run")
	x.arms("Stage key", "run")
	x.startsFenced()
	for _, label := range []string{"Validators status", "Providers impact", "Status activated", "Status progress", "Engineering update", "Leadership summary"} {
		x.posts(label)
	}
	x.ticks("Document all actions", "nothing by hand")
	x.jumpsTo(":resolve says")
	x.command("resolve")
	x.jumpsTo(`Space ticks "List what to follow up`)
	for _, title := range []string{"List what to follow up", "Rate the drill", "Confirm that all services"} {
		x.ticks(title, "as it should be")
	}
	x.posts("Status resolved")
	for _, title := range []string{"Hold the first debrief", "Schedule the post-mortem"} {
		x.ticks(title, "as it should be")
	}
	x.ticks("Create follow-up tickets", "https://tickets.example.org/1")
	for _, title := range []string{"Update the runbooks", "Replenish what was used"} {
		x.ticks(title, "as it should be")
	}
	x.lastWords()
	x.command("close")
	x.sees("CLOSED at")
	x.leaves("is over. The report: relight report DRILL-")
	if n := x.recorded("ended"); n != 2 {
		t.Errorf("the record holds %d endings, not one resolving and one closing", n)
	}
}

// lastWords tells everybody who was told that it is over: before that, nothing is
// closed.
func (x *terminal) lastWords() {
	x.t.Helper()
	for range 12 {
		f := x.until("the end, or a last word", func(f frame) bool { return f.asks(":close ends the incident") || f.asks("P posts ") })
		_, label, more := strings.Cut(f.prompt(), "P posts ")
		if !more {
			return
		}
		x.posts(strings.TrimSpace(label))
	}
	x.t.Fatal("the last words have no end")
}

// takesB chooses the failover.
func (x *terminal) takesB() {
	x.t.Helper()
	x.hints("c chooses the way")
	x.press("c")
	x.sees("Mark an option first")
	x.insist("B", "the mark", func(f frame) bool { return f.has("▶B  fail over") })
	x.insist("Enter", "the option", func(f frame) bool { return f.has("Option B chosen") })
}

// startsFenced starts the standby. Straight after the stop the fence says no;
// time brings the evidence.
func (x *terminal) startsFenced() {
	x.t.Helper()
	refusals := 0
	for ; ; refusals++ {
		x.hints(`x arms "Start the standby`) // all that was started before is in the record
		started, refused := x.recorded("step-started"), x.recorded("refused")
		x.arms("Start the standby", "val-2s")
		x.until("the fence's verdict", func(frame) bool { return x.recorded("step-started")+x.recorded("refused") > started+refused })
		if x.recorded("step-started") > started {
			break
		}
		f := x.sees("REFUSED")
		if refusals > 5 || !f.has("Nothing was sent.") || !f.has("A second signer costs") {
			x.t.Fatalf("refused %d times; a refused start says on the spot why:\n%s", refusals+1, f)
		}
		x.command("wait")
	}
	if refusals == 0 {
		x.t.Log("this machine is slow: the evidence was there before the start was asked for")
	}
	x.jumpsTo("P posts Validators status")
	x.until("the key's signature", func(f frame) bool { return f.has("1,200 of 1,200 online") })
	x.sees("FENCED, stopped") // the old host is down because it must be
}

// jumpsTo waits for what is seen by itself, a jump at a time.
func (x *terminal) jumpsTo(hint string) {
	x.t.Helper()
	for range 20 {
		f := x.until("a word on what to do", func(f frame) bool {
			return f.asks(hint) || f.asks("Nothing to press") || f.asks("CHECKING")
		})
		if f.asks(hint) && !f.asks("CHECKING") {
			return
		}
		x.command("wait")
	}
	x.t.Fatalf("%q never came. The screen:\n%s", hint, x.look())
}

// leaves quits and reads the last line.
func (x *terminal) leaves(last string) {
	x.t.Helper()
	x.command("q")
	x.sees(last)
	x.sees("[exit 0]")
}

// Every page at the smallest and the largest size the frames are drawn for; and
// a window that changes its size in flight.
func everySize(t *testing.T, x *terminal) {
	x.start(80, 24, "drill", "--new", "--seed", "7", "--speed", "2")
	x.hints("Nothing is wrong")
	x.fits("home", 80, 24)
	x.command("wait")
	x.hints("D opens the declaration")
	x.bothSizes("alert")
	x.insist("D", "the form", func(f frame) bool { return f.asks("D declares") })
	x.bothSizes("declare")
	x.insist("D", "the incident", func(f frame) bool { return f.shows("DRILL-") })
	x.bothSizes("checklist")
	for _, page := range []struct{ key, what, shows string }{
		{"2", "nodes", "needs 801"}, {"4", "comms", "Incident declared"}, {"3", "output", "Nothing has run yet."}, {"5", "log", "UTC"}, {"?", "help", "what works now"},
	} {
		x.press(page.key)
		x.sees(page.shows)
		x.bothSizes(page.what)
	}
	x.insist("Escape", "the way back", func(f frame) bool { return !f.has("what works now") && f.has("1 Checklist") })
	x.press("1")
	x.ticks("Ask what changed", "nothing")
	title := x.hints(`Space ticks "Assign the roles`).on()
	for _, s := range [][2]int{{120, 40}, {80, 24}, {200, 60}, {119, 29}, {60, 18}, {80, 24}} {
		x.resize(s[0], s[1])
		f := x.fits("in flight", s[0], s[1])
		if on := f.on(); !strings.HasPrefix(on, "Assign the roles") || !strings.HasPrefix(title, "Assign the roles") {
			t.Errorf("at %dx%d the cursor stands on %q, before on %q", s[0], s[1], on, title)
		}
	}
	x.leaves("relight drill DRILL-")
}

// bothSizes looks at a page at 80x24 and at 200x60, and goes back.
func (x *terminal) bothSizes(what string) {
	x.t.Helper()
	x.fits(what, 80, 24)
	x.resize(200, 60)
	x.fits(what, 200, 60)
	x.resize(80, 24)
	x.fits(what, 80, 24)
}

// fits waits for a frame of exactly that size, with the badge in its first row
// and the keys in its last.
func (x *terminal) fits(what string, w, h int) frame {
	x.t.Helper()
	return x.until(fmt.Sprintf("%s at %dx%d", what, w, h), func(f frame) bool {
		if len(f) != h || !strings.HasPrefix(f.row(0), "  DRILL ") || ansi.StringWidth(f.row(0)) > w || !keysRow(f.last()) {
			return false
		}
		// The first row ends at the right edge: nothing is cut there and
		// nothing of another size is left.
		return ansi.StringWidth(f.row(0)) == w-1 && strings.HasSuffix(f.row(0), " UTC")
	})
}

// keysRow says that a row names keys, as the last one does always.
func keysRow(row string) bool {
	return strings.Contains(row, "? help") || strings.Contains(row, "D declare") || strings.Contains(row, "Esc")
}

// The line drops in the middle of an incident. The incident stays open; the next
// start is at the same step.
func hangUp(t *testing.T, x *terminal) {
	x.start(120, 40, "drill", "--new", "--seed", "7", "--speed", "2")
	x.declares()
	x.toTheFence()
	x.arms("Stop and fence", "val-2")
	x.hints(`x arms "Read its sign state`)
	if out, err := x.tmux("kill-pane").CombinedOutput(); err != nil {
		t.Fatalf("tmux kill-pane: %v\n%s", err, out)
	}
	x.until("the program's end", func(frame) bool { return !x.alive() })

	x.start(120, 40, "drill")
	x.sees("is open. Go on with it? [Y/n]")
	x.types("Y")
	x.press("Enter")
	x.hints(`x arms "Read its sign state`)
	if f := x.fits("resumed", 120, 40); !strings.HasPrefix(f.on(), "Read its sign state") {
		t.Errorf("the cursor stands on %q", f.on())
	}
	if n := x.recorded("declared"); n != 1 {
		t.Errorf("the record holds %d declarations", n)
	}
	x.leaves("relight drill DRILL-")
}

// toTheFence does what comes before the first step that acts.
func (x *terminal) toTheFence() {
	x.t.Helper()
	x.ticks("Ask what changed", "nobody works on it")
	x.ticks("Assign the roles", "mira has all")
	x.ticks("Assess scope and impact", "one validator")
	x.posts("Incident declared")
	x.takesB()
}

// The power goes while a step runs on a host that hangs. Nobody knows what
// became of it: the screen says so and asks, and runs nothing by itself.
func killed(t *testing.T, x *terminal) {
	x.start(120, 40, "drill", "--new", "--seed", "7", "--speed", "2", "--fault", "host-hang=val-2@15s")
	x.declares()
	x.toTheFence()
	x.arms("Stop and fence", "val-2")
	x.until("the step's start in the record", func(frame) bool { return x.recorded("step-started") == 1 })
	if err := syscall.Kill(x.pid(), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	x.until("the program's end", func(frame) bool { return !x.alive() })

	x.start(120, 40, "drill")
	x.sees("Go on with it? [Y/n]")
	x.press("Enter")
	f := x.hints(`1 to 4 choose, Enter answers: what became of "Stop and fence`)
	if !f.has("UNKNOWN") || !f.has("Nothing is run again by itself.") {
		t.Errorf("the step is not asked for:\n%s", f)
	}
	if n := x.recorded("step-started"); n != 1 {
		t.Errorf("the step was started %d times", n)
	}
	x.insist("3", "the mark", func(f frame) bool { return f.has("▶3  It did not run") })
	x.press("Enter")
	x.until("the question why", func(f frame) bool { return f.asks("because: [_") })
	x.types("read on the host")
	x.press("Enter")
	x.hints(`x arms "Stop and fence`)
	x.leaves("relight drill DRILL-")
}

// Without a screen: lines through a pipe, whose end leaves the incident open.
func throughAPipe(t *testing.T, x *terminal) {
	cmd := exec.Command(x.bin, "drill", "--plain", "--new", "--seed", "7", "--speed", "2")
	cmd.Env = x.tmux().Env
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	lines := &spoken{}
	cmd.Stdout, cmd.Stderr = lines, lines
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	for _, turn := range []struct{ says, hears string }{
		{"wait", "signs no block"}, {"declare", "on DRILL? It posts"}, {"declare", "OPEN    DRILL-"}, {"tick nobody works on it", "Ask what changed"}, {"steps", "TO DO"},
	} {
		if _, err := fmt.Fprintln(in, turn.says); err != nil {
			t.Fatal(err)
		}
		x.until(turn.hears, func(frame) bool { return strings.Contains(lines.String(), turn.hears) })
	}
	if err := in.Close(); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("%v:\n%s", err, lines)
	}
	if !strings.Contains(lines.String(), "stays open. To come back: relight drill") {
		t.Errorf("the last line does not say how to come back:\n%s", lines)
	}
}
