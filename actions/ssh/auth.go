package ssh

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"
)

// signers are the keys to log in with: the files first, then the agent's, for
// a server counts each key offered and gives up after six.
func (o Options) signers(ctx context.Context, t Target) (list []ssh.Signer, done func(), err error) {
	done = func() {}
	var problem error
	for _, file := range t.KeyFiles {
		s, err := readKey(file)
		if err != nil {
			problem = err
			continue
		}
		list = append(list, s)
	}
	if t.Agent {
		fromAgent, closeAgent, err := o.agentKeys(ctx)
		if err != nil && problem == nil {
			problem = err
		}
		list = append(list, fromAgent...)
		done = closeAgent
	}
	if len(list) == 0 {
		done()
		if problem == nil {
			problem = fmt.Errorf("%w: none given", ErrKey)
		}
		return nil, func() {}, fail("login", t, problem, "name an unencrypted key file (0600), or load the key into the agent and set agent = true")
	}
	return list, done, nil
}

func readKey(file string) (ssh.Signer, error) {
	info, err := os.Stat(file)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrKey, err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("%w: %s can be read by others (mode %04o, want 0600)", ErrKey, file, info.Mode().Perm())
	}
	pem, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrKey, err)
	}
	s, err := ssh.ParsePrivateKey(pem)
	var locked *ssh.PassphraseMissingError
	if errors.As(err, &locked) {
		return nil, fmt.Errorf("%w: %s has a passphrase", ErrKey, file)
	}
	if err != nil {
		// The cause is not wrapped: it is about the bytes of a secret.
		return nil, fmt.Errorf("%w: %s is no private key", ErrKey, file)
	}
	return s, nil
}

// agentKeys asks the agent. Its connection stays open until done: it signs
// during the handshake.
func (o Options) agentKeys(ctx context.Context) (list []ssh.Signer, done func(), err error) {
	done = func() {}
	socket := o.AgentSocket
	if socket == "" {
		socket = os.Getenv("SSH_AUTH_SOCK")
	}
	if socket == "" {
		return nil, done, fmt.Errorf("%w: no agent (SSH_AUTH_SOCK is empty)", ErrKey)
	}
	conn, err := new(net.Dialer).DialContext(ctx, "unix", socket)
	if err != nil {
		return nil, done, fmt.Errorf("%w: agent: %w", ErrKey, err)
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	done = func() { stop(); _ = conn.Close() }
	list, err = agent.NewClient(conn).Signers()
	if err != nil {
		done()
		return nil, func() {}, fmt.Errorf("%w: agent: %w", ErrKey, err)
	}
	return list, done, nil
}
