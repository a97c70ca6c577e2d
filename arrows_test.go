package main

import (
	"encoding/json"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/virtengine/relight"

// floors says on which floor each room stands. An arrow goes only downwards:
// a room imports rooms of lower floors, and its own inner rooms.
var floors = map[string]int{
	"": 7, "cli": 6,
	"tui": 5, "drill/fleet": 5, "drill/autopilot": 5, "drill/scenario": 5, "drill/world": 5, "drill": 5,
	"cockpit": 4, "report": 4, "paper": 4,
	"actions": 3, "comms": 3, "nodes": 3, "journal": 3,
	"incident":   2,
	"checklists": 1, "actions/fence": 1, "comms/outbox": 1, "actions/ssh": 1, "config": 1,
	"safe": 0, "clock": 0, "lazy": 0,
}

// sameFloor are the arrows between rooms of one floor that are meant.
var sameFloor = [][2]string{
	{"drill/fleet", "drill/world"}, {"drill/scenario", "drill/world"}, {"drill/fleet", "drill/scenario"},
	{"drill", "drill/fleet"}, {"drill", "drill/world"}, {"drill", "drill/scenario"},
}

type goPackage struct {
	ImportPath   string
	Imports      []string
	TestImports  []string
	XTestImports []string
}

func packages(t *testing.T) []goPackage {
	t.Helper()
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports,TestImports,XTestImports", "./...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []goPackage
	for d := json.NewDecoder(strings.NewReader(string(out))); d.More(); {
		var p goPackage
		if err := d.Decode(&p); err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
	return all
}

// room is the room a package belongs to: the longest one on the list.
func room(path string) (string, bool) {
	rel := strings.TrimPrefix(strings.TrimPrefix(path, module), "/")
	for r := rel; ; {
		if _, ok := floors[r]; ok && (r != "" || rel == "") {
			return r, true
		}
		i := strings.LastIndex(r, "/")
		if i < 0 {
			return rel, false
		}
		r = r[:i]
	}
}

func TestArrowsGoDownwards(t *testing.T) {
	seen := 0
	for _, p := range packages(t) {
		from, ok := room(p.ImportPath)
		if !ok {
			t.Errorf("%s stands on no floor: add it to the list", p.ImportPath)
			continue
		}
		for _, imp := range p.Imports {
			if !strings.HasPrefix(imp, module) {
				continue
			}
			seen++
			to, ok := room(imp)
			if !ok || to == from || floors[to] < floors[from] || slices.Contains(sameFloor, [2]string{from, to}) {
				continue
			}
			t.Errorf("%s (floor %d) imports %s (floor %d): arrows go only downwards", from, floors[from], to, floors[to])
		}
	}
	if seen < 30 {
		t.Fatalf("only %d arrows were looked at: the test has lost its eyes", seen)
	}
}

// Bubble Tea is the screen's own business, and nothing outside the fleet and
// its scenarios sees the rehearsal world.
func TestSecretsOfRooms(t *testing.T) {
	for _, p := range packages(t) {
		from, _ := room(p.ImportPath)
		for _, imp := range p.Imports {
			switch {
			case strings.HasPrefix(imp, "charm.land/") && from != "tui":
				t.Errorf("%s imports %s: only tui draws", p.ImportPath, imp)
			case imp == module+"/drill/world" && from != "drill/fleet" && from != "drill/scenario" && from != "drill":
				t.Errorf("%s imports the rehearsal world: everybody else goes through the protocols", p.ImportPath)
			case from == "drill/autopilot" && strings.HasPrefix(imp, module) && !pilotMaySee(imp):
				t.Errorf("the autopilot imports %s: it may see the View and nothing else", imp)
			}
		}
	}
}

// pilotMaySee are the cockpit and the rooms its View is made of.
func pilotMaySee(imp string) bool {
	rel := strings.TrimPrefix(imp, module+"/")
	return slices.Contains([]string{"cockpit", "incident", "checklists", "comms/outbox"}, rel)
}

// The pure rooms do no I/O and read no clock.
func TestPureRoomsArePure(t *testing.T) {
	pure := []string{"incident", "actions/fence", "comms/outbox", "drill/world", "paper"}
	banned := []string{"net", "net/http", "os", "os/exec", "math/rand", "math/rand/v2", "crypto/rand", "context", "io/ioutil"}
	for _, p := range packages(t) {
		from, _ := room(p.ImportPath)
		if !slices.Contains(pure, from) {
			continue
		}
		for _, imp := range p.Imports {
			if slices.Contains(banned, imp) {
				t.Errorf("%s imports %s: it is pure", from, imp)
			}
		}
	}
	out, err := exec.Command("grep", "-rnE", `time\.(Now|Since|Until|After|NewTimer|Sleep)\(`, "--include=*.go", "--exclude=*_test.go",
		"incident", "actions/fence", "comms/outbox", "drill/world", "cockpit", "drill/autopilot", "report", "paper").Output()
	if err == nil && len(out) > 0 {
		t.Errorf("these rooms take the time from their caller:\n%s", out)
	}
}
