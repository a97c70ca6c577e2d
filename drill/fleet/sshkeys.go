package fleet

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/crypto/ssh"

	"github.com/virtengine/relight/drill/world"
)

// clientKey is the public half of the key that may log in; the private half
// lies at path, and is made when it does not.
func clientKey(path string) (ssh.PublicKey, error) {
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		_, priv, kerr := ed25519.GenerateKey(rand.Reader)
		if kerr != nil {
			return nil, kerr
		}
		block, kerr := ssh.MarshalPrivateKey(priv, "relight drill")
		if kerr != nil {
			return nil, kerr
		}
		b = pem.EncodeToMemory(block)
		err = os.WriteFile(path, b, 0o600)
	}
	if err != nil {
		return nil, fmt.Errorf("the drill's SSH key: %w", err)
	}
	signer, err := ssh.ParsePrivateKey(b)
	if err != nil {
		return nil, fmt.Errorf("the drill's SSH key %s: %w", path, err)
	}
	return signer.PublicKey(), nil
}

// hostKey is the host key of a host, of a generation: ssh-new-key makes a new
// one.
func hostKey(seed uint64, host string, generation int) (ssh.Signer, error) {
	b := binary.BigEndian.AppendUint64([]byte("ssh host key "+host), seed)
	d := sha256.Sum256(binary.BigEndian.AppendUint64(b, uint64(generation)))
	return ssh.NewSignerFromKey(ed25519.NewKeyFromSeed(d[:]))
}

// writeKnownHosts lists the first host key of every host.
func (f *Fleet) writeKnownHosts() error {
	var b strings.Builder
	for _, h := range f.w.Hosts {
		k, err := hostKey(f.w.Seed, h.Name, 0)
		if err != nil {
			return err
		}
		fmt.Fprintf(&b, "[127.0.0.1]:%s %s", f.machines[h.Name].ssh.port(), ssh.MarshalAuthorizedKey(k.PublicKey()))
	}
	return os.WriteFile(filepath.Join(f.opt.Dir, "known_hosts"), []byte(b.String()), 0o600)
}

// serverConfig lets the one client in.
func (f *Fleet) serverConfig(h *world.Host) (*ssh.ServerConfig, error) {
	k, err := hostKey(f.w.Seed, h.Name, h.KeyGen)
	if err != nil {
		return nil, err
	}
	want := string(f.client.Marshal())
	c := &ssh.ServerConfig{
		ServerVersion: "SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u7",
		PublicKeyCallback: func(meta ssh.ConnMetadata, key ssh.PublicKey) (*ssh.Permissions, error) {
			if meta.User() == string(world.Login) && string(key.Marshal()) == want {
				return &ssh.Permissions{}, nil
			}
			return nil, errors.New("no such user or key")
		},
	}
	c.AddHostKey(k)
	return c, nil
}
