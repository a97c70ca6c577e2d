package ssh

import (
	"errors"
	"fmt"
	"net"
	"strings"

	"github.com/skeema/knownhosts"
	"golang.org/x/crypto/ssh"
	xknownhosts "golang.org/x/crypto/ssh/knownhosts"
)

// hostKeys is what the files know about one target.
type hostKeys struct {
	algorithms []string
	check      ssh.HostKeyCallback
}

// readHostKeys reads the known_hosts files. They are read at each dial: a key
// that was added or revoked meanwhile counts.
//
// The algorithms must come from the files too: x/crypto would otherwise
// negotiate a kind of key of which the file knows nothing, and call it changed
// (golang/go#33366).
func readHostKeys(t Target) (hostKeys, error) {
	if len(t.KnownHosts) == 0 {
		return hostKeys{}, fail("handshake", t, fmt.Errorf("%w: no file given", ErrKnownHosts), "name one in [ssh] known_hosts")
	}
	db, err := knownhosts.NewDB(t.KnownHosts...)
	if err != nil {
		return hostKeys{}, fail("handshake", t, fmt.Errorf("%w: %w", ErrKnownHosts, err), "check that it exists and reads like the one of OpenSSH")
	}
	algorithms := db.HostKeyAlgorithms(t.HostPort())
	if len(algorithms) == 0 {
		return hostKeys{}, fail("handshake", t, ErrHostUnknown, unknownHint(t))
	}
	return hostKeys{algorithms: algorithms, check: db.HostKeyCallback()}, nil
}

func unknownHint(t Target) string {
	return fmt.Sprintf("read its key on its own console and add it to %s as %s",
		strings.Join(t.KnownHosts, " or "), knownhosts.Normalize(t.HostPort()))
}

// callback checks the key and remembers the verdict: what x/crypto makes of
// the error on its way up is not a contract.
func (h hostKeys) callback(t Target, verdict *error) ssh.HostKeyCallback {
	return func(host string, remote net.Addr, key ssh.PublicKey) error {
		err := h.check(host, remote, key)
		if err != nil {
			*verdict = hostKeyError(t, key, err)
			return *verdict
		}
		return nil
	}
}

func hostKeyError(t Target, key ssh.PublicKey, err error) error {
	var revoked *xknownhosts.RevokedError
	var unknown *xknownhosts.KeyError
	shown := ssh.FingerprintSHA256(key)
	switch {
	case errors.As(err, &revoked):
		return fail("handshake", t, fmt.Errorf("%w: %s", ErrHostRevoked, shown), "do not use this host before somebody knows why")
	case errors.As(err, &unknown) && len(unknown.Want) == 0:
		return fail("handshake", t, fmt.Errorf("%w: it shows %s", ErrHostUnknown, shown), unknownHint(t))
	case errors.As(err, &unknown):
		return fail("handshake", t, fmt.Errorf("%w: it shows %s", ErrHostChanged, shown),
			fmt.Sprintf("a new installation, or somebody in between: compare on its console, then correct %s:%d", unknown.Want[0].Filename, unknown.Want[0].Line))
	}
	return fail("handshake", t, fmt.Errorf("host key refused: %w", err), "check its certificate and the CA in known_hosts")
}
