package cli

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/virtengine/relight/actions"
	"github.com/virtengine/relight/checklists"
	"github.com/virtengine/relight/cockpit"
	"github.com/virtengine/relight/config"
	"github.com/virtengine/relight/incident"
	"github.com/virtengine/relight/journal"
)

// helm is the right to command keys of the live fleet: one lock a key, beside
// the records. Two cockpits that command one key would each believe that nobody
// else acts on it. Without a shared database one machine's locks are all there
// is. On a drill fleet there is no helm.
type helm struct {
	dir   string // of the records
	fleet config.Fleet
	live  bool
	back  func(incident.State) string // the command that takes an incident up

	mu     sync.Mutex
	record *journal.Journal    // the one that is written
	told   string              // its notice at the start
	held   map[string]*os.File // key's address -> its lock; the system gives it back when the process ends, however it ends
}

// helmFolder holds the locks.
const helmFolder = "helm"

// declare takes command of all that a new incident can reach. It is refused
// while another open incident can reach one of these keys, commanded or not.
func (c *helm) declare(book checklists.Book, params map[string]string) error {
	if !c.live {
		return nil
	}
	keys := reaches(book, params, c.fleet)
	if err := c.claim(keys); err != nil {
		return err
	}
	return c.free(keys)
}

// writes says which record is written from now on.
func (c *helm) writes(j *journal.Journal) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.record, c.told = j, j.Notice
}

// notice is what the record has to say at the end.
func (c *helm) notice() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.record == nil || c.record.Notice == c.told {
		return ""
	}
	return c.record.Notice
}

// onHosts takes command of every key that a script on these hosts can reach.
func (c *helm) onHosts(hosts []string) error {
	if !c.live {
		return nil
	}
	return c.claim(keysOn(hosts, c.fleet))
}

// claim takes the locks of the keys, all or none.
func (c *helm) claim(keys []config.Key) error {
	if !c.live {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	var taken []string
	for _, k := range keys {
		dir := filepath.Join(c.dir, helmFolder, k.Address)
		if f := c.held[k.Address]; f != nil && journal.Holds(f, dir) {
			continue
		}
		held, err := journal.Lock(dir)
		if err != nil {
			for _, address := range taken {
				c.held[address].Close()
				delete(c.held, address)
			}
			var locked *journal.LockedError
			if errors.As(err, &locked) {
				return keyIsHeld(k.Name, locked.Holder)
			}
			return err
		}
		c.held[k.Address] = held
		taken = append(taken, k.Address)
	}
	return nil
}

// release gives all keys back.
func (c *helm) release() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for address, f := range c.held {
		f.Close()
		delete(c.held, address)
	}
}

// reaches are the keys that a runbook with these parameters can act on.
func reaches(book checklists.Book, params map[string]string, f config.Fleet) []config.Key {
	names := cockpit.Reaches(book, params, f)
	return slices.DeleteFunc(slices.Clone(f.Keys), func(k config.Key) bool { return !slices.Contains(names, k.Name) })
}

// keysOn are the keys that one of the hosts holds or may come to hold.
func keysOn(hosts []string, f config.Fleet) []config.Key {
	var out []config.Key
	for _, k := range f.Keys {
		if slices.Contains(hosts, actions.LocalHost) || slices.ContainsFunc(k.Hosts, func(h string) bool { return slices.Contains(hosts, h) }) {
			out = append(out, k)
		}
	}
	return out
}

// keyNames are the names of keys, for a sentence.
func keyNames(keys []config.Key) string {
	var out []string
	for _, k := range keys {
		out = append(out, "key "+k.Name)
	}
	return strings.Join(out, ", ")
}
