package config

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

// Secret says where a secret lies. It never holds the secret, so nothing that
// prints, logs or marshals a configuration can give one away. The zero value is
// no secret.
type Secret struct{ env, file string }

// EnvSecret is a secret in the environment.
func EnvSecret(name string) Secret { return Secret{env: name} }

// FileSecret is a secret in a file of mode 0600 (or stricter).
func FileSecret(path string) Secret { return Secret{file: path} }

// IsZero says that no secret is configured.
func (s Secret) IsZero() bool { return s == Secret{} }

// Ref names the place: "env SLACK_TOKEN", "file /etc/relight/slack".
func (s Secret) Ref() string {
	switch {
	case s.env != "":
		return "env " + s.env
	case s.file != "":
		return "file " + s.file
	}
	return "no secret"
}

// String names the place, not the secret.
func (s Secret) String() string { return "secret(" + s.Ref() + ")" }

// GoString is String.
func (s Secret) GoString() string { return s.String() }

// Format prints String for every verb.
func (s Secret) Format(w fmt.State, _ rune) { _, _ = io.WriteString(w, s.String()) }

// MarshalText is String.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// MarshalJSON is String, quoted.
func (s Secret) MarshalJSON() ([]byte, error) { return fmt.Appendf(nil, "%q", s.String()), nil }

// Errors of Resolve.
var (
	ErrNoSecret     = errors.New("no secret is configured")
	ErrSecretUnset  = errors.New("the secret is not there")
	ErrSecretShared = errors.New("the secret's file can be read by others")
)

// maxSecret bounds a secret's file: longer is a wrong path.
const maxSecret = 64 << 10

// Resolve reads the secret, without white space around it. Its errors name the
// reference, never the value.
func (s Secret) Resolve() (string, error) {
	switch {
	case s.env != "":
		v, _ := os.LookupEnv(s.env)
		if v = strings.TrimSpace(v); v == "" {
			return "", fmt.Errorf("%w: environment variable %s is not set or empty; export it, or name a file instead", ErrSecretUnset, s.env)
		}
		return v, nil
	case s.file != "":
		return readSecret(s.file)
	}
	return "", ErrNoSecret
}

// readSecret checks the open file, not the path, so that what was checked is
// what is read.
func readSecret(path string) (string, error) {
	f, info, err := openRegular(path)
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrSecretUnset, err)
	}
	defer f.Close()
	if info.Mode().Perm()&0o077 != 0 {
		return "", fmt.Errorf("%w: %s has mode %04o; chmod 600 %s", ErrSecretShared, path, info.Mode().Perm(), path)
	}
	b, err := io.ReadAll(io.LimitReader(f, maxSecret+1))
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrSecretUnset, err)
	}
	v := strings.TrimSpace(string(b))
	if v == "" || len(b) > maxSecret {
		return "", fmt.Errorf("%w: %s is empty or longer than %d bytes", ErrSecretUnset, path, maxSecret)
	}
	return v, nil
}
