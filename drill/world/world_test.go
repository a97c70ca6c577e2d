package world

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"
	"pgregory.net/rapid"
)

var start = time.Date(2026, 2, 3, 14, 0, 0, 0, time.UTC)

// story is one script: a world, and the height it began at.
type story struct {
	w    World
	base int64
}

// TestStories runs the scripts of testdata. Heights are counted from the start
// ("+3"), keys have the name of the host they belonged to.
func TestStories(t *testing.T) {
	datadriven.Walk(t, "testdata", func(t *testing.T, path string) {
		s := story{w: New(1, start)}
		s.base = s.w.Tip().Height
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			out := s.do(t, d)
			if out == "" {
				return "ok\n"
			}
			return strings.TrimSuffix(out, "\n") + "\n"
		})
	})
}

func (s *story) do(t *testing.T, d *datadriven.TestData) string {
	arg := func(i int) string {
		if i < len(d.CmdArgs) {
			return d.CmdArgs[i].String()
		}
		return ""
	}
	var rest []string
	for i := 1; i < len(d.CmdArgs); i++ {
		rest = append(rest, arg(i))
	}
	errText := func(err error) string {
		if err != nil {
			return "error: " + err.Error()
		}
		return ""
	}
	switch d.Cmd {
	case "run":
		dur, err := time.ParseDuration(arg(0))
		if err != nil {
			d.Fatalf(t, "%v", err)
		}
		before := s.w.Tip().Height
		s.w.Advance(s.w.Now.Add(dur))
		return s.blocks(before)
	case "fault":
		return errText(s.w.Fault(arg(0), arg(1)))
	case "mend":
		return errText(s.w.Mend(arg(0), arg(1)))
	case "schedule":
		dur, err := time.ParseDuration(arg(0))
		if err != nil {
			d.Fatalf(t, "%v", err)
		}
		return errText(s.w.Schedule(s.w.Now.Add(dur), arg(1), arg(2)))
	case "nodes":
		return s.nodes()
	case "journal":
		return s.w.Host(arg(0)).Journal(ChainUnit, 6)
	case "powers":
		for i := range s.w.Chain.Sets[0].Vals {
			if _, err := fmt.Sscan(arg(i), &s.w.Chain.Sets[0].Vals[i].Power); err != nil {
				d.Fatalf(t, "%v", err)
			}
		}
		return ""
	case "save":
		c := s.w.Clone()
		if !reflect.DeepEqual(c.Hosts, s.w.Hosts) {
			return "what was saved differs"
		}
		s.w = c
		return ""
	}
	return s.onHost(t, d, s.w.Host(arg(0)), rest)
}

// onHost are the commands of somebody with root on a host.
func (s *story) onHost(t *testing.T, d *datadriven.TestData, h *Host, args []string) string {
	if h == nil {
		d.Fatalf(t, "no such host")
	}
	errText := func(err error) string {
		if err != nil {
			return "error: " + err.Error()
		}
		return ""
	}
	switch d.Cmd {
	case "systemctl":
		out := s.w.Systemctl(h, Root, args)
		return out.Stdout + out.Stderr + fmt.Sprintf("exit %d", out.Code)
	case "write":
		if err := s.w.Mkdir(h, Root, args[0][:strings.LastIndexByte(args[0], '/')], 0o755, true); err != nil {
			return errText(err)
		}
		return errText(s.w.Write(h, Root, args[0], d.Input+"\n", 0o644))
	case "move":
		return errText(s.w.Rename(h, Root, args[0], args[1]))
	case "unseal":
		text, ok := s.w.Unseal(h.Files[SealedBackup].Text)
		if !ok {
			return "cannot open it"
		}
		return errText(s.w.Write(h, Login, KeyPath, text, 0o600))
	case "mark":
		var n int64
		if _, err := fmt.Sscanf(args[0], "+%d", &n); err != nil {
			d.Fatalf(t, "%v", err)
		}
		return errText(s.w.Write(h, Login, StatePath, Mark{Height: s.base + n}.StateFile(), 0o600))
	}
	d.Fatalf(t, "unknown command %q", d.Cmd)
	return ""
}

func (s *story) blocks(after int64) string {
	var b strings.Builder
	for _, blk := range s.w.Chain.Blocks {
		if blk.Height <= after {
			continue
		}
		fmt.Fprintf(&b, "+%d", blk.Height-s.base)
		set := s.w.SetAt(blk.Height)
		for i, v := range set.Vals {
			if blk.Flags[i] == '1' {
				fmt.Fprintf(&b, " without %s", v.Name)
			}
		}
		for _, e := range blk.Evidence {
			fmt.Fprintf(&b, " EVIDENCE against %s at +%d", s.name(e.Address), e.Height-s.base)
		}
		fmt.Fprintf(&b, " (power %d)\n", set.Power())
	}
	if st := s.w.Chain.Stall; st != nil {
		var who []string
		for _, a := range st.Prevotes {
			who = append(who, s.name(a))
		}
		fmt.Fprintf(&b, "halted before +%d, %d prevotes\n", st.Height-s.base, len(who))
	}
	if b.Len() == 0 {
		return "no block"
	}
	return b.String()
}

func (s *story) name(address string) string {
	for _, v := range s.w.Chain.Sets[0].Vals {
		if v.Address == address {
			return "key of " + v.Name
		}
	}
	return "harmless key"
}

func (s *story) nodes() string {
	var b strings.Builder
	for _, h := range s.w.Hosts {
		if h.Role != "chain" {
			continue
		}
		u := h.Unit(ChainUnit)
		fmt.Fprintf(&b, "%s: %s/%s ssh=%s rpc=%s", h.Name, u.Active, u.Sub, h.SSHState(), h.RPCState())
		if p := h.Proc; p != nil {
			fmt.Fprintf(&b, " %s +%d", s.name(p.Address), s.w.NodeHeight(h)-s.base)
			if h.CatchingUp() {
				b.WriteString(" catching up")
			}
			if p.Mark.Height > 0 {
				fmt.Fprintf(&b, " mark +%d/%d", p.Mark.Height-s.base, p.Mark.Step)
			}
		}
		b.WriteString("\n")
	}
	return b.String()
}

func TestSameSeedSameWorldHoweverOftenLookedAt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		seed := rapid.Uint64().Draw(t, "seed")
		a, b := New(seed, start), New(seed, start)
		for _, w := range []*World{&a, &b} {
			if err := w.Schedule(start.Add(7*time.Second), "process-crash", "val-2"); err != nil {
				t.Fatal(err)
			}
			if err := w.Schedule(start.Add(40*time.Second), "colleague-starts-old", "val-2"); err != nil {
				t.Fatal(err)
			}
		}
		end := start.Add(2 * time.Minute)
		for now := start; now.Before(end); {
			now = now.Add(time.Duration(rapid.IntRange(1, 20000).Draw(t, "ms")) * time.Millisecond)
			if now.After(end) {
				now = end
			}
			a.Advance(now)
		}
		b.Advance(end)
		ja, _ := json.Marshal(a)
		jb, _ := json.Marshal(b)
		if string(ja) != string(jb) {
			t.Fatalf("looking at it changed the world (seed %d)", seed)
		}
	})
}

func TestMarksNeverGoDown(t *testing.T) {
	w := New(3, start)
	last := map[string]Mark{}
	for i := range 400 {
		switch i {
		case 30:
			_ = w.Fault("halt", "")
		case 90:
			_ = w.Mend("halt", "")
		case 200:
			_ = w.Fault("partition", "val-1")
		case 230:
			_ = w.Mend("partition", "val-1")
		}
		w.Advance(w.Now.Add(time.Second))
		for _, h := range w.Hosts {
			if h.Proc == nil || h.Name == "val-2s" {
				continue
			}
			if h.Proc.Mark.Less(last[h.Name]) {
				t.Fatalf("%s: mark went from %v to %v", h.Name, last[h.Name], h.Proc.Mark)
			}
			last[h.Name] = h.Proc.Mark
			if m, err := ParseStateFile(h.Files[StatePath].Text); err != nil || m != h.Proc.Mark {
				t.Fatalf("%s: file says %v (%v), process %v", h.Name, m, err, h.Proc.Mark)
			}
		}
	}
	if len(w.Chain.Offences) > 0 {
		t.Errorf("double signs out of nothing: %v", w.Chain.Offences)
	}
}

func TestFaultsSayWhatIsWrong(t *testing.T) {
	w := New(1, start)
	for _, c := range []struct{ fault, target, want string }{
		{"process-crush", "val-2", "unknown fault"},
		{"process-crash", "val-9", "no such target"},
		{"app-hash", "db-1", "no such target"},
		{"wal-gap", "val-1", "no such target"},
		{"reply-lost", "telegram", "no such target"},
	} {
		if err := w.Fault(c.fault, c.target); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s on %s: %v, want %q", c.fault, c.target, err, c.want)
		}
	}
	for _, f := range FaultNames() {
		target := "val-2"
		switch f {
		case "slack-429", "reply-lost", "channel-down":
			target = "discord"
		case "db-corrupt", "db-bad-write", "db-split", "replica-frozen", "wal-gap", "backup-corrupt":
			target = "db-2"
		}
		w := New(1, start)
		if err := w.Fault(f, target); err != nil {
			t.Errorf("%s: %v", f, err)
		}
		w.Advance(start.Add(time.Minute))
		if err := w.Mend(f, target); err != nil {
			t.Errorf("mend %s: %v", f, err)
		}
		w.Advance(start.Add(10 * time.Minute))
	}
}

func BenchmarkAdvanceOneDay(b *testing.B) {
	for range b.N {
		w := New(1, start)
		w.Advance(start.Add(24 * time.Hour))
	}
}
