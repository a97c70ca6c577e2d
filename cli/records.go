package cli

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/virtengine/relight/cockpit"
	"github.com/virtengine/relight/config"
	"github.com/virtengine/relight/incident"
	"github.com/virtengine/relight/journal"
	"github.com/virtengine/relight/lazy"
)

// openRecord is a live incident that is open.
type openRecord struct {
	id    string
	path  string
	state incident.State
}

// unread is a record that cannot be read: nobody knows whether it is open.
type unread struct {
	id   string
	path string
	err  error
}

// openRecords are the live incidents below dir that are open, the newest first.
func openRecords(dir string) (open []openRecord, dark []unread, err error) {
	ids, err := journal.List(dir, journal.LivePrefix)
	if err != nil {
		return nil, nil, err
	}
	for _, id := range ids {
		path := filepath.Join(dir, id)
		s, err := stateOf(path)
		switch {
		case err != nil:
			dark = append(dark, unread{id, path, err})
		case s.Open():
			open = append(open, openRecord{id, path, s})
		}
	}
	return open, dark, nil
}

func stateOf(path string) (incident.State, error) {
	entries, _, err := journal.Read(path)
	if err != nil {
		return incident.State{}, err
	}
	log, err := cockpit.Decode(entries)
	if err != nil {
		return incident.State{}, err
	}
	return cockpit.Fold(log), nil
}

// format is the shape of the events that this relight writes and understands. A
// later one that means something else by them writes "format" into the events
// that begin and reopen a record.
const format = 1

// fromLater says that a later relight wrote into a record: what it means by it
// is not known here, so this one must not command by it. Reading it is allowed, by the command log.
func fromLater(id string, entries []journal.Entry, log string) error {
	for _, e := range entries {
		ev, err := incident.DecodeEvent(e.Kind, e.Data)
		if err != nil {
			return err
		}
		if _, ok := ev.(incident.Other); ok {
			return recordIsLater(id, fmt.Sprintf("it holds an event %q", e.Kind), log)
		}
		switch ev.(type) {
		case incident.Declared, incident.Opened:
			var head struct{ Format int }
			if err := json.Unmarshal(e.Data, &head); err == nil && head.Format > format {
				return recordIsLater(id, fmt.Sprintf("its format is %d, this relight knows %d", head.Format, format), log)
			}
		}
	}
	return nil
}

var idShape = lazy.Pattern(`^(?i:(INC|DRILL)-\d{8}-\d{3,})$`)

// chosen is the live incident to take up: the named one, else the one that is
// open; "" when none is. Several are listed, with the command for each.
func (g *globals) chosen(dir, name string, f config.Fleet) (string, error) {
	open, dark, err := openRecords(dir)
	if err != nil {
		return "", err
	}
	for _, d := range dark {
		if name == "" {
			fmt.Fprintln(g.Err, "relight: "+recordIsDark(d))
		}
	}
	if name == "" {
		switch len(open) {
		case 0:
			return "", nil
		case 1:
			return open[0].id, nil
		}
		return "", g.severalAreOpen(open, f)
	}
	id := strings.ToUpper(name)
	if !idShape.MatchString(id) {
		return "", noSuchCommand(name)
	}
	if strings.HasPrefix(id, journal.DrillPrefix) {
		return "", idIsDrill(id, g.comeBack(incident.State{ID: id, Drill: true}))
	}
	if slices.ContainsFunc(open, func(o openRecord) bool { return o.id == id }) {
		return id, nil
	}
	if _, err := os.Stat(filepath.Join(dir, id)); err != nil {
		return "", g.noSuchIncident(id, dir, open)
	}
	for _, d := range dark {
		if d.id == id {
			return "", fmt.Errorf("%s", recordIsDark(d))
		}
	}
	return "", g.incidentIsOver(id)
}
