package fleet

import (
	"os"
	"path/filepath"

	"github.com/virtengine/relight/drill/fleet/receivers"
)

// drillToken is the token of a receiver. It opens nothing but a receiver on
// this machine's loopback.
func drillToken(service string) string {
	if service == "slack" {
		return "xoxb-drill-0000-not-a-secret"
	}
	return "drill-token-of-" + service
}

func (f *Fleet) tokenPath(service string) string {
	return filepath.Join(f.opt.Dir, "tokens", service)
}

func (f *Fleet) writeTokens() error {
	if err := os.MkdirAll(filepath.Join(f.opt.Dir, "tokens"), 0o700); err != nil {
		return err
	}
	for _, s := range receivers.Names() {
		if err := os.WriteFile(f.tokenPath(s), []byte(drillToken(s)+"\n"), 0o600); err != nil {
			return err
		}
	}
	return nil
}
