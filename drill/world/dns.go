package world

import (
	"fmt"
	"strings"
	"time"
)

// DNSZone is the hosted zone of the rehearsal's names.
const DNSZone = "Z0DRILL"

// NameServers are the authoritative servers of the zone. The second one learns
// of a change some seconds after the first.
func NameServers() []string { return []string{"ns-1.drill.example", "ns-2.drill.example"} }

// Record is one CNAME of the zone: where a name leads now and where it led
// before the last change.
type Record struct {
	Name    string        `json:"name"` // with the dot at its end
	Value   string        `json:"value"`
	TTL     time.Duration `json:"ttl"`
	Before  string        `json:"before,omitempty"`
	Changed time.Time     `json:"changed,omitzero"`
	// Change is the id of that change, as the provider's console names it.
	Change string `json:"change,omitempty"`
}

func (w *World) buildDNS() {
	for _, r := range []struct{ name, to string }{{"rpc", "rpc-1"}, {"provider", "provider-1"}, {"monitor", "monitor-1"}, {"db", "db-1"}} {
		w.Records = append(w.Records, Record{Name: r.name + ".drill.example.", Value: r.to + ".hosts.drill.example.", TTL: time.Minute})
	}
}

// Record is the record of that name, with or without the dot, or nil.
func (w *World) Record(name string) *Record {
	name = strings.TrimSuffix(name, ".") + "."
	for i := range w.Records {
		if w.Records[i].Name == name {
			return &w.Records[i]
		}
	}
	return nil
}

// Point makes a name lead elsewhere and gives the id of the change.
func (w *World) Point(r *Record, value string, ttl time.Duration) string {
	r.Before, r.Value, r.TTL, r.Changed = r.Value, strings.TrimSuffix(value, ".")+".", ttl, w.Now
	r.Change = fmt.Sprintf("C%s", w.Hex("dns", r.Name, value, w.Now.String())[:12])
	w.Touched()
	return r.Change
}

// AsksDNS is what a name server answers for a record: the second server knows a
// change later.
func (w *World) AsksDNS(r Record, server int) string {
	late := time.Second
	if server > 0 {
		late = w.between(8*time.Second, 20*time.Second, "dns", r.Name, r.Change)
	}
	if r.Change != "" && w.Now.Sub(r.Changed) < late {
		return r.Before
	}
	return r.Value
}

// InSync says that every name server knows a change.
func (w *World) InSync(r Record) bool {
	for i := range NameServers() {
		if w.AsksDNS(r, i) != r.Value {
			return false
		}
	}
	return true
}
