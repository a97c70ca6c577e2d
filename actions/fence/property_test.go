package fence

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// sentences are the changes a random story may be made of.
var sentences = strings.Split(strings.TrimSpace(`
val-2 does not answer
val-2 is not fenced
val-2 is active
val-2 has a process left
val-2 RPC answers
val-2 was read 11 minutes ago
val-2 is switched off, read back
val-2 is cut off, read back
val-2 is cut off, not read back
val-2x has the key in place
the configuration names val-9 too
a vote was seen before the stop
one witness is old
one witness only
the silence is 9 blocks
the check height is 20
the check is off
the chain stands
the mark is at the end of the silence
the mark is not staged
another key is staged
the target is 14 blocks behind
no REST is configured
one person signs twice
the tip passes
`), "\n")

// drawn is a random story.
func drawn(t *rapid.T) Evidence {
	e := [...]func() Evidence{failover, restart, withOverride}[rapid.IntRange(0, 2).Draw(t, "start")]()
	for _, s := range rapid.SliceOfN(rapid.SampledFrom(sentences), 0, 3).Draw(t, "sentences") {
		if applies(e, s) {
			if err := change(&e, s); err != nil {
				t.Fatal(err)
			}
		}
	}
	return e
}

func applies(e Evidence, s string) bool {
	switch {
	case strings.Contains(s, "val-2 "):
		return e.Kind == Elsewhere
	case strings.Contains(s, "witness"), strings.Contains(s, "silence"):
		return len(e.Silence) == 2
	case strings.Contains(s, "person"):
		return e.Over != nil
	}
	return true
}

// facts are all facts of the evidence, to be forgotten or aged.
func facts(e *Evidence) []reflect.Value {
	var out []reflect.Value
	var walk func(v reflect.Value)
	walk = func(v reflect.Value) {
		switch v.Kind() {
		case reflect.Struct:
			if v.FieldByName("At").IsValid() && (v.FieldByName("V").IsValid() || v.Type() == reflect.TypeFor[Witness]()) {
				out = append(out, v)
				return
			}
			// Behind a proof from outside, or an override, what the host itself
			// said can only be a veto, and vetoes are kept by the caller.
			if h, ok := v.Interface().(Holder); ok && (h.Other.Known() || e.Over != nil) {
				walk(v.FieldByName("Other"))
				return
			}
			for i := range v.NumField() {
				walk(v.Field(i))
			}
		case reflect.Slice:
			for i := range v.Len() {
				walk(v.Index(i))
			}
		}
	}
	walk(reflect.ValueOf(e).Elem())
	return out
}

func TestForgettingNeverHelps(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := drawn(t)
		before := Judge(e, noon)
		all := facts(&e)
		f := all[rapid.IntRange(0, len(all)-1).Draw(t, "which")]
		what := f.Interface()
		f.SetZero()
		if after := Judge(e, noon); after.Allow && !before.Allow {
			t.Fatalf("not knowing %+v allows a start that was refused: %s", what, show(before))
		}
	})
}

func TestOldFactsNeverHelp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := drawn(t)
		before := Judge(e, noon)
		all := facts(&e)
		f := all[rapid.IntRange(0, len(all)-1).Draw(t, "which")].FieldByName("At")
		if !f.Interface().(time.Time).IsZero() {
			f.Set(reflect.ValueOf(ago(11 * time.Minute)))
		}
		if after := Judge(e, noon); after.Allow && !before.Allow {
			t.Fatalf("an old fact allows a start that was refused: %s", show(before))
		}
		if later := Judge(e, noon.Add(11*time.Minute)); later.Allow {
			t.Fatalf("allowed on evidence of 11 minutes ago: %s", show(later))
		}
	})
}

func TestOrderDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := drawn(t)
		e.Signs = append(e.Signs, Sign{What: "a", At: ago(time.Hour)}, Sign{What: "b", At: ago(time.Hour)})
		e.Holders = append(e.Holders, Holder{Host: "val-2x", Shows: Saw("C0", noon, "x")})
		want := Judge(e, noon)
		e.Hosts = rapid.Permutation(e.Hosts).Draw(t, "hosts")
		e.Holders = rapid.Permutation(e.Holders).Draw(t, "holders")
		e.Silence = rapid.Permutation(e.Silence).Draw(t, "silence")
		e.Signs = rapid.Permutation(e.Signs).Draw(t, "signs")
		if got := Judge(e, noon); !reflect.DeepEqual(got, want) {
			t.Fatalf("%s\n---\n%s", show(got), show(want))
		}
	})
}

// TestVetoes: whatever else is proven or signed, these refuse.
func TestVetoes(t *testing.T) {
	vetoes := map[string]func(*Evidence){
		"sign of life": func(e *Evidence) {
			e.StoppedAt = stopped
			e.Signs = append(e.Signs, Sign{Host: "val-7", What: "val-7 shows this key", At: ago(time.Minute)})
		},
		"a host nobody named shows the key": func(e *Evidence) {
			e.Holders = append(e.Holders, Holder{Host: "val-7", Shows: Saw(keyA, ago(time.Second), "val-7 RPC")})
		},
		"banned":          func(e *Evidence) { e.Jail.Banned = Saw(true, ago(time.Hour), "REST") },
		"another network": func(e *Evidence) { e.TargetIs.Network.V = "ve-test" },
		"a stale witness": func(e *Evidence) {
			e.Kind = Elsewhere
			e.Silence = append(e.Silence, Witness{Name: "val-9 RPC", From: 1, To: 2, At: ago(time.Hour)})
		},
		"a contradicting witness": func(e *Evidence) {
			if e.Silence = append([]Witness(nil), e.Silence...); len(e.Silence) > 0 {
				e.Silence[0].Absent -= 2
			} else {
				e.Kind = ""
			}
		},
		"a higher state": func(e *Evidence) {
			e.States = append(e.States, StateSeen{Where: "backup", State: SignState{Height: 1_000_000}})
		},
		"no commander": func(e *Evidence) { e.Commander.V.You = false },
	}
	rapid.Check(t, func(t *rapid.T) {
		e := drawn(t)
		if !e.Chain.Moving.V {
			return // there is no silence to contradict on a halted chain
		}
		name := rapid.SampledFrom([]string{"sign of life", "a host nobody named shows the key", "banned", "another network", "a stale witness",
			"a contradicting witness", "a higher state", "no commander"}).Draw(t, "veto")
		vetoes[name](&e)
		if v := Judge(e, noon); v.Allow {
			t.Fatalf("%s: %s", name, show(v))
		}
	})
}

func TestMarkIsAboveAllAndAccepted(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := drawn(t)
		seenAt := SignState{Height: rapid.Int64Range(900, 1100).Draw(t, "height"), Round: rapid.Int32Range(0, 3).Draw(t, "round"), Step: rapid.Int32Range(0, 3).Draw(t, "step")}
		e.States = []StateSeen{{Where: "backup", State: seenAt}}
		m, err := Mark(e)
		if err != nil {
			if e.Kind == Elsewhere && e.Chain.Moving.V && len(e.Silence) == 2 {
				t.Fatal(err)
			}
			return
		}
		if m.Compare(seenAt) < 0 || m.Height <= e.Chain.LastSigned.V {
			t.Fatalf("mark %s, seen %s", m, seenAt)
		}
		e.TargetIs.Mark = Saw(m, ago(time.Second), "file")
		v := Judge(e, noon)
		if !e.Chain.Moving.V {
			return
		}
		if it := v.Items[8]; it.State == Contradicting && !strings.Contains(it.Text, "another one") {
			t.Fatalf("its own mark is refused: %+v", it)
		}
	})
}

func TestSignState(t *testing.T) {
	if (SignState{Height: 99}).Compare(SignState{Height: 100}) >= 0 {
		t.Error("99 is not below 100")
	}
	for in, want := range map[string]SignState{
		`{"height":"1204006","round":0,"step":3,"signature":"x","signbytes":"y"}`: {1204006, 0, 3},
		"{\n  \"height\": \"0\",\n  \"round\": 2,\n  \"step\": 0\n}\n":            {0, 2, 0},
	} {
		if got, err := ParseSignState([]byte(in)); err != nil || got != want {
			t.Errorf("%s: %v, %v", in, got, err)
		}
	}
	for _, in := range []string{"", "{}", "null", `{"height":5,"round":0,"step":0}`, `{"height":"5","round":0}`, `{"height":"-1","round":0,"step":0}`,
		`{"height":"5","round":0,"step":4}`, `{"height":"5","round":1.5,"step":0}`, `{"height":"5","round":0,"step":0}x`, `{"height":"99999999999999999999","round":0,"step":0}`} {
		if got, err := ParseSignState([]byte(in)); err == nil {
			t.Errorf("%s is read as %v", in, got)
		}
	}
}

func FuzzParseSignState(f *testing.F) {
	f.Add([]byte(`{"height":"12","round":0,"step":3}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		if s, err := ParseSignState(b); err == nil && (s.Height < 0 || s.Round < 0 || s.Step < 0 || s.Step > Precommit || !strings.Contains(string(b), "height")) {
			t.Fatalf("%q is read as %v", b, s)
		}
	})
}

func FuzzParseUnit(f *testing.F) {
	f.Add("ActiveState=inactive\nMainPID=0\nDropInPaths=/etc/systemd/system/a.service.d/90-fence.conf\nNeedDaemonReload=no\n")
	f.Fuzz(func(t *testing.T, s string) {
		u := ParseUnit(s)
		if u.Stopped() && !strings.Contains(s, "MainPID=0") {
			t.Fatalf("%q is read as stopped", s)
		}
		if u.Fenced(DropInName) && !strings.Contains(s, DropInName) {
			t.Fatalf("%q is read as fenced", s)
		}
	})
}
