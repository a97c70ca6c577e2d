package nodes

import (
	"encoding/json"
	"math/big"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// The integer sums agree with exact fractions for every total CometBFT allows.
func TestQuorumProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		total := rapid.Int64Range(1, maxTotal).Draw(t, "total")
		online := rapid.Int64Range(0, total).Draw(t, "online")
		exact := new(big.Int).Mul(big.NewInt(online), big.NewInt(3)).Cmp(new(big.Int).Mul(big.NewInt(total), big.NewInt(2))) > 0
		if Decides(online, total) != exact {
			t.Fatalf("%d of %d", online, total)
		}
		if Decides(online, total) != (online >= Needed(total)) {
			t.Fatalf("%d of %d, needed %d", online, total, Needed(total))
		}
		if p := powerOf(online, total); (p.Spare >= 0) != exact {
			t.Fatalf("%+v", p)
		}
		if !Decides(Needed(total), total) || Decides(Needed(total)-1, total) {
			t.Fatalf("needed %d of %d is not the least", Needed(total), total)
		}
		// Two groups that both decide share more than a third.
		if Decides(online, total) && Decides(total-online, total) {
			t.Fatalf("%d and %d both decide", online, total-online)
		}
	})
}

func TestQuorumSmall(t *testing.T) {
	for _, c := range []struct{ total, needed int64 }{{1, 1}, {2, 2}, {3, 3}, {4, 3}, {30, 21}, {40, 27}, {100, 67}} {
		if Needed(c.total) != c.needed {
			t.Errorf("%d needs %d, want %d", c.total, Needed(c.total), c.needed)
		}
	}
}

func TestTri(t *testing.T) {
	all := []Tri{Unknown, True, False}
	for _, a := range all {
		b, err := json.Marshal(a)
		var back Tri = 7
		if err != nil || json.Unmarshal(b, &back) != nil || back != a {
			t.Errorf("%v: %s %v", a, b, err)
		}
		for _, o := range all {
			got := a.And(o)
			if got != o.And(a) || (got == True) != (a == True && o == True) || (got == False) != (a == False || o == False) {
				t.Errorf("%v and %v = %v", a, o, got)
			}
		}
	}
	var x Tri
	if json.Unmarshal([]byte(`"true"`), &x) == nil || x != Unknown {
		t.Error("a text is no truth")
	}
	if Unknown.Not() != Unknown || True.Not() != False || False.Not() != True {
		t.Error("not")
	}
}

// Whoever looks for the first time may see the last block before everything
// went: it proves nothing about who is there now.
func TestAnOldBlockProvesNoPower(t *testing.T) {
	l := newLab(t, 200, 10, 10, 10, 10)
	l.now = l.now.Add(time.Minute)
	s := l.look()
	if p := s.Chain.Power; p.Known != Unknown || p.Why == "" || s.Chain.Moving != Unknown {
		t.Errorf("power = %+v, moving %v", p, s.Chain.Moving)
	}
	if s = l.run(1); s.Chain.Power.Known != True {
		t.Errorf("after a block: %+v", s.Chain.Power)
	}
}
