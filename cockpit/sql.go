package cockpit

import (
	"context"
	"regexp"
	"time"

	"github.com/virtengine/relight/checklists"
	"github.com/virtengine/relight/incident"
	"github.com/virtengine/relight/safe"
)

// asker reads from a configured database, in a transaction that cannot write,
// and gives the first line of the answer: columns with | between them, NULL as
// nothing. An error says, without secrets, that there was no answer.
type asker interface {
	Ask(ctx context.Context, db, sql string) (line string, err error)
}

// askSQL is a reading block of SQL: true when the first line of the answer
// matches what the block expects, false when it does not, unknown without an
// answer. Values of parameters never enter the statement.
func (c *Cockpit) askSQL(ctx context.Context, b checklists.Block) incident.Reading {
	r := incident.Reading{Text: shellText(b), Truth: incident.NotKnown}
	fail := func(why string) incident.Reading {
		r.At, r.Why = c.clk.Now(), why
		return r
	}
	c.mu.Lock()
	db := c.fillLocked(b.Host)
	c.mu.Unlock()
	ask, ok := c.o.Watcher.(asker)
	match, err := regexp.Compile(b.Match)
	switch {
	case db == "":
		return fail("no database is named")
	case !ok:
		return fail("no database can be asked from here")
	case err != nil:
		return fail(err.Error())
	case b.Match == "":
		return fail("nothing says what the answer must be: match= is missing")
	}
	timeout := b.Timeout
	if timeout == 0 {
		timeout = 30 * time.Second
	}
	ctx, cancel := c.clk.WithTimeout(ctx, timeout)
	defer cancel()
	line, err := ask.Ask(ctx, db, b.Text)
	if err != nil {
		return fail(err.Error())
	}
	r.Value, r.Source, r.At = safe.Short(line, 120), db+", over SQL", c.clk.Now()
	r.Truth = incident.True
	if !match.MatchString(line) {
		r.Truth, r.Why = incident.False, r.Value
	}
	return r
}
