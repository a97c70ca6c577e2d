package safe

import (
	"sort"
	"strings"
)

// Hidden stands where a secret stood.
const Hidden = "[hidden]"

// Redactor replaces known secrets. The zero value replaces nothing. It is a
// value: adding a secret gives a new one.
type Redactor struct{ secrets []string }

// minSecret is the shortest secret that is looked for: shorter ones would
// blank out ordinary words.
const minSecret = 6

// With is r that also hides the given secrets and each of their lines.
func (r Redactor) With(secrets ...string) Redactor {
	seen := map[string]bool{}
	for _, s := range r.secrets {
		seen[s] = true
	}
	for _, s := range secrets {
		for _, part := range append(strings.Split(s, "\n"), s) {
			if part = strings.TrimSpace(part); len(part) >= minSecret {
				seen[part] = true
			}
		}
	}
	out := make([]string, 0, len(seen))
	for s := range seen {
		out = append(out, s)
	}
	// The longest first: a secret may contain another.
	sort.Slice(out, func(i, j int) bool {
		if len(out[i]) != len(out[j]) {
			return len(out[i]) > len(out[j])
		}
		return out[i] < out[j]
	})
	return Redactor{secrets: out}
}

// Redact is s without the secrets.
func (r Redactor) Redact(s string) string {
	for _, secret := range r.secrets {
		s = strings.ReplaceAll(s, secret, Hidden)
	}
	return s
}
