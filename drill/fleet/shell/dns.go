package shell

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/virtengine/relight/drill/world"
)

// control says that this is a host from which the operator's consoles can be
// reached: the monitoring hosts.
func (c *call) control() bool {
	ok := false
	c.on(func(_ *world.World, h *world.Host) { ok = h.Role == "monitor" })
	if !ok {
		c.errf("sh: %s: not found\n", c.name)
	}
	return ok
}

// cmdDig asks a name server of the zone. Without @SERVER it is the first one:
// there is no cache here.
func cmdDig(c *call) int {
	if !c.control() {
		return 127
	}
	server, name, short := 0, "", false
	for _, a := range c.args {
		switch {
		case strings.HasPrefix(a, "@"):
			server = slices.Index(world.NameServers(), strings.TrimSuffix(a[1:], "."))
			if server < 0 {
				c.outf(";; communications error: host not found: %s\n", a[1:])
				return 9
			}
		case a == "+short":
			short = true
		case strings.HasPrefix(a, "+"), a == "CNAME", a == "IN", a == "-t":
		case name == "":
			name = a
		default:
			return c.usage("what is %q? write dig [+short] [@SERVER] NAME CNAME", a)
		}
	}
	c.on(func(w *world.World, _ *world.Host) {
		r := w.Record(name)
		if r == nil {
			return
		}
		to := w.AsksDNS(*r, server)
		if short {
			c.outf("%s\n", to)
			return
		}
		c.outf("%s\t%d\tIN\tCNAME\t%s\n", r.Name, int(r.TTL/time.Second), to)
	})
	return 0
}

// changeBatch is the part of Route 53's change batch that runbooks write.
type changeBatch struct {
	Changes []struct {
		Action            string
		ResourceRecordSet struct {
			Name, Type      string
			TTL             int
			ResourceRecords []struct{ Value string }
		}
	}
}

// cmdAws is the provider's command for its names: Route 53's
// change-resource-record-sets, get-change and list-resource-record-sets.
func cmdAws(c *call) int {
	if !c.control() {
		return 127
	}
	f, err := parseFlags(c.args, "hosted-zone-id= change-batch= id= output= query= no-cli-pager region=")
	if err != nil {
		return c.usage("%v", err)
	}
	switch strings.Join(f.rest, " ") {
	case "route53 change-resource-record-sets":
		return c.changeNames(f)
	case "route53 get-change":
		return c.nameChange(f.last("id"))
	case "route53 list-resource-record-sets":
		if f.last("hosted-zone-id") != world.DNSZone {
			return c.awsFail("NoSuchHostedZone", "No hosted zone found with ID: "+f.last("hosted-zone-id"))
		}
		return c.listNames()
	}
	return c.usage("Invalid choice: %q; this fleet has route53 change-resource-record-sets, get-change and list-resource-record-sets", strings.Join(f.rest, " "))
}

func (c *call) awsFail(code, text string) int {
	c.errf("\nAn error occurred (%s) when calling the operation: %s\n", code, text)
	return 254
}

func (c *call) changeNames(f flags) int {
	text := f.last("change-batch")
	if file, ok := strings.CutPrefix(text, "file://"); ok {
		var err error
		if text, err = c.read(abs(c.dir, file)); err != nil {
			c.errf("\nError parsing parameter '--change-batch': Unable to load paramfile %s: %v\n", file, os.ErrNotExist)
			return 252
		}
	}
	var batch changeBatch
	if err := json.Unmarshal([]byte(text), &batch); err != nil || len(batch.Changes) == 0 {
		return c.awsFail("MalformedInput", "Unexpected change batch")
	}
	if f.last("hosted-zone-id") != world.DNSZone {
		return c.awsFail("NoSuchHostedZone", "No hosted zone found with ID: "+f.last("hosted-zone-id"))
	}
	id, bad := "", ""
	c.on(func(w *world.World, _ *world.Host) {
		for _, ch := range batch.Changes {
			set := ch.ResourceRecordSet
			r := w.Record(set.Name)
			if r == nil || set.Type != "CNAME" || ch.Action != "UPSERT" || len(set.ResourceRecords) != 1 {
				bad = fmt.Sprintf("[%s %s %s is not one of this zone's names]", ch.Action, set.Type, set.Name)
				return
			}
			id = w.Point(r, set.ResourceRecords[0].Value, time.Duration(set.TTL)*time.Second)
		}
	})
	if bad != "" {
		return c.awsFail("InvalidChangeBatch", bad)
	}
	c.outf("{\n  \"ChangeInfo\": {\"Id\": \"/change/%s\", \"Status\": \"PENDING\"}\n}\n", id)
	return 0
}

func (c *call) nameChange(id string) int {
	status := ""
	c.on(func(w *world.World, _ *world.Host) {
		for _, r := range w.Records {
			if r.Change != "" && r.Change == strings.TrimPrefix(id, "/change/") {
				if status = "PENDING"; w.InSync(r) {
					status = "INSYNC"
				}
			}
		}
	})
	if status == "" {
		return c.awsFail("NoSuchChange", "Could not find resource with ID: "+id)
	}
	c.outf("{\n  \"ChangeInfo\": {\"Id\": %q, \"Status\": %q}\n}\n", id, status)
	return 0
}

func (c *call) listNames() int {
	type set struct {
		Name            string
		Type            string
		TTL             int
		ResourceRecords []map[string]string
	}
	var out []set
	c.on(func(w *world.World, _ *world.Host) {
		for _, r := range w.Records {
			out = append(out, set{r.Name, "CNAME", int(r.TTL / time.Second), []map[string]string{{"Value": r.Value}}})
		}
	})
	b, _ := json.Marshal(map[string]any{"ResourceRecordSets": out}) // strings and numbers alone
	c.outf("%s\n", b)
	return 0
}
