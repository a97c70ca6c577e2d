package shell

import (
	"path"

	"github.com/virtengine/relight/drill/world"
)

// cmdProvider is the provider's daemon on the command line, as far as its
// recovery needs it: the usage that was not reported.
func cmdProvider(c *call) int {
	here, pending := false, []string(nil)
	c.on(func(_ *world.World, h *world.Host) {
		here, pending = h.Unit(world.ProviderUnit) != nil, h.PendingReports()
	})
	if !here {
		c.errf("sh: provider-daemon: not found\n")
		return 127
	}
	switch {
	case c.user != world.Root:
		return c.fail("open %s: permission denied", world.FailedReports)
	case len(c.args) < 2 || c.args[0] != "usage":
		return c.fail("unknown command; it has: usage list, usage submit")
	}
	switch c.args[1] {
	case "list":
		for _, f := range pending {
			c.outf("%s pending\n", path.Base(f))
		}
		return 0
	case "submit":
		n, why := 0, ""
		c.on(func(w *world.World, h *world.Host) { n, why = w.SubmitReports(h) })
		if why != "" {
			return c.fail("usage submit: %s", why)
		}
		c.outf("submitted %d usage reports\n", n)
		return 0
	}
	return c.fail("unknown command \"usage %s\"; it has: usage list, usage submit", c.args[1])
}
