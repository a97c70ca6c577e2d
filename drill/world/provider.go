package world

import (
	"fmt"
	"path"
	"sort"
	"strings"
)

// Where a provider keeps the usage it could not report.
const (
	ProviderUnit  = "provider-daemon"
	FailedReports = "/var/lib/provider-daemon/failed_reports"
)

// loseReports is what a provider's daemon leaves behind when it dies: the usage
// that it had not reported to the chain yet.
func (w *World) loseReports(h *Host) {
	for i := range 2 + int(w.Roll(3, "reports", h.Name, w.Now.String())) {
		w.put(h, "root", fmt.Sprintf("%s/usage-%d-%d.json", FailedReports, w.Now.Unix(), i+1),
			fmt.Sprintf("{\"provider\":%q,\"lease\":%d,\"seconds\":3600}\n", h.Name, 1000+i), 0o600)
	}
}

// PendingReports are the files of the usage that a host has not reported, sorted.
func (h *Host) PendingReports() []string {
	var out []string
	for name, f := range h.Files {
		if path.Dir(name) == FailedReports && strings.HasSuffix(name, ".json") && !f.Dir {
			out = append(out, name)
		}
	}
	sort.Strings(out)
	return out
}

// SubmitReports reports the pending usage to the chain, as the daemon's own
// command does: it needs the daemon and a chain that moves. It says how many
// reports went out, or why none did.
func (w *World) SubmitReports(h *Host) (n int, why string) {
	switch u := h.unit(ProviderUnit); {
	case u == nil || u.Active != "active":
		return 0, "the daemon does not run"
	case w.Chain.Stall != nil:
		return 0, "rpc error: timed out waiting for the transaction to be included in a block"
	}
	for _, name := range h.PendingReports() {
		delete(h.Files, name)
		n++
	}
	if n > 0 {
		w.Touched()
	}
	return n, ""
}
