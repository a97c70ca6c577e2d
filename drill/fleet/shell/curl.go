package shell

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/virtengine/relight/drill/fleet/chainrpc"
	"github.com/virtengine/relight/drill/world"
)

// cmdCurl asks the services of the host itself. Other machines cannot be
// reached from here: the operator's services listen on the loopback only.
func cmdCurl(c *call) int {
	f, err := parseFlags(c.args, "s S f k L I i m= max-time= connect-timeout= o= X= request= H= header= d= data= w= silent show-error fail retry= u= v compressed")
	if err != nil {
		return c.usage("%v", err)
	}
	if len(f.rest) == 0 {
		return c.usage("no URL specified")
	}
	raw := f.rest[0]
	if !strings.Contains(raw, "://") {
		raw = "http://" + raw
	}
	u, err := url.Parse(raw)
	if err != nil {
		return c.curlFail(f, 3, "URL rejected: Malformed input to a URL function")
	}
	data := f.last("d", "data")
	method := f.last("X", "request")
	if method == "" {
		method = http.MethodGet
		if f.has("d", "data") {
			method = http.MethodPost
		}
	}
	a, state := c.ask(method, u, data)
	switch state {
	case "unknown":
		return c.curlFail(f, 6, "Could not resolve host: "+u.Hostname())
	case "refused":
		return c.curlFail(f, 7, "Failed to connect to "+u.Hostname()+" port "+portOf(u)+" after 0 ms: Couldn't connect to server")
	}
	code := 0
	if a.Status >= 400 && f.has("f", "fail") {
		code = c.curlFail(f, 22, "The requested URL returned error: "+strconv.Itoa(a.Status))
	} else if code = c.curlOut(f, a); code != 0 {
		return code
	}
	if w := f.last("w"); w != "" {
		c.outf("%s", strings.NewReplacer("%{http_code}", strconv.Itoa(a.Status), "%{response_code}", strconv.Itoa(a.Status), `\n`, "\n").Replace(w))
	}
	return code
}

func (c *call) curlOut(f flags, a chainrpc.Answer) int {
	if f.has("I", "i") {
		c.outf("HTTP/1.1 %d %s\r\nContent-Type: %s\r\n\r\n", a.Status, http.StatusText(a.Status), a.Type)
	}
	if f.has("I") {
		return 0
	}
	to := f.last("o")
	switch {
	case to == "" || to == "-":
		c.outf("%s", a.Body)
	case device(abs(c.dir, to)):
	default:
		if err := c.write(abs(c.dir, to), string(a.Body), 0o666); err != nil {
			return c.curlFail(f, 23, "Failure writing output to destination")
		}
	}
	return 0
}

func (c *call) curlFail(f flags, code int, text string) int {
	if !f.has("s", "silent") || f.has("S", "show-error") {
		c.errf("curl: (%d) %s\n", code, text)
	}
	return code
}

func portOf(u *url.URL) string {
	if p := u.Port(); p != "" {
		return p
	}
	if u.Scheme == "https" {
		return "443"
	}
	return "80"
}

// ask gives the answer of a service of this host; the word says whether it
// could be asked: "", "refused" or "unknown".
func (c *call) ask(method string, u *url.URL, body string) (a chainrpc.Answer, state string) {
	state = "refused"
	c.on(func(w *world.World, h *world.Host) {
		if u.Hostname() == world.ArtifactHost {
			a, state = chainrpc.Answer{Status: http.StatusNotFound, Type: "text/plain", Body: []byte("no such artifact\n")}, ""
			if text := world.Artifact(u.Path); text != "" {
				a = chainrpc.Answer{Status: http.StatusOK, Type: "application/octet-stream", Body: []byte(text)}
			}
			return
		}
		switch u.Hostname() {
		case "127.0.0.1", "localhost", h.Name:
		default:
			if w.Host(u.Hostname()) == nil {
				state = "unknown"
			}
			return
		}
		text := func(status int, s string) {
			a, state = chainrpc.Answer{Status: status, Type: "text/plain", Body: []byte(s)}, ""
		}
		switch portOf(u) {
		case "26657":
			if h.RPCState() == "up" {
				a, state = chainrpc.RPC(w, h, method, u.Path, u.RawQuery, []byte(body)), ""
			}
		case "1317":
			if h.RPCState() == "up" {
				a, state = chainrpc.REST(w, h, u.Path), ""
			}
		case "8080", "8443":
			if p := h.Unit("provider-daemon"); p != nil && p.Active == "active" {
				text(healthStatus(u.Path), "ok\n")
			}
		case "9090", "9093":
			name := map[string]string{"9090": "prometheus", "9093": "alertmanager"}[portOf(u)]
			p := h.Unit(name)
			if p == nil || p.Active != "active" {
				return
			}
			r := w.Prometheus(h, u.Path)
			if name == "alertmanager" {
				r = w.Alertmanager(h, method, u.Path, []byte(body))
			}
			a, state = chainrpc.Answer{Status: r.Status, Type: r.Type, Body: r.Body}, ""
		}
	})
	return a, state
}

func healthStatus(path string) int {
	if path == "/health" || path == "/api/v1/health" {
		return http.StatusOK
	}
	return http.StatusNotFound
}
