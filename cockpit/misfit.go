package cockpit

import (
	"fmt"
	"slices"
	"strings"

	"github.com/virtengine/relight/checklists"
	"github.com/virtengine/relight/incident"
	"github.com/virtengine/relight/safe"
)

// misfit refuses a declaration whose values contradict the configuration: a host
// that is to hold a key and does not. Flown so, the runbook would watch one key
// and work on the host of another. What the configuration does not know
// contradicts nothing.
func (c *Cockpit) misfit(book checklists.Book, params map[string]string) error {
	for _, p := range book.Params {
		from, arg, ok := strings.Cut(strings.TrimSuffix(p.From, ")"), "($")
		host, key := params[p.Name], params[arg]
		k, known := c.o.Fleet.Key(key)
		if !ok || host == "" || !known || from != "holders" && from != "standbys" {
			continue
		}
		if len(k.Hosts) > 0 && !slices.Contains(k.Hosts, host) {
			return &incident.Refusal{What: "declare " + book.ID, Why: fmt.Sprintf("%s is %s, and the key %s is on %s", p.Name, safe.Short(host, 40), safe.Short(key, 40), strings.Join(k.Hosts, " and ")),
				Do: "name another host or another key"}
		}
	}
	return nil
}
