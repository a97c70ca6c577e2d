package cli

import "runtime/debug"

// How much garbage may lie about, in percent of what lives. A start makes some
// ten megabytes of it; collecting that five times over took a third of the way
// to the first letter. A cockpit that stands lives in few megabytes, and as much
// again need not lie there.
const (
	garbageOfStart   = 400
	garbageOfCockpit = 50
)

// StartQuickly collects little garbage until a cockpit stands. GOGC of the
// environment wins.
func StartQuickly(getenv func(string) string) {
	if getenv("GOGC") == "" {
		debug.SetGCPercent(garbageOfStart)
	}
}

// settle gives back what the start took. It takes some milliseconds: call it
// when a person sees something already.
func (g *globals) settle() {
	if !g.whole || g.getenv("GOGC") != "" {
		return
	}
	debug.SetGCPercent(garbageOfCockpit)
	debug.FreeOSMemory()
}
