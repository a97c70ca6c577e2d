//go:build linux

package lab

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"golang.org/x/crypto/ssh"

	"github.com/virtengine/relight/testdata/lab/host"
	"github.com/virtengine/relight/testdata/lab/mail"
)

// Names of hosts and units.
const (
	unitName = "virtengine"
	prefix   = "ve"
	sealedOn = "val-2s" // it stands by for
	sealedOf = "val-2"
)

func hostNames() []string { return []string{"val-1", "val-2", "val-3", "val-4", sealedOn} }

// planHosts says where everything will be.
func planHosts(l *Lab) {
	for i, name := range hostNames() {
		root := filepath.Join(l.Dir, "hosts", name)
		l.Hosts = append(l.Hosts, Host{Name: name, Root: root, Home: filepath.Join(root, "home", ".virtengine"),
			UnitDir: filepath.Join(root, "units"), Standby: name == sealedOn,
			P2P: l.base + 3*i, RPC: l.base + 3*i + 1, SSH: l.base + 3*i + 2})
	}
}

func (l *Lab) restPort() int { return l.base + 3*len(hostNames()) }

// mailAddrs are where the letter boxes listen, in the order of mail.Services.
func (l *Lab) mailAddrs() []string {
	var out []string
	for i := range mail.Services() {
		out = append(out, fmt.Sprintf("%s:%d", Addr, l.restPort()+1+i))
	}
	return out
}

// makeTokens writes what the letter boxes want to see.
func (l *Lab) makeTokens() error {
	if err := os.MkdirAll(filepath.Join(l.Dir, "tokens"), 0o700); err != nil {
		return err
	}
	for _, s := range mail.Services() {
		if err := os.WriteFile(l.token(s), []byte(mail.Token(s)+"\n"), 0o600); err != nil {
			return err
		}
	}
	return nil
}

func (l *Lab) token(service string) string { return filepath.Join(l.Dir, "tokens", service) }

// makeFolders makes the folders of a host, and its commands: hard links of one
// program, which knows by its own path whose and which it is.
func makeFolders(l *Lab, h Host) error {
	for _, d := range []string{"home", "units", "units/multi-user.target.wants", "bin", "log", "run", "etc", "backup"} {
		if err := os.MkdirAll(filepath.Join(h.Root, d), 0o700); err != nil {
			return err
		}
	}
	if err := os.Mkdir(filepath.Join(h.Root, "home", ".gnupg"), 0o700); err != nil {
		return err
	}
	for _, name := range host.Names() {
		if err := linkOrCopy(filepath.Join(l.Dir, "bin", "labhost"), h.Bin(name)); err != nil {
			return err
		}
	}
	return spec(l, h).Save()
}

func spec(l *Lab, h Host) host.Spec {
	return host.Spec{Name: h.Name, Root: h.Root, Lab: l.Dir, ChainID: l.ChainID, Prefix: prefix, Unit: unitName, Node: l.Node, RPC: h.RPC}
}

func linkOrCopy(from, to string) error {
	if os.Link(from, to) == nil {
		return nil
	}
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o755)
	if err != nil {
		return err
	}
	if _, err = io.Copy(out, in); err != nil {
		_ = out.Close()
		return err
	}
	return out.Close()
}

// makeUnits writes the operator's unit (Restart=on-failure, ten seconds) and
// sshd's, both enabled.
func makeUnits(h Host, sshd string) error {
	units := map[string]string{
		unitName: "[Unit]\nDescription=VirtEngine node (lab)\n\n[Service]\nExecStart=" + h.Bin("virtengine") + " start --home " + h.Home +
			"\nRestart=on-failure\nRestartSec=10\nTimeoutStopSec=20\n\n[Install]\nWantedBy=multi-user.target\n",
		"ssh": "[Unit]\nDescription=OpenSSH (lab)\n\n[Service]\nExecStart=" + sshd + " -D -e -f " + filepath.Join(h.Root, "etc", "sshd_config") +
			"\nRestart=on-failure\nRestartSec=1\nTimeoutStopSec=5\n\n[Install]\nWantedBy=multi-user.target\n",
	}
	for name, text := range units {
		if err := os.WriteFile(filepath.Join(h.UnitDir, name+".service"), []byte(text), 0o644); err != nil {
			return err
		}
		if err := os.Symlink("../"+name+".service", filepath.Join(h.UnitDir, "multi-user.target.wants", name+".service")); err != nil {
			return err
		}
	}
	return nil
}

// makeSSH writes a host's sshd files: two host keys (the second for the fault
// ssh-new-key), one authorized key, and a wrapper nobody gets past. The tunnel
// leads to the host's own RPC and nowhere else.
func makeSSH(l *Lab, h Host, client ssh.PublicKey) (known string, err error) {
	etc := filepath.Join(h.Root, "etc")
	pub, err := newKey(filepath.Join(etc, "ssh_host_key"), h.Name)
	if err != nil {
		return "", err
	}
	if _, err := newKey(filepath.Join(etc, "ssh_host_key.other"), h.Name); err != nil {
		return "", err
	}
	if err := os.WriteFile(filepath.Join(etc, "authorized_keys"), ssh.MarshalAuthorizedKey(client), 0o600); err != nil {
		return "", err
	}
	conf := fmt.Sprintf(`ListenAddress %s
Port %d
HostKey %s/ssh_host_key
PidFile %s/run/sshd.pid
AuthorizedKeysFile %s/authorized_keys
AllowUsers %s
StrictModes no
UsePAM no
UseDNS no
PasswordAuthentication no
KbdInteractiveAuthentication no
PubkeyAuthentication yes
PermitRootLogin prohibit-password
PermitUserEnvironment no
PermitUserRC no
PermitTunnel no
GatewayPorts no
AllowAgentForwarding no
AllowStreamLocalForwarding no
AllowTcpForwarding local
PermitOpen %s:%d
X11Forwarding no
PrintMotd no
MaxStartups 100:30:200
LogLevel INFO
# No rc file of the login's own shell: bash reads one when it thinks that rshd
# or sshd started it at the first level.
SetEnv HOME=%s/home SHLVL=9
ForceCommand %s
`, Addr, h.SSH, etc, h.Root, etc, l.User, Addr, h.RPC, h.Root, h.Bin("labshell"))
	if err := os.WriteFile(filepath.Join(etc, "sshd_config"), []byte(conf), 0o600); err != nil {
		return "", err
	}
	return fmt.Sprintf("[%s]:%d %s", Addr, h.SSH, ssh.MarshalAuthorizedKey(pub)), nil
}

// newKey makes an SSH key pair and writes the private half.
func newKey(path, comment string) (ssh.PublicKey, error) {
	pub, priv, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	block, err := ssh.MarshalPrivateKey(priv, comment)
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
		return nil, err
	}
	return ssh.NewPublicKey(pub)
}

// seal puts val-2's key, encrypted by gpg, on the standby, with the passphrase
// in a file that only the standby's gpg reads.
func seal(ctx context.Context, l *Lab, gpg string) error {
	on, from := l.mustHost(sealedOn), l.mustHost(sealedOf)
	secret := make([]byte, 24)
	if _, err := rand.Read(secret); err != nil {
		return err
	}
	home := filepath.Join(on.Root, "home", ".gnupg")
	pass := filepath.Join(on.Root, "backup", "passphrase")
	if err := os.WriteFile(pass, []byte(hex.EncodeToString(secret)+"\n"), 0o600); err != nil {
		return err
	}
	// No agent: none is needed for a passphrase, and it would outlive the lab.
	conf := "no-autostart\npinentry-mode loopback\npassphrase-file " + pass + "\n"
	if err := os.WriteFile(filepath.Join(home, "gpg.conf"), []byte(conf), 0o600); err != nil {
		return err
	}
	for i := range l.Hosts {
		if l.Hosts[i].Name == sealedOn {
			l.Hosts[i].Sealed = filepath.Join(on.Root, "backup", "priv_validator_key.json.gpg")
			on = l.Hosts[i]
		}
	}
	// A fixed count: gpg would ask an agent how fast the machine is.
	cmd := exec.CommandContext(ctx, gpg, "--homedir", home, "--batch", "--yes", "--quiet", "--s2k-count", "65011712", "--cipher-algo", "AES256",
		"--output", on.Sealed, "--symmetric", filepath.Join(from.Home, "config", "priv_validator_key.json"))
	cmd.Env = spec(l, on).Env()
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("seal the key of %s: gpg: %w: %s", sealedOf, err, lastPart(stderr.String()))
	}
	return os.Chmod(on.Sealed, 0o600)
}

func (l *Lab) mustHost(name string) Host {
	h, _ := l.Host(name)
	return h
}

// shape says whether a folder's path can stand in unit files, scripts and the
// configuration.
func shape(dir string) error {
	const ok = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._/@+=:-"
	if strings.ContainsFunc(dir, func(r rune) bool { return !strings.ContainsRune(ok, r) }) {
		return fmt.Errorf("the lab's folder %q: only letters, digits and ._@+=:- may stand in its path", dir)
	}
	return nil
}
