package cockpit

import (
	"strings"
	"testing"
	"time"

	"github.com/virtengine/relight/config"
	"github.com/virtengine/relight/nodes"
)

// prepared is a fleet with a standby that could take over at once.
func prepared() (nodes.Snapshot, config.Fleet) {
	at := start.Add(time.Hour)
	key, spare := strings.Repeat("A", 40), strings.Repeat("B", 40)
	f := config.Fleet{
		Hosts: []config.Host{{Name: "val-2", Power: config.Power{State: "ipmi state"}}, {Name: "val-2s"}, {Name: "val-1"}},
		Nodes: []config.Node{{Name: "val-2", Host: "val-2"}, {Name: "val-2s", Host: "val-2s"}, {Name: "w1", Host: "val-1", Witness: true}, {Name: "w2", Witness: true}},
		Keys:  []config.Key{{Name: "val-2", Address: key, Hosts: []string{"val-2", "val-2s"}, Standbys: []string{"val-2s"}, SealedBackup: "/b/key.gpg"}},
	}
	s := nodes.Snapshot{At: at, Every: 2 * time.Second, HostEvery: 20 * time.Second, Chain: nodes.Chain{Moving: nodes.True},
		Keys: []nodes.Key{{Name: "val-2", Address: key}},
		Hosts: []nodes.HostFacts{{Name: "val-2s", At: at.Add(-9 * time.Second), Reachable: nodes.True, DiskUsed: 21, Sealed: nodes.True,
			Unit: nodes.Unit{ActiveState: "active"}, Key: nodes.KeyOnDisk{Present: nodes.True, Address: spare}, Config: nodes.ConfigFacts{Known: true}}},
	}
	for _, n := range f.Nodes {
		v := nodes.Node{Name: n.Name, Host: n.Host, State: nodes.Up, AskedAt: at, SeenAt: at, RightNet: nodes.True, Synced: nodes.True, InStep: nodes.True, Address: strings.Repeat("C", 40)}
		switch n.Name {
		case "val-2":
			v.Address = key
		case "val-2s":
			v.Address = spare
		}
		s.Nodes = append(s.Nodes, v)
	}
	return s, f
}

func TestReadiness(t *testing.T) {
	good := "val-2s can take over: in step, its host answers, the sealed key is there"
	for _, c := range []struct {
		name   string
		change func(*nodes.Snapshot, *config.Fleet)
		want   nodes.Tri
		text   string
	}{
		{"all seen and well", func(*nodes.Snapshot, *config.Fleet) {}, nodes.True, good},
		{"the signer cannot be cut off", func(_ *nodes.Snapshot, f *config.Fleet) { f.Hosts[0].Power = config.Power{} }, nodes.True, good + "; val-2 cannot be cut off from outside"},
		{"the signer is down already", func(s *nodes.Snapshot, _ *config.Fleet) { s.Nodes[0].State = nodes.Down }, nodes.True, good},
		{"no standby", func(_ *nodes.Snapshot, f *config.Fleet) { f.Keys[0].Standbys = nil }, nodes.False, "no standby: it can only come back where it is"},
		{"a remote signer", func(_ *nodes.Snapshot, f *config.Fleet) { f.Keys[0].Signer = config.SignerRemote }, nodes.Unknown, "a remote signer holds it: not judged here"},
		{"banned", func(s *nodes.Snapshot, _ *config.Fleet) { s.Keys[0].Tombstoned = nodes.True }, nodes.False, "banned for ever: nothing can take it over"},
		{"nothing seen", func(s *nodes.Snapshot, _ *config.Fleet) { *s = nodes.Snapshot{At: s.At} }, nodes.Unknown, "whether the chain moves is not known"},
		{"the chain stands", func(s *nodes.Snapshot, _ *config.Fleet) { s.Chain.Moving = nodes.False }, nodes.False, "the chain stands: silence cannot be tested"},
		{"one witness", func(s *nodes.Snapshot, _ *config.Fleet) { s.Nodes[3].State = nodes.Down }, nodes.False, "witnesses that follow the chain: 1, two are needed"},
		{"witnesses not asked", func(s *nodes.Snapshot, _ *config.Fleet) {
			s.Nodes[2].State, s.Nodes[3].State = nodes.NeverAsked, nodes.NeverAsked
		}, nodes.Unknown, "the witnesses were not asked yet"},
		{"a witness on a holder is none", func(_ *nodes.Snapshot, f *config.Fleet) { f.Nodes[2].Host = "val-2" }, nodes.False, "witnesses that follow the chain: 1, two are needed"},
		{"its host was never read", func(s *nodes.Snapshot, _ *config.Fleet) { s.Hosts = nil }, nodes.Unknown, "val-2s was not read yet"},
		{"its host was read long ago", func(s *nodes.Snapshot, _ *config.Fleet) { s.Hosts[0].At = s.At.Add(-5 * time.Minute) }, nodes.Unknown, "val-2s was read too long ago"},
		{"its host does not answer", func(s *nodes.Snapshot, _ *config.Fleet) { s.Hosts[0].Reachable = nodes.False }, nodes.False, "val-2s does not answer over SSH"},
		{"a wrong host key", func(s *nodes.Snapshot, _ *config.Fleet) { s.Hosts[0].Reachable, s.Hosts[0].HostKey = nodes.False, true }, nodes.False, "val-2s shows a wrong host key"},
		{"its unit is stopped", func(s *nodes.Snapshot, _ *config.Fleet) { s.Hosts[0].Unit.ActiveState = "inactive" }, nodes.False, "val-2s: its unit is inactive"},
		{"its unit was not read", func(s *nodes.Snapshot, _ *config.Fleet) { s.Hosts[0].Unit.ActiveState = "" }, nodes.Unknown, "val-2s: its unit was not read"},
		{"it is fenced", func(s *nodes.Snapshot, _ *config.Fleet) { s.Hosts[0].FenceHolds = nodes.True }, nodes.False, "val-2s is fenced"},
		{"a copy in place", func(s *nodes.Snapshot, f *config.Fleet) { s.Hosts[0].Key.Address = f.Keys[0].Address }, nodes.False, "val-2s holds the key in place: a restart would sign with it"},
		{"a key elsewhere", func(s *nodes.Snapshot, _ *config.Fleet) { s.Hosts[0].Config.Odd = true }, nodes.Unknown, "val-2s: where its key lies is not known"},
		{"a key file that was not read", func(s *nodes.Snapshot, _ *config.Fleet) { s.Hosts[0].Key = nodes.KeyOnDisk{} }, nodes.Unknown, "val-2s: its key file was not read"},
		{"no sealed key there", func(s *nodes.Snapshot, _ *config.Fleet) { s.Hosts[0].Sealed = nodes.False }, nodes.False, "val-2s: the sealed key is not there"},
		{"the sealed key was not looked for", func(s *nodes.Snapshot, _ *config.Fleet) { s.Hosts[0].Sealed = nodes.Unknown }, nodes.Unknown, "val-2s: whether the sealed key is there is not known"},
		{"no sealed key configured", func(_ *nodes.Snapshot, f *config.Fleet) { f.Keys[0].SealedBackup = "" }, nodes.False, "no sealed backup is configured for it"},
		{"its disk is full", func(s *nodes.Snapshot, _ *config.Fleet) { s.Hosts[0].DiskUsed = 97 }, nodes.False, "val-2s: disk 97 % full"},
		{"its disk was not read", func(s *nodes.Snapshot, _ *config.Fleet) { s.Hosts[0].DiskUsed = -1 }, nodes.Unknown, "val-2s: its disk was not read"},
		{"its node is down", func(s *nodes.Snapshot, _ *config.Fleet) {
			s.Nodes[1].State, s.Nodes[1].Err = nodes.Down, "connection refused"
		}, nodes.False, "val-2s does not answer: connection refused"},
		{"its node was not asked", func(s *nodes.Snapshot, _ *config.Fleet) { s.Nodes[1].State = nodes.NeverAsked }, nodes.Unknown, "val-2s was not asked yet"},
		{"its node answered long ago", func(s *nodes.Snapshot, _ *config.Fleet) { s.Nodes[1].SeenAt = s.At.Add(-time.Minute) }, nodes.Unknown, "val-2s answered too long ago"},
		{"its node lags", func(s *nodes.Snapshot, _ *config.Fleet) {
			s.Nodes[1].Synced, s.Nodes[1].SyncedWhy = nodes.False, "its last block is 5m0s old"
		}, nodes.False, "val-2s is not synced: its last block is 5m0s old"},
		{"its node was compared with nobody", func(s *nodes.Snapshot, _ *config.Fleet) { s.Nodes[1].InStep = nodes.Unknown }, nodes.Unknown, "val-2s was not compared with a witness yet"},
		{"its node is on a fork", func(s *nodes.Snapshot, _ *config.Fleet) { s.Nodes[1].InStep = nodes.False }, nodes.False, "val-2s disagrees with the others"},
		{"another network", func(s *nodes.Snapshot, _ *config.Fleet) { s.Nodes[1].RightNet = nodes.False }, nodes.False, "val-2s is on another network"},
		{"no node there", func(s *nodes.Snapshot, _ *config.Fleet) { s.Nodes[1].Host = "" }, nodes.Unknown, "0 nodes are watched on val-2s, one is needed"},
		{"it runs there already", func(s *nodes.Snapshot, f *config.Fleet) { s.Nodes[1].Address = f.Keys[0].Address }, nodes.False, "it runs on its standby val-2s already"},
		{"what is false is said before what is unknown", func(s *nodes.Snapshot, _ *config.Fleet) {
			s.Hosts[0].DiskUsed, s.Nodes[1].InStep = -1, nodes.False
		}, nodes.False, "val-2s disagrees with the others"},
		{"of two standbys the better one counts", func(s *nodes.Snapshot, f *config.Fleet) {
			f.Keys[0].Standbys, f.Keys[0].Hosts = []string{"val-1", "val-2s"}, []string{"val-2", "val-1", "val-2s"}
			f.Nodes[2].Host, s.Nodes[2].Host = "", ""
		}, nodes.True, good},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, f := prepared()
			c.change(&s, &f)
			got := Readinesses(s, f)
			if len(got) != 1 || got[0].What != "val-2" || got[0].OK != c.want || got[0].Text != c.text {
				t.Fatalf("%+v, want %v %q", got, c.want, c.text)
			}
			if got[0].OK == nodes.True && !got[0].At.Equal(s.At.Add(-9*time.Second)) {
				t.Errorf("it rests on what was read at %v", got[0].At)
			}
		})
	}
}

// Taking any one thing away from what was seen never makes a line good.
func TestReadinessNeedsAllOfIt(t *testing.T) {
	s, f := prepared()
	for i := range s.Nodes {
		if i == 0 {
			continue // the signer itself need not be seen
		}
		less := s
		less.Nodes = append([]nodes.Node(nil), s.Nodes...)
		less.Nodes[i] = nodes.Node{Name: s.Nodes[i].Name, Host: s.Nodes[i].Host, State: nodes.NeverAsked}
		if got := Readinesses(less, f); got[0].OK == nodes.True {
			t.Errorf("without %s: %+v", s.Nodes[i].Name, got)
		}
	}
	less := s
	less.Hosts = []nodes.HostFacts{{Name: "val-2s", At: s.At, Reachable: nodes.True, DiskUsed: -1}}
	if got := Readinesses(less, f); got[0].OK != nodes.Unknown {
		t.Errorf("a host of which only is known that it answers: %+v", got)
	}
}
