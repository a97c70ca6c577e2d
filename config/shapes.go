package config

import (
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/virtengine/relight/lazy"
)

var dnsShape = lazy.Pattern(`^([A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?\.)*[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?\.?$`)

// hostShape says whether s is an IP address or a DNS name, without a port.
func hostShape(s string) bool {
	if _, err := netip.ParseAddr(s); err == nil {
		return true
	}
	// What looks like an IPv4 address and is none is a typo, not a name.
	return len(s) <= 253 && dnsShape.MatchString(s) && strings.Trim(s, "0123456789.") != ""
}

// splitAddr takes addr[:port] apart; IPv6 with a port stands in brackets.
func splitAddr(s string) (host string, port int, ok bool) {
	if hostShape(s) {
		return s, 0, true
	}
	i := strings.LastIndexByte(s, ':')
	if i < 0 {
		return "", 0, false
	}
	host = strings.TrimSuffix(strings.TrimPrefix(s[:i], "["), "]")
	port, err := strconv.Atoi(s[i+1:])
	if err != nil || port < 1 || port > 65535 || !hostShape(host) {
		return "", 0, false
	}
	return host, port, strings.Contains(host, ":") == strings.HasPrefix(s, "[")
}

// jumpShape says whether s is [user@]addr[:port].
func jumpShape(s string) bool {
	user, rest, found := strings.Cut(s, "@")
	if !found {
		rest = s
	} else if !userShape.MatchString(user) {
		return false
	}
	_, _, ok := splitAddr(rest)
	return ok
}

// addr reads a host's address.
func (r *reading) addr(t *table) string {
	s := t.need("addr", `write addr = "192.0.2.10" or a DNS name`)
	if s == "" || hostShape(s) {
		return s
	}
	hint := "an IP address or a DNS name alone"
	if host, port, ok := splitAddr(s); ok {
		hint = fmt.Sprintf("write addr = %q and port = %d", host, port)
	} else if user, rest, found := strings.Cut(s, "@"); found && hostShape(rest) && userShape.MatchString(user) {
		hint = fmt.Sprintf("write addr = %q and user = %q", rest, user)
	}
	r.ld.at(t.v.get("addr").val, "address", fmt.Sprintf("addr of %s is no address: %s", t.what, show(s)), hint)
	return s
}

// webURL checks an http(s) address that is there. A password or a webhook in it
// is a secret and does not belong in the file.
func (r *reading) webURL(t *table, key string, schemes ...string) {
	v := t.v.get(key)
	if v == nil || v.val.kind != kindString || v.val.str == "" {
		return
	}
	hint := "write " + schemes[0] + "://host:port/path"
	u, err := url.Parse(v.val.str)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || tokens.MatchString(v.val.str) {
		// It may hold a password anywhere; host:port is the usual slip and holds none.
		if !bareShape.MatchString(v.val.str) {
			r.ld.src.hide(v.val.at, v.val.end)
		}
	}
	switch {
	case err != nil || !slices.Contains(schemes, u.Scheme) || u.Opaque != "":
		r.ld.at(v.val, "url", fmt.Sprintf("%s of %s is no address of the form %s://…", key, t.what, strings.Join(schemes, ":// or ")), hint)
	case u.User != nil || tokens.MatchString(v.val.str):
		r.ld.at(v.val, "secret", fmt.Sprintf("%s of %s carries a secret", key, t.what), "give it as token = { env = \"NAME\" } or { file = \"/path\" }")
	case !hostShape(u.Hostname()) || !portShape(u.Port()):
		r.ld.at(v.val, "url", fmt.Sprintf("%s of %s names no host", key, t.what), hint)
	}
}

// bareShape is host:port, without a scheme.
var bareShape = lazy.Pattern(`^[\w.-]+(:\d+)?$`)

func portShape(s string) bool {
	n, err := strconv.Atoi(s)
	return s == "" || err == nil && n > 0 && n < 65536
}

// rpcShape checks a node's rpc or rest.
func (r *reading) rpcShape(t *table, key, host string) {
	e := t.v.get(key)
	if e == nil || e.val.kind != kindString {
		return
	}
	through, ok := strings.CutPrefix(e.val.str, "ssh:")
	if !ok {
		r.webURL(t, key, "http", "https")
		return
	}
	if _, port, fine := splitAddr(through); !fine || port == 0 {
		r.ld.at(e.val, "url", fmt.Sprintf("%s of %s is no address behind a host: %s", key, t.what, show(e.val.str)), `write "ssh:127.0.0.1:26657"`)
	} else if host == "" {
		r.ld.at(e.val, "url", fmt.Sprintf("%s of %s goes through SSH, but no host is named", key, t.what), `add host = "…"`)
	}
}

func (r *reading) endpointShape(t *table, e Endpoint) {
	if e.URL == "" {
		return
	}
	v := t.v.get("url").val
	switch e.Kind {
	case "tls":
		if _, port, ok := splitAddr(e.URL); !ok || port == 0 {
			r.ld.at(v, "url", fmt.Sprintf("url of %s must be host:port", t.what), `write url = "example.com:443"`)
		}
	case "dns":
		name := e.URL
		if rest, ok := strings.CutPrefix(name, "dns://"); ok {
			server, n, _ := strings.Cut(rest, "/")
			if _, _, fine := splitAddr(server); !fine {
				n = ""
			}
			name = n
		}
		if !hostShape(name) {
			r.ld.at(v, "url", fmt.Sprintf("url of %s must be a DNS name", t.what), `write url = "rpc.example.com", or "dns://SERVER/rpc.example.com" to ask one server`)
		}
	case "":
	default:
		r.webURL(t, "url", "https", "http")
	}
}
