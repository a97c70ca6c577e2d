package config

import (
	"reflect"
	"testing"
	"time"
)

// inventory is what the linter of runbooks asks (checklists.Inventory).
type inventory interface {
	HasHost(name string) bool
	HasGroup(name string) bool
	HasKey(name string) bool
	HasNode(name string) bool
	HasDatabase(name string) bool
	HasEndpoint(name string) bool
	HasComponent(name string) bool
}

var _ inventory = Fleet{}

func TestLookups(t *testing.T) {
	f := example(t).Live
	if len(f.Group("dr")) != 5 || f.Group("nobody") != nil {
		t.Errorf("group dr: %v", f.Group("dr"))
	}
	if got := f.Groups(); !reflect.DeepEqual(got, []string{"databases", "dr", "monitoring", "providers", "standbys", "validators"}) {
		t.Errorf("groups: %v", got)
	}
	if len(f.KeysOn("standby-1")) != 4 || len(f.KeysOn("val-2")) != 1 || f.KeysOn("mon-1") != nil {
		t.Error("keys on hosts")
	}
	if n, ok := f.NodeOn("val-2"); !ok || n.Name != "val-2" {
		t.Errorf("node on val-2: %v", n)
	}
	if _, ok := f.NodeOn(""); ok {
		t.Error("a node of nobody is on no host")
	}
	k, _ := f.Key("val-2")
	var names []string
	for _, n := range f.Witnesses(k) {
		names = append(names, n.Name)
	}
	if !reflect.DeepEqual(names, []string{"val-1", "val-3", "val-4", "public-rpc"}) {
		t.Errorf("witnesses of val-2: %v", names)
	}
	for what, has := range map[string]bool{
		"host": f.HasHost("val-1"), "group": f.HasGroup("dr"), "key": f.HasKey("val-1"), "node": f.HasNode("public-rpc"), "database": f.HasDatabase("db-2"),
		"endpoint": f.HasEndpoint("cluster"), "component": f.HasComponent("Validator node"), "not a host": !f.HasHost("x"), "not a node": !f.HasNode("mon-1"),
		"not a group": !f.HasGroup(""), "not a component": !f.HasComponent("validator node"),
	} {
		if !has {
			t.Errorf("the inventory is wrong about: %s", what)
		}
	}
	if p, ok := f.Person("lena"); !ok || p.Name != "lena" || p.SSHKey != "" {
		t.Errorf("a login is the name unless it is said: %+v", p)
	}
	if d, ok := f.SaysFor("status-activated")[0].Cadence("sev2"); !ok || d != 30*time.Minute {
		t.Errorf("cadence: %v", d)
	}
	hand := map[string]bool{}
	for _, c := range f.Channels {
		hand[c.Name] = c.ByHand()
	}
	if want := map[string]bool{"on-call": true, "slack-incident": false, "slack-engineering": false, "slack-leadership": false, "mail-leadership": true,
		"discord-validators": false, "discord-providers": false, "status-page": false, "press": true}; !reflect.DeepEqual(hand, want) {
		t.Errorf("by hand: %v", hand)
	}
	c, _ := f.Component("Databases")
	if !reflect.DeepEqual(c.Members, []Member{{MemberHost, "db-1"}, {MemberDatabase, "db-1"}, {MemberHost, "db-2"}, {MemberDatabase, "db-2"}}) {
		t.Errorf("a name that stands for two things is both: %v", c.Members)
	}
}

// Two hosts, two nodes: the host's name does not say which node.
func TestNodeOfHostWithTwo(t *testing.T) {
	f := Fleet{Nodes: []Node{{Name: "a", Host: "h"}, {Name: "b", Host: "h"}, {Name: "c", Host: "i"}}}
	if _, ok := f.Node("h"); ok {
		t.Error("h has two nodes")
	}
	if n, ok := f.Node("i"); !ok || n.Name != "c" {
		t.Error("i has one")
	}
}

func TestNearest(t *testing.T) {
	for _, c := range []struct{ word, want string }{
		{"chanel", "channel"}, {"adrr", "addr"}, {"Addr", "addr"}, {"hsots", "hosts"}, {"zzz", ""}, {"", ""}, {"x", ""},
	} {
		if got := Nearest(c.word, []string{"addr", "hosts", "channel"}); got != c.want {
			t.Errorf("Nearest(%q) = %q, want %q", c.word, got, c.want)
		}
	}
}

// The caret stands under the place, whatever the width of what is before it.
func TestExcerpt(t *testing.T) {
	for _, c := range []struct {
		line  string
		off   int
		want  string
		caret int
	}{
		{"name = \"x\"", 7, "name = \"x\"", 7},
		{"\tname = 1\r", 8, " name = 1", 8},
		{"日本 = 1", 9, "日本 = 1", 7},
		{"a = \"\x1b[31mred\"", 4, "a = \"red\"", 4},
	} {
		s := newSource("f", []byte("first\n"+c.line+"\nlast"))
		got, caret := s.excerpt(6 + c.off)
		if got != c.want || caret != c.caret {
			t.Errorf("excerpt(%q, %d) = %q, %d", c.line, c.off, got, caret)
		}
	}
}
