package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/virtengine/relight/journal"
)

// helm is the right to command on the live fleet: a lock beside the records.
// Without a shared database one machine's lock is all there is; two cockpits
// that both declare would each believe that nobody else acts on the key.
type helm struct {
	dir  string
	live bool
	held *os.File // the system gives it back when the process ends, however it ends
}

// helmFolder holds the lock.
const helmFolder = "helm"

// declare takes command for a new incident.
func (c *helm) declare() error {
	if !c.live {
		return nil
	}
	if err := c.take(); err != nil {
		return err
	}
	open, err := openLive(c.dir)
	if err == nil && open != "" {
		err = fmt.Errorf("%s is open; `relight` takes it up again", open)
	}
	return err
}

// take takes command, if this process does not have it.
func (c *helm) take() error {
	if !c.live || c.held != nil {
		return nil
	}
	held, err := journal.Lock(filepath.Join(c.dir, helmFolder))
	if errors.Is(err, journal.ErrLocked) {
		return errors.New("another relight on this machine commands an incident on the live fleet; go on there, or end it first")
	}
	c.held = held
	return err
}
