package cockpit

import (
	"strings"
	"testing"
	"time"

	"github.com/virtengine/relight/nodes"
)

// A place is silent when two things or more were asked there and none answers,
// for a while, and something else does answer.
func TestSilentPlaces(t *testing.T) {
	at := start.Add(time.Hour)
	since := at.Add(-30 * time.Second)
	quiet := func(name, in string, asked int) nodes.Place {
		return nodes.Place{Name: name, Region: in == "", In: in, Asked: asked, At: at, Since: since}
	}
	loud := nodes.Place{Name: "us-1", Region: true, Asked: 4, Answering: 4, At: at}
	power := nodes.Chain{Power: nodes.Power{Known: nodes.True, Online: 900, Total: 1200}}
	for _, c := range []struct {
		name string
		snap nodes.Snapshot
		want []string // kinds
	}{
		{"a zone", nodes.Snapshot{Places: []nodes.Place{loud, quiet("eu-1a", "eu-1", 3)}}, []string{"place-silent eu-1a"}},
		{"one thing is its own trouble", nodes.Snapshot{Places: []nodes.Place{loud, quiet("eu-1a", "eu-1", 1)}}, nil},
		{"not for long", nodes.Snapshot{Places: []nodes.Place{loud, {Name: "eu-1a", In: "eu-1", Asked: 3, Since: at.Add(-5 * time.Second)}}}, nil},
		{"a region, its zones are not told again", nodes.Snapshot{Places: []nodes.Place{quiet("eu-1", "", 5), loud, quiet("eu-1a", "eu-1", 3), quiet("eu-1b", "eu-1", 2)}}, []string{"place-silent eu-1"}},
		{"nothing anywhere is our own line", nodes.Snapshot{Places: []nodes.Place{quiet("eu-1", "", 5), quiet("us-1", "", 5)}}, nil},
	} {
		c.snap.At, c.snap.Chain = at, power
		var got []string
		for _, a := range Alerts(c.snap) {
			got = append(got, a.Kind)
			if !a.Warning || !strings.Contains(a.Text, "Power online: 75 %.") || len(a.Text) > 90 || len(a.Memory) > 3 {
				t.Errorf("%s: %+v", c.name, a)
			}
		}
		if strings.Join(got, ",") != strings.Join(c.want, ",") {
			t.Errorf("%s: %v, not %v", c.name, got, c.want)
		}
	}
}
