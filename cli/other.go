package cli

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/virtengine/relight/checklists"
	"github.com/virtengine/relight/cockpit"
	"github.com/virtengine/relight/config"
	"github.com/virtengine/relight/journal"
)

// lent is the record of a second incident while it is begun: its keys are held
// until it is closed, and then free for whoever takes the incident up.
type lent struct {
	*journal.Journal
	release func()
}

// Close gives the record and its keys away.
func (l lent) Close() error {
	defer l.release()
	return l.Journal.Close()
}

// other opens the record of a second incident. It is refused while another
// relight holds one of its keys, or an open incident reaches one.
func (c *helm) other(p plan, now time.Time, book checklists.Book, params map[string]string) (string, cockpit.Record, error) {
	keys := reaches(book, params, c.fleet)
	release, err := c.borrow(keys)
	if err != nil {
		return "", nil, err
	}
	err = c.free(keys)
	var id string
	var j *journal.Journal
	if err == nil {
		id, j, err = beginRecord(p.dir, "", p.drill, now)
	}
	if err != nil {
		release()
		return "", nil, err
	}
	return id, lent{j, release}, nil
}

// borrow takes the locks of keys that this cockpit does not hold itself.
func (c *helm) borrow(keys []config.Key) (release func(), err error) {
	var taken []*os.File
	release = func() {
		for _, f := range taken {
			f.Close()
		}
	}
	if !c.live {
		return release, nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, k := range keys {
		if c.held[k.Address] != nil {
			continue
		}
		f, err := journal.Lock(filepath.Join(c.dir, helmFolder, k.Address))
		if err != nil {
			release()
			var locked *journal.LockedError
			if errors.As(err, &locked) {
				return nil, keyIsHeld(k.Name, locked.Holder)
			}
			return nil, err
		}
		taken = append(taken, f)
	}
	return release, nil
}

// free says that no open incident reaches one of the keys, commanded or not.
func (c *helm) free(keys []config.Key) error {
	if !c.live {
		return nil
	}
	open, _, err := openRecords(c.dir)
	if err != nil {
		return err
	}
	for _, other := range open {
		for _, k := range reaches(other.state.Book, other.state.Params, c.fleet) {
			if slices.ContainsFunc(keys, func(mine config.Key) bool { return mine.Address == k.Address }) {
				return keyIsOpen(k.Name, other.id, c.back(other.state))
			}
		}
	}
	return nil
}
