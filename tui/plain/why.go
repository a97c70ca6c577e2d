package plain

import (
	"context"
	"fmt"

	"github.com/virtengine/relight/cockpit"
	"github.com/virtengine/relight/safe"
	"github.com/virtengine/relight/tui/words"
)

// why explains a node, a host or a key by all that was seen of it.
func (p *session) why(_ context.Context, v cockpit.View, name string) error {
	for _, n := range v.Snap.Nodes {
		if n.Name == name || n.Host == name {
			p.explain(v, words.WhyNode(v, n, v.Now))
			return nil
		}
	}
	for _, k := range v.Snap.Keys {
		if k.Name == name {
			p.explain(v, words.WhyKey(v, k, v.Now))
			return nil
		}
	}
	if h, ok := v.Snap.Host(name); ok {
		p.explain(v, words.WhyHost(v, h))
		return nil
	}
	return fmt.Errorf("nothing watched is called %q; type: nodes", safe.Short(name, 40))
}

func (p *session) explain(v cockpit.View, r words.Reason) {
	p.line("%s", say(v, "WHY", "%s.", safe.Line(r.Head)))
	for _, f := range r.Facts {
		p.line("%s", sub("FACT", "%s (%s, %s ago)", safe.Line(f.Text), safe.Short(f.Source, 30), words.Age(f.At, v.Now)))
	}
	for _, t := range []string{r.Means, r.Waits, r.Can} {
		if t != "" {
			p.line("%s", sub("MEANS", "%s", safe.Line(t)))
		}
	}
}
