package chainrpc

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/virtengine/relight/drill/world"
)

// Answer is one HTTP answer.
type Answer struct {
	Status int
	Type   string // content type
	Body   []byte
}

const jsonType = "application/json"

// params are the arguments of a call, unquoted.
type params map[string]string

// rpcError is an error in JSON-RPC's words.
type rpcError struct {
	Code    int    `json:"code"`
	Message string `json:"message"`
	Data    string `json:"data,omitempty"`
}

func internal(format string, args ...any) *rpcError {
	return &rpcError{-32603, "Internal error", fmt.Sprintf(format, args...)}
}

// node is one host's view of the world.
type node struct {
	w *world.World
	h *world.Host
}

// RPC answers one request to the RPC port of h, whose process must be alive.
// path has no query; body is that of a POST.
func RPC(w *world.World, h *world.Host, method, path, query string, body []byte) Answer {
	n := node{w, h}
	if method == http.MethodPost && (path == "/" || path == "") {
		return n.post(body)
	}
	name := strings.Trim(path, "/")
	q, err := url.ParseQuery(query)
	if err != nil {
		return Answer{http.StatusInternalServerError, "text/plain", []byte("bad query\n")}
	}
	p := params{}
	for k := range q {
		p[k] = strings.Trim(q.Get(k), `"`)
	}
	result, known, rerr := n.call(name, p)
	if !known {
		return Answer{http.StatusNotFound, "text/plain; charset=utf-8", []byte("404 page not found\n")}
	}
	a := reply(json.RawMessage("-1"), result, rerr)
	if rerr != nil {
		a.Status = http.StatusInternalServerError
	}
	return a
}

type request struct {
	ID     json.RawMessage            `json:"id"`
	Method string                     `json:"method"`
	Params map[string]json.RawMessage `json:"params"`
}

func (n node) post(body []byte) Answer {
	var r request
	if err := json.Unmarshal(body, &r); err != nil {
		a := reply(json.RawMessage("-1"), nil, &rpcError{-32700, "Parse error. Invalid JSON", err.Error()})
		a.Status = http.StatusInternalServerError
		return a
	}
	p := params{}
	for k, v := range r.Params {
		p[k] = strings.Trim(string(v), `"`)
	}
	result, known, rerr := n.call(r.Method, p)
	if !known {
		rerr = &rpcError{-32601, "Method not found", ""}
	}
	return reply(r.ID, result, rerr)
}

func reply(id json.RawMessage, result any, rerr *rpcError) Answer {
	if len(id) == 0 {
		id = json.RawMessage("-1")
	}
	if rerr != nil {
		result = nil
	}
	b, err := json.Marshal(struct {
		Version string          `json:"jsonrpc"`
		ID      json.RawMessage `json:"id"`
		Result  any             `json:"result,omitempty"`
		Error   *rpcError       `json:"error,omitempty"`
	}{"2.0", id, result, rerr})
	if err != nil {
		return Answer{http.StatusInternalServerError, "text/plain", []byte(err.Error())}
	}
	return Answer{http.StatusOK, jsonType, b}
}

// call runs one method; known is false for a method that does not exist.
func (n node) call(name string, p params) (result any, known bool, _ *rpcError) {
	var err *rpcError
	switch name {
	case "health":
		return struct{}{}, true, nil
	case "status":
		return n.status(), true, nil
	case "net_info":
		return n.netInfo(), true, nil
	case "consensus_state":
		return n.consensusState(), true, nil
	case "abci_info":
		return n.abciInfo(), true, nil
	case "genesis":
		return n.genesis(), true, nil
	case "blockchain":
		result, err = n.blockchain(p)
		return result, true, err
	case "validators", "commit", "block", "block_results", "header":
	default:
		return nil, false, nil
	}
	top := n.tip()
	if name == "validators" {
		top++ // the set of the running height is known before its block
	}
	h, err := n.height(p, top)
	if err != nil {
		return nil, true, err
	}
	switch name {
	case "validators":
		result, err = n.validators(h, p)
	case "commit":
		result = n.commit(h)
	case "block":
		result = n.block(h)
	case "block_results":
		result = n.blockResults(h)
	case "header":
		result = struct {
			Header header `json:"header"`
		}{n.header(h)}
	}
	return result, true, err
}

// tip is the height this node has.
func (n node) tip() int64 { return max(n.w.NodeHeight(n.h), n.w.Earliest()) }

// height is the argument of that name, at most top and by default the tip.
func (n node) height(p params, top int64) (int64, *rpcError) {
	s := p["height"]
	if s == "" {
		return n.tip(), nil
	}
	h, err := strconv.ParseInt(s, 10, 64)
	switch {
	case err != nil:
		return 0, &rpcError{-32602, "Invalid params", fmt.Sprintf("error converting http params to arguments: strconv.ParseInt: parsing %q: invalid syntax", s)}
	case h <= 0:
		return 0, internal("height must be greater than 0, but got %d", h)
	case h > top:
		return 0, internal("height %d must be less than or equal to the current blockchain height %d", h, top)
	case h < n.w.Earliest():
		return 0, internal("height %d is not available, lowest height is %d", h, n.w.Earliest())
	}
	return h, nil
}
