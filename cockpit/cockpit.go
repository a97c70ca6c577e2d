package cockpit

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/virtengine/relight/checklists"
	"github.com/virtengine/relight/clock"
	"github.com/virtengine/relight/incident"
	"github.com/virtengine/relight/journal"
	"github.com/virtengine/relight/nodes"
)

// Cockpit commands one incident at a time. Its methods may be called from any
// goroutine; those that take a context may do I/O.
type Cockpit struct {
	o     Options
	clk   clock.Clock
	every time.Duration

	looking sync.Mutex // one look at a time
	mu      sync.Mutex
	state   incident.State
	log     []incident.Recorded // what is in the record
	record  Record
	snap    nodes.Snapshot
	trail   trail
	asked   map[string]time.Time // host -> when it was last read
	aside   map[string]bool      // what is under way beside the looks
	away    *absence             // since when nobody had watched, after a resume
	looked  time.Time            // when what is seen was last put to the rules
	views   uint64               // Views given so far
	past    past
	book    checklists.Book      // that was asked for, once it was read
	seen    map[string]time.Time // alert kind -> since when
	quiet   map[string]bool      // quieted before a declaration
	outputs []Output
	stops   map[string]context.CancelFunc // effect -> its end
	shell   map[string]incident.Reading   // last result of a sh guard or verify
	// shellAsked is when each was asked last, answered or not.
	shellAsked map[string]time.Time
	// rendered keeps each message's last rendering.
	rendered map[string]rendering
	trouble  string
	pending  []incident.Command // results that the record has not taken yet
	notice   string
	changed  chan struct{} // closed and replaced when the View changed
	awaited  bool          // somebody has it
	// closing stops effects; wg waits for them.
	closing context.CancelFunc
	ctx     context.Context
	wg      sync.WaitGroup
}

// ErrNoRecord says that nothing was done because nothing could be recorded.
var ErrNoRecord = errors.New("the record cannot be written, so nothing was done")

// New is a cockpit without an incident. Run must be called for it to see.
func New(o Options) *Cockpit {
	every := o.Every
	if every <= 0 {
		every = 2 * time.Second
	}
	ctx, cancel := context.WithCancel(context.Background())
	return &Cockpit{o: o, clk: o.Clock, every: every, seen: map[string]time.Time{}, asked: map[string]time.Time{}, aside: map[string]bool{}, quiet: map[string]bool{},
		stops: map[string]context.CancelFunc{}, shell: map[string]incident.Reading{}, shellAsked: map[string]time.Time{}, rendered: map[string]rendering{},
		changed: make(chan struct{}), closing: cancel, ctx: ctx}
}

// Resume takes up an incident from its record. What was running when the
// record ended is unknown and asks.
func (c *Cockpit) Resume(r Record, entries []journal.Entry, person string) error {
	log, err := Decode(entries)
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.record, c.log, c.state = r, log, Fold(log)
	if !c.state.Open() {
		return nil
	}
	c.away = back(len(entries), entries[len(entries)-1].At, c.clk.Now())
	c.looked = time.Time{}
	err = c.decideLocked(incident.Reopen{By: person})
	c.away.events = len(c.log)
	return err
}

// Decode turns the lines of a record into events.
func Decode(entries []journal.Entry) ([]incident.Recorded, error) {
	out := make([]incident.Recorded, 0, len(entries))
	for _, e := range entries {
		ev, err := incident.DecodeEvent(e.Kind, e.Data)
		if err != nil {
			return nil, fmt.Errorf("record: event %s: %w", e.ID, err)
		}
		out = append(out, incident.Recorded{ID: e.ID, At: e.At, Event: ev})
	}
	return out, nil
}

// Fold is the state a record leads to.
func Fold(log []incident.Recorded) incident.State {
	var s incident.State
	for _, r := range log {
		s = incident.Apply(s, r)
	}
	return s
}

// Run watches and lets time pass until ctx ends. It returns when all effects
// have ended or were given up.
func (c *Cockpit) Run(ctx context.Context) {
	stop := context.AfterFunc(ctx, c.closing)
	defer stop()
	// Tokens before goroutines: time must not move before both have begun.
	hosts, looks, ticks, recalls := c.clk.Busy(), c.clk.Busy(), c.clk.Busy(), c.clk.Busy()
	c.wg.Add(4)
	go c.loop(recalls, pastEvery, c.recall)
	go c.loop(hosts, c.every, c.readHosts)
	go func() {
		// At one time of a rehearsal the hosts come first, always; elsewhere this
		// waits for nothing.
		if c.clk.Wait(c.ctx, 0) != nil {
			looks()
			c.wg.Done()
			return
		}
		c.loop(looks, c.every, c.look)
	}()
	go c.loop(ticks, time.Second, c.tick)
	<-c.ctx.Done()
	c.wg.Wait()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.record != nil {
		c.record.Close()
	}
}

// loop calls f every so often, in domain time.
func (c *Cockpit) loop(done func(), every time.Duration, f func(context.Context)) {
	defer c.wg.Done()
	defer done()
	for c.ctx.Err() == nil {
		f(c.ctx)
		if c.clk.Wait(c.ctx, every) != nil {
			return
		}
	}
}

func (c *Cockpit) tick(context.Context) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.retryLocked()
	if c.state.Open() {
		c.keep(c.decideLocked(incident.Tick{}))
	}
	c.publishLocked()
}

// Do takes a command that needs nothing gathered: a role, a choice, a tick, a
// skip, an answer, a note, the end.
func (c *Cockpit) Do(cmd incident.Command) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	err := c.decideLocked(cmd)
	c.tellLocked(err)
	return err
}

// decideLocked is the one way through the house: decide, record, apply, start
// effects. Events that come with a refusal are recorded as well.
func (c *Cockpit) decideLocked(cmd incident.Command) error {
	now := c.clk.Now()
	events, refusal := incident.Decide(c.state, cmd, now)
	if len(events) == 0 {
		return refusal
	}
	if c.record == nil {
		return fmt.Errorf("%w: no record is open", ErrNoRecord)
	}
	drafts, err := encode(events, now)
	if err != nil {
		return err
	}
	entries, err := c.record.Append(drafts)
	if err != nil {
		c.trouble = err.Error()
		return fmt.Errorf("%w: %w", ErrNoRecord, err)
	}
	c.trouble = ""
	for i, e := range entries {
		r := incident.Recorded{ID: e.ID, At: e.At, Event: events[i]}
		c.state = incident.Apply(c.state, r)
		c.log = append(c.log, r)
		c.startLocked(r)
	}
	if !c.state.Open() {
		c.away = nil
		c.effect(c.recall)
	}
	if c.o.Observe != nil {
		c.o.Observe(c.state)
	}
	c.publishLocked()
	return refusal
}

func encode(events []incident.Event, now time.Time) ([]journal.Draft, error) {
	drafts := make([]journal.Draft, len(events))
	for i, e := range events {
		data, err := json.Marshal(e)
		if err != nil {
			return nil, fmt.Errorf("record %s: %w", e.Kind(), err)
		}
		drafts[i] = journal.Draft{At: now, Kind: e.Kind(), Data: data}
	}
	return drafts, nil
}

// keep shows an error of something nobody asked for.
func (c *Cockpit) keep(err error) {
	if err != nil {
		c.notice = err.Error()
	}
}

func (c *Cockpit) tellLocked(err error) {
	if err != nil {
		c.notice = err.Error()
		c.publishLocked()
	}
}

// publishLocked says that the View changed. Output comes in half a million lines
// a second at its worst: who has heard of a change is told of no second one
// before he asks again.
func (c *Cockpit) publishLocked() {
	if !c.awaited {
		return
	}
	close(c.changed)
	c.changed, c.awaited = make(chan struct{}), false
}

// Changed is closed when the View has changed since the call.
func (c *Cockpit) Changed() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.awaited = true
	return c.changed
}

// Log is a copy of what is in the record.
func (c *Cockpit) Log() []incident.Recorded {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.log)
}

// State is the state folded so far.
func (c *Cockpit) State() incident.State {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.state
}

// Declaration is what the commander signs when declaring.
type Declaration struct {
	Runbook, Title, Severity string
	Params                   map[string]string
	Onset                    time.Time
	Roles                    map[string]string
	// Alert is the kind of the alert it answers; "" for none. Only a second
	// incident needs it.
	Alert string
}

// command is a declaration as the rules want it.
func (c *Cockpit) command(id string, d Declaration, book checklists.Book, params map[string]string, seen []incident.Alarm) incident.Declare {
	if d.Severity == "" {
		d.Severity = book.Severity
	}
	var words []incident.Say
	if !book.Alone() { // a review is nobody's outage
		words = says(c.o.Fleet, c.o.Templates, c.o.Poster.Drives)
	}
	return incident.Declare{ID: id, Title: d.Title, Severity: d.Severity, Runbook: d.Runbook,
		By: c.o.Person, Drill: c.o.Drill, Onset: d.Onset, Book: book, Params: params,
		Targets: targets(c.o.Fleet), Says: words, Roles: d.Roles, Alarms: seen}
}

// Declare opens an incident and its record.
func (c *Cockpit) Declare(d Declaration) error {
	if err := incident.TitleFits(d.Title); err != nil {
		return c.refuse(err) // before a record is begun for it
	}
	book, err := c.o.Books.Flight(d.Runbook)
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.state.Open() {
		return fmt.Errorf("declare: %s is open; resolve and close it first", c.state.ID)
	}
	now := c.clk.Now()
	params := map[string]string{}
	for k, v := range d.Params {
		params[k] = v
	}
	for k, v := range c.o.Params {
		params[k] = v
	}
	if err := c.misfit(book, params); err != nil {
		c.tellLocked(err)
		return err
	}
	id, r, err := c.o.OpenRecord(now, book, params)
	if err != nil {
		return fmt.Errorf("declare: %w", err)
	}
	old := c.record
	c.record, c.state, c.log, c.outputs = r, incident.State{}, nil, nil
	err = c.decideLocked(c.command(id, d, book, params, c.alarmsLocked()))
	if err != nil {
		r.Close()
		c.record = old
		c.tellLocked(err)
		return err
	}
	if old != nil {
		old.Close()
	}
	return nil
}
