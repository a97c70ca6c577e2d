package fence

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"
)

var (
	noon    = time.Date(2026, 11, 23, 3, 12, 20, 0, time.UTC)
	keyA    = "83C395D1CAB4D7A4F1C0A1B2C3D4E5F60718293A"
	keyB    = "B2907E41D04C0000000000000000000000000000"
	stopped = noon.Add(-2 * time.Minute)
)

func ago(d time.Duration) time.Time { return noon.Add(-d) }

// failover is a failover from val-2 to val-2s with everything proven.
func failover() Evidence {
	at := ago(2 * time.Second)
	return Evidence{
		Kind: Elsewhere, Key: "val-2", Address: keyA, Target: "val-2s", Old: "val-2",
		Hosts: []string{"val-2", "val-2s", "val-2x"}, Blocks: 10,
		Commander: Saw(Command{You: true}, at, "record"),
		Jail:      Jail{Jailed: Saw(false, at, "val-3 REST"), Banned: Saw(false, at, "val-3 REST")},
		TargetIs: Target{
			Network: Saw("ve-1", at, "val-2s RPC"), Height: Saw(int64(1020), at, "val-2s RPC"),
			BlockAge: Saw(2*time.Second, at, "val-2s RPC"), CatchingUp: Saw(false, at, "val-2s RPC"),
			Common: Saw(Common{Height: 1019, Equal: true}, at, "2 RPCs"), Shows: Saw(keyB, at, "val-2s RPC"),
			CheckHeight: Saw(int64(10), at, "val-2s file"), Mark: Saw(SignState{Height: 1001}, at, "val-2s file"),
			Staged: Saw(keyA, at, "val-2s file"),
		},
		Holders: []Holder{
			{Host: "val-2", Unit: Saw(fencedUnit(), at, "val-2 SSH"), Processes: Saw(0, at, "val-2 SSH"),
				Refuses: Saw(true, at, "val-2 RPC"), State: Saw(SignState{1000, 0, 3}, at, "val-2 file")},
			{Host: "val-2x", Standby: true, Shows: Saw("C0FFEE", at, "val-2x RPC"), KeyThere: Saw(false, at, "val-2x SSH")},
		},
		Chain: Chain{Network: Saw("ve-1", at, "val-4 RPC"), Moving: Saw(true, at, "2 RPCs"), Tip: Saw(int64(1020), at, "2 RPCs"),
			LastSigned: Saw(int64(1000), at, "2 RPCs"), Interval: 6 * time.Second},
		StoppedAt: stopped, Looked: Saw(9, at, "9 RPCs"),
		Silence: []Witness{
			{Name: "val-3 RPC", Host: "val-3", From: 1003, To: 1019, Absent: 17, Hash: "AA", Since: ago(110 * time.Second), At: at},
			{Name: "val-4 RPC", Host: "val-4", From: 1002, To: 1019, Absent: 18, Hash: "AA", Since: ago(115 * time.Second), At: at},
		},
	}
}

// restart is a restart in place of val-2, down for 20 blocks.
func restart() Evidence {
	e := failover()
	e.Kind, e.Target, e.Old, e.StoppedAt = InPlace, "val-2", "", time.Time{}
	at := e.Looked.At
	e.TargetIs = Target{Network: Saw("ve-1", at, "val-2 genesis"), CheckHeight: Saw(int64(10), at, "val-2 file"),
		Mark: Saw(SignState{1000, 0, 3}, at, "val-2 file")}
	e.Holders = []Holder{
		{Host: "val-2s", Standby: true, Shows: Saw(keyB, at, "val-2s RPC"), KeyThere: Saw(false, at, "val-2s SSH")},
		{Host: "val-2x", Standby: true, Unit: Saw(Unit{ActiveState: "inactive", MainPID: "0"}, at, "val-2x SSH"), Processes: Saw(0, at, "val-2x SSH"), KeyThere: Saw(false, at, "val-2x SSH")},
	}
	e.Silence = nil
	return e
}

func fencedUnit() Unit {
	return Unit{"inactive", "dead", "0", "disabled", "/etc/systemd/system/virtengine.service.d/90-fence.conf", "no"}
}

// withOverride is a failover where val-2 cannot be reached, and all that an
// override wants is there.
func withOverride() Evidence {
	e := failover()
	e.Holders[0] = Holder{Host: "val-2"}
	for i := range e.Silence {
		e.Silence[i].From, e.Silence[i].To, e.Silence[i].Absent, e.Silence[i].Since = 1003, 1119, 117, stopped
	}
	e.Chain.Tip.V, e.TargetIs.Height.V, e.TargetIs.Common.V.Height = 1120, 1120, 1119
	e.TargetIs.Mark.V = SignState{Height: 1230}
	e.Over = &Override{By: [2]Person{{"mira", "host burnt"}, {"dan", "seen the rack"}}, Address: keyA, Risk: "5 % and the validator for ever", At: ago(time.Minute)}
	return e
}

// change applies one sentence of a story to the evidence.
func change(e *Evidence, line string) error {
	val2 := slices.IndexFunc(e.Holders, func(h Holder) bool { return h.Host == "val-2" })
	now := ago(time.Second)
	switch line {
	case "val-2 does not answer":
		e.Holders[val2] = Holder{Host: "val-2"}
	case "val-2 is not fenced":
		e.Holders[val2].Unit.V.DropInPaths = ""
	case "val-2 waits for a daemon-reload":
		e.Holders[val2].Unit.V.NeedDaemonReload = "yes"
	case "val-2 is active":
		e.Holders[val2].Unit.V.ActiveState, e.Holders[val2].Unit.V.MainPID = "active", "4711"
	case "val-2 has a process left":
		e.Holders[val2].Processes.V = 1
	case "val-2 RPC answers":
		e.Holders[val2].Refuses.V = false
	case "val-2 was read 11 minutes ago":
		e.Holders[val2].Unit.At = ago(11 * time.Minute)
	case "val-2 was read before the stop":
		e.Holders[val2].Unit.At = stopped.Add(-time.Second)
	case "val-2 is switched off, read back":
		e.Holders[val2] = Holder{Host: "val-2", Other: Saw(Proof{Power, true, "stopped, no automatic start"}, now, "cloud")}
	case "val-2 is cut off, read back":
		e.Holders[val2] = Holder{Host: "val-2", Other: Saw(Proof{Network, true, "2 rules, kept"}, now, "firewall")}
	case "val-2 is cut off, not read back":
		e.Holders[val2] = Holder{Host: "val-2", Other: Saw(Proof{Network, false, ""}, now, "firewall")}
	case "val-2x shows the key":
		e.Holders[len(e.Holders)-1].Shows = Saw(keyA, now, "val-2x RPC")
	case "val-2x is fenced":
		h := &e.Holders[len(e.Holders)-1]
		h.Unit.V, h.Refuses = fencedUnit(), Saw(true, now, "val-2x RPC")
	case "val-2x has the key in place":
		e.Holders[len(e.Holders)-1].KeyThere.V = true
	case "the configuration names val-9 too":
		e.Hosts = append(e.Hosts, "val-9")
	case "a vote was seen 31 s ago":
		e.Signs = append(e.Signs, Sign{What: "a vote for 1004", Height: 1004, At: ago(31 * time.Second), Source: "val-4 RPC"})
	case "a vote was seen before the stop":
		e.Signs = append(e.Signs, Sign{What: "a vote for 1000", Height: 1000, At: stopped.Add(-time.Second), Source: "val-4 RPC"})
	case "somebody touched val-2 just now":
		e.Touches = append(e.Touches, Touch{Host: "val-2", What: "console", At: now})
	case "one witness is old":
		e.Silence[0].At = ago(11 * time.Minute)
	case "one witness sees other blocks":
		e.Silence[0].Hash = "BB"
	case "one witness saw a signature":
		e.Silence[1].Absent--
	case "one witness only":
		e.Silence = e.Silence[:1]
	case "the silence is 9 blocks":
		for i := range e.Silence {
			e.Silence[i].From, e.Silence[i].To, e.Silence[i].Absent = 1003, 1011, 9
		}
	case "the check height is 20":
		e.TargetIs.CheckHeight.V = 20
	case "the check height is 21":
		e.TargetIs.CheckHeight.V = 21
	case "the check is off":
		e.TargetIs.CheckHeight.V = 0
	case "the chain stands":
		e.Chain.Moving.V = false
	case "the sign state of val-2 is not known":
		e.Holders[val2].State = Fact[SignState]{}
	case "the mark is at the end of the silence":
		e.TargetIs.Mark.V = SignState{Height: 1012}
	case "the mark is not staged":
		e.TargetIs.Mark = Fact[SignState]{}
	case "an older state was restored":
		e.TargetIs.Mark.V = SignState{999, 0, 3}
	case "val-2 was seen down 2 minutes ago":
		e.StoppedAt = stopped
	case "the mark is below a backup's":
		e.States = append(e.States, StateSeen{Where: "backup", State: SignState{1001, 0, 2}})
	case "the mark is above the next block":
		e.TargetIs.Mark.V = SignState{Height: 1030}
	case "another key is staged":
		e.TargetIs.Staged.V = keyB
	case "the target shows the key":
		e.TargetIs.Shows.V = strings.ToLower(keyA)
	case "the target is on another network":
		e.TargetIs.Network.V = "ve-test"
	case "the target is 14 blocks behind":
		e.TargetIs.Height.V, e.TargetIs.BlockAge.V = 1006, 84*time.Second
	case "the target has another app hash":
		e.TargetIs.Common.V.Equal = false
	case "the validator is banned":
		e.Jail.Banned.V = true
	case "no REST is configured":
		e.Jail = Jail{NoREST: true}
	case "dan acts on the key":
		e.Commander.V.Other = "dan"
	case "one person signs twice":
		e.Over.By[1].Login = " Mira"
	case "the override is 11 minutes old":
		e.Over.At = ago(11 * time.Minute)
	case "the tip passes":
		e.Chain.Tip.V += 11
	default:
		return fmt.Errorf("unknown sentence %q", line)
	}
	return nil
}

func show(v Verdict) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n", v.Summary)
	if v.Offered {
		b.WriteString("An override may be asked for.\n")
	}
	for _, it := range v.Items {
		if it.State != Proven {
			fmt.Fprintf(&b, "%d %-13s %s: %s\n", it.N, it.State, it.Name, it.Text)
		}
	}
	return b.String()
}

// TestStories runs the scripts of testdata/stories. A story starts with failover,
// restart, override or nothing; its lines say what is different.
func TestStories(t *testing.T) {
	datadriven.Walk(t, "testdata/stories", func(t *testing.T, path string) {
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			var e Evidence
			switch d.Cmd {
			case "failover":
				e = failover()
			case "restart":
				e = restart()
			case "override":
				e = withOverride()
			case "nothing":
			default:
				t.Fatalf("unknown start %q", d.Cmd)
			}
			for line := range strings.Lines(d.Input) {
				if err := change(&e, strings.TrimSpace(line)); err != nil {
					t.Fatal(err)
				}
			}
			v := Judge(e, noon)
			if d.HasArg("full") {
				for i := range v.Items {
					v.Items[i].Name += " [" + v.Items[i].Source + " " + strconv.FormatBool(!v.Items[i].Until.IsZero()) + "]"
					v.Items[i].State += " "
				}
			}
			return show(v)
		})
	})
}
