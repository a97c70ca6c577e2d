package world

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"sort"
	"time"
)

// ChainID is the id of the rehearsal chain.
const ChainID = "virtengine-1"

// BlockTime is the usual time between two blocks.
const BlockTime = 6 * time.Second

// World is everything there is. Its exported fields are what is saved; change
// them through methods only. A copied World shares its slices and maps: use
// Clone for one that lives on its own.
type World struct {
	Seed  uint64    `json:"seed"`
	Start time.Time `json:"start"`
	Now   time.Time `json:"now"`
	// Revision counts changes that commands made on hosts.
	Revision uint64 `json:"revision"`
	// Life counts changes of what answers and what does not.
	Life      uint64              `json:"life"`
	Chain     Chain               `json:"chain"`
	Hosts     []*Host             `json:"hosts"`
	Events    []Event             `json:"events,omitempty"`
	Seq       uint64              `json:"seq"`
	NextPID   int                 `json:"next_pid"`
	Receivers map[string]Receiver `json:"receivers"`
	Posts     []Post              `json:"posts,omitempty"`
	Incidents []PageIncident      `json:"incidents,omitempty"`
	// Components are the states of the status page's components, by id.
	Components map[string]string `json:"components,omitempty"`
	// Deployments are what runs on Kubernetes.
	Deployments []*Deployment `json:"deployments,omitempty"`
	// Records are the operator's names.
	Records   []Record  `json:"records,omitempty"`
	Databases Databases `json:"databases"`
}

// Event is something that will happen at a known time.
type Event struct {
	At     time.Time `json:"at"`
	Seq    uint64    `json:"seq"`
	Kind   EventKind `json:"kind"`
	Target string    `json:"target,omitempty"` // host, or the fault's target
	Name   string    `json:"name,omitempty"`   // unit or fault
	PID    int       `json:"pid,omitempty"`    // the process it is about
}

// EventKind says what an Event does.
type EventKind string

const (
	evRPC    EventKind = "rpc-up"
	evSynced EventKind = "synced"
	evRevive EventKind = "revive"
	evDie    EventKind = "die"
	evBoot   EventKind = "boot"
	evFault  EventKind = "fault"
	evMend   EventKind = "mend"
)

// New is the world at start, every host up and every validator signing.
func New(seed uint64, start time.Time) World {
	w := World{Seed: seed, Start: start.UTC(), Now: start.UTC(), NextPID: 900, Receivers: map[string]Receiver{}}
	w.buildHosts()
	w.buildChain()
	w.buildKube()
	w.buildDNS()
	w.buildDatabases()
	for _, h := range w.Hosts {
		w.boot(h)
	}
	w.settle()
	return w
}

// Clone is a deep copy.
func (w *World) Clone() World {
	b, err := json.Marshal(w)
	if err != nil {
		panic(fmt.Sprintf("world: a World is always JSON: %v", err))
	}
	var c World
	if err := json.Unmarshal(b, &c); err != nil {
		panic(fmt.Sprintf("world: a saved World is always readable: %v", err))
	}
	return c
}

// Advance brings the world to t: everything due by then happens, in the order
// of its times, events before the block of the same instant. A t before Now
// does nothing.
func (w *World) Advance(t time.Time) {
	t = t.UTC()
	for {
		block := w.Chain.NextAt
		if len(w.Events) > 0 && !w.Events[0].At.After(t) && !w.Events[0].At.After(block) {
			ev := w.Events[0]
			w.Events = append([]Event(nil), w.Events[1:]...)
			w.setNow(ev.At)
			w.happen(ev)
			continue
		}
		if block.After(t) {
			break
		}
		w.setNow(block)
		w.tryBlock()
	}
	w.setNow(t)
}

func (w *World) setNow(t time.Time) {
	if t.After(w.Now) {
		w.Now = t
		w.followAll()
	}
}

// Schedule makes fault happen to target at domain time at. An unknown fault or
// target is an error now, not then.
func (w *World) Schedule(at time.Time, fault, target string) error {
	return w.schedule(evFault, at, fault, target)
}

// ScheduleMend ends a fault at domain time at.
func (w *World) ScheduleMend(at time.Time, fault, target string) error {
	return w.schedule(evMend, at, fault, target)
}

func (w *World) schedule(kind EventKind, at time.Time, fault, target string) error {
	if err := w.CheckFault(fault, target); err != nil {
		return err
	}
	w.after(Event{At: at.UTC(), Kind: kind, Name: fault, Target: target})
	return nil
}

// after enters an event. Events of one instant happen in the order they were
// entered.
func (w *World) after(ev Event) {
	w.Seq++
	ev.Seq = w.Seq
	i := sort.Search(len(w.Events), func(i int) bool { return w.Events[i].At.After(ev.At) })
	w.Events = append(w.Events, Event{})
	copy(w.Events[i+1:], w.Events[i:])
	w.Events[i] = ev
}

// drop takes back events.
func (w *World) drop(unwanted func(Event) bool) {
	var keep []Event
	for _, ev := range w.Events {
		if !unwanted(ev) {
			keep = append(keep, ev)
		}
	}
	w.Events = keep
}

func (w *World) happen(ev Event) {
	switch ev.Kind {
	case evFault:
		// The names were checked when it was scheduled.
		_ = w.Fault(ev.Name, ev.Target)
		return
	case evMend:
		_ = w.Mend(ev.Name, ev.Target)
		return
	case evReach, evSegment, evWriters:
		w.databaseEvent(ev)
		return
	}
	h := w.Host(ev.Target)
	if h == nil {
		return
	}
	switch ev.Kind {
	case evBoot:
		w.boot(h)
	case evRevive:
		if u := h.unit(ev.Name); u != nil && u.Sub == "auto-restart" {
			u.NRestarts++
			w.startUnit(h, u)
		}
	case evRPC, evSynced, evDie:
		if p := h.Proc; p != nil && p.PID == ev.PID {
			w.processEvent(h, p, ev)
		}
	}
}

// Host is the host of that name, or nil.
func (w *World) Host(name string) *Host {
	for _, h := range w.Hosts {
		if h.Name == name {
			return h
		}
	}
	return nil
}

// Touched records that a command changed something on a host.
func (w *World) Touched() { w.Revision++ }

// lives records that something answers now that did not, or the reverse.
func (w *World) lives() {
	w.Life++
	w.writersChanged()
}

// digest is a hash of the seed and of what is being decided.
func (w *World) digest(parts ...string) [32]byte {
	s := sha256.New()
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], w.Seed)
	s.Write(b[:])
	for _, p := range parts {
		binary.BigEndian.PutUint64(b[:], uint64(len(p)))
		s.Write(b[:])
		s.Write([]byte(p))
	}
	return [32]byte(s.Sum(nil))
}

// Roll is a number below n that depends only on the seed and on parts.
func (w *World) Roll(n uint64, parts ...string) uint64 {
	d := w.digest(parts...)
	return binary.BigEndian.Uint64(d[:8]) % n
}

// between is a duration from lo to hi that depends only on the seed and parts.
func (w *World) between(lo, hi time.Duration, parts ...string) time.Duration {
	return lo + time.Duration(w.Roll(uint64((hi-lo)/time.Millisecond)+1, parts...))*time.Millisecond
}

// Hex is an upper-case hex string of 32 bytes that depends on seed and parts.
func (w *World) Hex(parts ...string) string {
	d := w.digest(parts...)
	return upperHex(d[:])
}

func upperHex(b []byte) string {
	const digits = "0123456789ABCDEF"
	out := make([]byte, hex.EncodedLen(len(b)))
	for i, c := range b {
		out[2*i], out[2*i+1] = digits[c>>4], digits[c&15]
	}
	return string(out)
}
