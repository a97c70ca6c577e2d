package drill

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/virtengine/relight/clock"
	"github.com/virtengine/relight/cockpit"
	"github.com/virtengine/relight/config"
	"github.com/virtengine/relight/drill/fleet"
	"github.com/virtengine/relight/drill/scenario"
	"github.com/virtengine/relight/drill/world"
	"github.com/virtengine/relight/journal"
)

// Rehearsal is a drill on the built-in fleet as it is kept in its folder, so
// that it can be resumed.
type Rehearsal struct {
	ID      string            `json:"id"`
	Runbook string            `json:"runbook"`
	Seed    uint64            `json:"seed"`
	Speed   float64           `json:"speed"` // 0: the autopilot's clock, which jumps
	Params  map[string]string `json:"params,omitempty"`
	// Begins is the first moment of its clock; zero means now.
	Begins time.Time `json:"begins,omitzero"`
	// Told is what somebody reports, so long after the begin.
	Told      string        `json:"told,omitempty"`
	ToldAfter time.Duration `json:"told_after,omitempty"`
	// ToldAt is that moment on its clock.
	ToldAt time.Time `json:"told_at,omitzero"`

	path string
}

// Files in a rehearsal's folder, beside the record.
const (
	rehearsalFile = "drill.json"
	worldFile     = "world.json"
	fleetFolder   = "fleet"
)

// Kept says that the folder of a record is a rehearsal's on the built-in fleet.
func Kept(path string) bool {
	_, err := os.Stat(filepath.Join(path, rehearsalFile))
	return err == nil
}

// Path is the rehearsal's folder.
func (r Rehearsal) Path() string { return r.path }

// New makes a rehearsal below dir: its folder, and a world in which the faults
// will happen.
func New(dir string, r Rehearsal, faults []scenario.Fault, now time.Time) (Rehearsal, error) {
	start := now
	if !r.Begins.IsZero() {
		start = r.Begins
	}
	w := world.New(r.Seed, start.UTC().Truncate(time.Second))
	r.Params = scenario.Moments(r.Params, w.Start)
	if r.Told != "" {
		r.ToldAt = w.Start.Add(r.ToldAfter)
	}
	if err := scenario.Schedule(&w, faults); err != nil {
		return r, err
	}
	var err error
	if r.ID, r.path, err = journal.NewFolder(dir, journal.DrillPrefix, start); err != nil {
		return r, err
	}
	data, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return r, err
	}
	if err := writeWhole(filepath.Join(r.path, rehearsalFile), data); err != nil {
		return r, fmt.Errorf("drill %s: %w", r.ID, err)
	}
	return r, saveWorld(r.path, w, now)
}

// Newest is the newest rehearsal below dir with an incident that is still open;
// runbook narrows it, if it is not empty.
func Newest(dir, runbook string) (Rehearsal, bool) {
	ids, err := journal.List(dir, journal.DrillPrefix)
	if err != nil {
		return Rehearsal{}, false
	}
	for _, id := range ids {
		if r, ok := Named(dir, id); ok && (runbook == "" || runbook == r.Runbook) {
			return r, true
		}
	}
	return Rehearsal{}, false
}

// Named is the rehearsal of that id below dir, if its incident is still open
// and a person flies it.
func Named(dir, id string) (Rehearsal, bool) {
	r := Rehearsal{path: filepath.Join(dir, id)}
	data, err := os.ReadFile(filepath.Join(r.path, rehearsalFile))
	if err != nil || json.Unmarshal(data, &r) != nil || r.ID != id || r.Speed == 0 || !stillOpen(r.path) {
		return Rehearsal{}, false
	}
	return r, true
}

func stillOpen(path string) bool {
	entries, _, err := journal.Read(path)
	if err != nil {
		return false
	}
	log, err := cockpit.Decode(entries)
	return err == nil && cockpit.Fold(log).Open()
}

// Flight is a rehearsal whose fleet is up.
type Flight struct {
	Clock  *clock.Rehearsal
	Config config.Config
	Fleet  *fleet.Fleet
}

// Start brings the world forward to now and opens the fleet on loopback.
func (r Rehearsal) Start(ctx context.Context, now time.Time) (Flight, error) {
	w, err := loadWorld(r.path, r.Speed, now)
	if err != nil {
		return Flight{}, err
	}
	f := Flight{Clock: clock.NewRehearsal(w.Now, r.Speed)}
	dir := filepath.Join(r.path, fleetFolder)
	f.Fleet, err = fleet.Start(ctx, fleet.Options{World: w, Clock: f.Clock, Dir: dir, Quick: r.Speed == 0,
		Save: func(w world.World) error { return saveWorld(r.path, w, time.Now()) }})
	if err != nil {
		return Flight{}, fmt.Errorf("the rehearsal fleet does not start: %w", err)
	}
	toml := filepath.Join(dir, "relight.toml")
	if err = f.Fleet.WriteConfig(toml); err == nil {
		f.Config, err = config.Load(toml, config.Options{})
	}
	if err != nil {
		f.Fleet.Close()
		return Flight{}, fmt.Errorf("the rehearsal fleet's configuration: %w", err)
	}
	return f, nil
}

// saved is the world with the machine's time at which it was saved.
type saved struct {
	Real  time.Time   `json:"real"`
	World world.World `json:"world"`
}

func saveWorld(path string, w world.World, real time.Time) error {
	data, err := json.Marshal(saved{Real: real.UTC(), World: w})
	if err != nil {
		return err
	}
	return writeWhole(filepath.Join(path, worldFile), data)
}

// loadWorld is the saved world, brought forward by the time that has passed
// since, at the drill's speed.
func loadWorld(path string, speed float64, real time.Time) (world.World, error) {
	var s saved
	data, err := os.ReadFile(filepath.Join(path, worldFile))
	if err == nil {
		err = json.Unmarshal(data, &s)
	}
	if err != nil {
		return s.World, fmt.Errorf("the rehearsal world cannot be read: %w; start a new drill with --new", err)
	}
	entries, _, err := journal.Read(path)
	if err != nil {
		return s.World, err
	}
	now := s.World.Now.Add(time.Duration(float64(real.Sub(s.Real)) * speed))
	if n := len(entries); n > 0 && entries[n-1].At.After(now) {
		now = entries[n-1].At // the clock had been made to jump
	}
	s.World.Advance(now)
	return s.World, nil
}

// writeWhole writes a file whole or not at all.
func writeWhole(path string, data []byte) error {
	next := path + ".new"
	if err := os.WriteFile(next, data, 0o600); err != nil {
		return err
	}
	return os.Rename(next, path)
}
