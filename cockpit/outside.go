package cockpit

import (
	"context"
	"time"

	"github.com/virtengine/relight/actions/fence"
	"github.com/virtengine/relight/config"
)

// readOutside reads back, from outside, whether the power of a holder is off or
// its network cut, where the configuration says how. It is asked of every other
// holder, reachable or not: what contradicts must be seen as well.
func (c *Cockpit) readOutside(ctx context.Context, k config.Key, target string) map[string]fence.Fact[fence.Proof] {
	out := map[string]fence.Fact[fence.Proof]{}
	for _, name := range k.Hosts {
		h, ok := c.o.Fleet.Host(name)
		if !ok || name == target {
			continue
		}
		for _, way := range waysOut(h) {
			if way.command == "" {
				continue
			}
			p, err := c.readBack(ctx, way)
			if err != nil {
				continue // no answer proves nothing
			}
			if known, ok := out[name]; ok && (known.V.Held || !p.Held) {
				continue // the stronger class stands first
			}
			out[name] = fence.Saw(p, c.clk.Now(), string(way.class)+" of "+name)
		}
	}
	return out
}

// keepOutside remembers what was read back from outside, and since when it holds.
func (t *trail) keepOutside(now map[string]fence.Fact[fence.Proof]) {
	cut := map[string]time.Time{}
	for host, f := range now {
		if !f.V.Held {
			continue
		}
		cut[host] = f.At
		if since, ok := t.cut[host]; ok {
			cut[host] = since
		}
	}
	t.cut, t.outside = cut, now
}
