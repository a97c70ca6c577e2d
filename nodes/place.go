package nodes

import (
	"fmt"
	"slices"
	"time"
)

// Place is a region or a zone, and what of it answers: its nodes, the services
// on its hosts, and those of its hosts that were looked at.
type Place struct {
	Name   string `json:"name"`
	Region bool   `json:"region,omitempty"` // else a zone
	In     string `json:"in,omitempty"`     // a zone's region
	// Asked is how many were asked, and Answering how many of them answered.
	Asked     int       `json:"asked"`
	Answering int       `json:"answering"`
	At        time.Time `json:"at,omitzero"`    // the newest answer, or the oldest attempt when none answers
	Since     time.Time `json:"since,omitzero"` // since when none answers
}

// Silent says that nothing there answers. Two witnesses are needed: one thing
// that is silent is that thing's own trouble.
func (p Place) Silent() Tri {
	switch {
	case p.Answering > 0:
		return False
	case p.Asked < 2:
		return Unknown
	}
	return True
}

// places are the regions and zones of the fleet, regions first.
func (w *Watcher) places(s Snapshot) []Place {
	var out []Place
	for _, region := range []bool{true, false} {
		for _, h := range w.fleet.Hosts {
			name := h.Zone
			if region {
				name = h.Region
			}
			if name == "" || slices.ContainsFunc(out, func(p Place) bool { return p.Name == name }) {
				continue
			}
			p := w.place(s, name, region)
			if !region {
				p.In = h.Region
			}
			out = append(out, p)
		}
	}
	return out
}

func (w *Watcher) place(s Snapshot, name string, region bool) Place {
	p := Place{Name: name, Region: region}
	var oldest time.Time
	add := func(at, since time.Time, answers bool) {
		p.Asked++
		if answers {
			p.Answering++
			p.At = later(p.At, at)
		}
		if oldest.IsZero() || at.Before(oldest) {
			oldest = at
		}
		if since.After(p.Since) {
			p.Since = since
		}
	}
	for _, h := range w.fleet.Hosts {
		if h.Region != name && h.Zone != name {
			continue
		}
		for _, n := range s.NodesOf(h.Name) {
			if !n.AskedAt.IsZero() {
				// A refusal is an answer: the machine is there.
				add(n.AskedAt, n.SeenAt, n.State == Up || n.Fail == FailRefused)
			}
		}
		if f, ok := s.Host(h.Name); ok && !f.At.IsZero() {
			add(f.At, time.Time{}, f.Reachable == True)
		}
		for i, e := range w.fleet.Endpoints {
			if e.Host == h.Name && !s.Endpoints[i].At.IsZero() {
				add(s.Endpoints[i].At, s.Endpoints[i].Since, s.Endpoints[i].OK == True)
			}
		}
	}
	if p.Answering > 0 {
		p.Since = time.Time{}
		return p
	}
	p.At = oldest
	return p
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// Place is the region or zone of that name.
func (s Snapshot) Place(name string) (Place, bool) {
	for _, p := range s.Places {
		if p.Name == name {
			return p, true
		}
	}
	return Place{}, false
}

func placeField(s Snapshot, of, name string) value {
	p, ok := s.Place(of)
	source := fmt.Sprintf("%d of %d answer", p.Answering, p.Asked)
	switch {
	case !ok:
		return unknown(of, "no host of the configuration is there")
	case p.Asked == 0:
		return unknown(of, "nothing there was asked yet")
	case name == "answering":
		return value{kind: intValue, n: int64(p.Answering), source: source, at: p.At, every: s.HostEvery}
	}
	why := ""
	if p.Silent() == Unknown {
		why = "only one thing was asked there: that may be its own trouble"
	}
	return tri(p.Silent(), source, why, p.At, s.HostEvery)
}
