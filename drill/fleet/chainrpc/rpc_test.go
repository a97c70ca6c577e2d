package chainrpc

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/virtengine/relight/drill/world"
)

var start = time.Date(2026, 2, 3, 14, 0, 0, 0, time.UTC)

// get asks val-1 (or another) and reads the result into v.
func get(t *testing.T, w *world.World, host, path, query string, v any) Answer {
	t.Helper()
	a := RPC(w, w.Host(host), http.MethodGet, path, query, nil)
	var env struct {
		Result json.RawMessage `json:"result"`
	}
	if err := json.Unmarshal(a.Body, &env); err != nil && a.Status != http.StatusNotFound {
		t.Fatalf("%s?%s: %v in %s", path, query, err, a.Body)
	}
	if v != nil {
		if err := json.Unmarshal(env.Result, v); err != nil {
			t.Fatalf("%s?%s: %v in %s", path, query, err, a.Body)
		}
	}
	return a
}

func TestAbsentSignatureHasNoAddress(t *testing.T) {
	w := world.New(1, start)
	addr := w.Host("val-2").Proc.Address
	if err := w.Fault("process-crash", "val-2"); err != nil {
		t.Fatal(err)
	}
	w.Advance(start.Add(20 * time.Second))
	h := w.Tip().Height - 1
	var c commitResult
	get(t, &w, "val-1", "/commit", "height="+strconv.FormatInt(h, 10), &c)
	at := w.SetAt(h).Index(addr)
	s := c.Signed.Commit.Sigs[at]
	if !c.Canonical || s.Flag != 1 || s.Address != "" || s.Signature != nil || !s.Time.IsZero() {
		t.Errorf("canonical %v, %+v", c.Canonical, s)
	}
	var b blockResult
	get(t, &w, "val-1", "/block", "height="+strconv.FormatInt(h+1, 10), &b)
	if b.Block.LastCommit.Sigs[at].Flag != 1 || b.Block.LastCommit.ID != c.Signed.Commit.ID {
		t.Errorf("the block after says otherwise: %+v", b.Block.LastCommit)
	}
	var raw map[string]json.RawMessage
	get(t, &w, "val-1", "/commit", "", &raw)
	if string(raw["canonical"]) != "false" {
		t.Errorf("at the tip canonical is %s", raw["canonical"])
	}
}

func TestErrorsAreThoseOfCometBFT(t *testing.T) {
	w := world.New(1, start)
	for _, c := range []struct {
		path, query string
		status      int
		want        string
	}{
		{"/block", "height=9999999", 500, "must be less than or equal to the current blockchain height"},
		{"/block", "height=0", 500, "height must be greater than 0"},
		{"/block", "height=5", 500, "lowest height is"},
		{"/validators", "page=2", 500, "page should be within [1, 1] range, given 2"},
		{"/statuss", "", 404, "404 page not found"},
		{"/health", "", 200, `"result":{}`},
		{"/validators", "per_page=2&page=2", 200, `"count":"2","total":"4"`},
	} {
		a := get(t, &w, "val-1", c.path, c.query, nil)
		if a.Status != c.status || !strings.Contains(string(a.Body), c.want) {
			t.Errorf("%s?%s: %d %s", c.path, c.query, a.Status, a.Body)
		}
	}
	a := RPC(&w, w.Host("val-1"), http.MethodPost, "/", "", []byte(`{"jsonrpc":"2.0","id":7,"method":"validators","params":{"per_page":"1"}}`))
	if a.Status != 200 || !strings.Contains(string(a.Body), `"id":7`) || !strings.Contains(string(a.Body), `"count":"1"`) {
		t.Errorf("POST: %d %s", a.Status, a.Body)
	}
}

func TestAHaltShowsPrevotesAndKeepsAnswering(t *testing.T) {
	w := world.New(1, start)
	if err := w.Fault("halt", ""); err != nil {
		t.Fatal(err)
	}
	w.Advance(start.Add(time.Minute))
	var cs consensusState
	get(t, &w, "val-1", "/consensus_state", "", &cs)
	if !strings.HasSuffix(cs.Round.HRS, "/0/4") || !strings.Contains(cs.Round.Votes[0].PrevoteBits, "620/1200 = 0.52") {
		t.Errorf("%s %s", cs.Round.HRS, cs.Round.Votes[0].PrevoteBits)
	}
	var s status
	get(t, &w, "val-1", "/status", "", &s)
	if s.Sync.CatchingUp || w.Now.Sub(s.Sync.LatestTime) < 50*time.Second {
		t.Errorf("%+v at %v", s.Sync, w.Now)
	}
}

func TestADivergedNodeLooksWell(t *testing.T) {
	w := world.New(1, start)
	if err := w.Fault("app-hash", "val-3"); err != nil {
		t.Fatal(err)
	}
	h := w.Tip().Height
	w.Advance(start.Add(30 * time.Second))
	var good, bad blockResults
	q := "height=" + strconv.FormatInt(h, 10)
	get(t, &w, "val-1", "/block_results", q, &good)
	get(t, &w, "val-3", "/block_results", q, &bad)
	var s status
	get(t, &w, "val-3", "/status", "", &s)
	if good.AppHash == bad.AppHash || s.Sync.CatchingUp || s.Sync.LatestHeight != i64(h) {
		t.Errorf("%s %s %+v", good.AppHash, bad.AppHash, s.Sync)
	}
}

func TestTombstoneShowsInEvidenceAndSigningInfo(t *testing.T) {
	w := world.New(1, start)
	addr := w.Host("val-2").Proc.Address
	if err := w.Fault("colleague-starts-standby", "val-2s"); err != nil {
		t.Fatal(err)
	}
	w.Advance(start.Add(time.Minute))
	o := w.Chain.Offences[0]
	var b blockResult
	get(t, &w, "val-1", "/block", "height="+i64(o.EvidenceAt), &b)
	if len(b.Block.Evidence.List) != 1 || b.Block.Evidence.List[0].Value.A.Address != addr {
		t.Fatalf("%+v", b.Block.Evidence)
	}
	cons, err := ConsAddress(addr)
	if err != nil {
		t.Fatal(err)
	}
	a := REST(&w, w.Host("val-1"), "/cosmos/slashing/v1beta1/signing_infos/"+cons)
	if !strings.Contains(string(a.Body), `"tombstoned":true`) || !strings.Contains(string(a.Body), "9999-12-31T23:59:59Z") {
		t.Errorf("%s", a.Body)
	}
	if a := REST(&w, w.Host("val-1"), "/cosmos/slashing/v1beta1/signing_infos/x"); a.Status != http.StatusNotFound {
		t.Errorf("%d %s", a.Status, a.Body)
	}
}

// The vectors are BIP 173's own.
func TestBech32(t *testing.T) {
	if got := bech32("a", nil); got != "a12uel5l" {
		t.Errorf("%s", got)
	}
	if got := bech32("abcdef", []byte{0x00, 0x44, 0x32, 0x14, 0xc7, 0x42, 0x54, 0xb6, 0x35, 0xcf, 0x84, 0x65, 0x3a, 0x56, 0xd7, 0xc6, 0x75, 0xbe, 0x77, 0xdf}); got != "abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw" {
		t.Errorf("%s", got)
	}
}

func BenchmarkStatus(b *testing.B) {
	w := world.New(1, start)
	for range b.N {
		RPC(&w, w.Host("val-1"), http.MethodGet, "/status", "", nil)
	}
}

func BenchmarkCommit(b *testing.B) {
	w := world.New(1, start)
	for range b.N {
		RPC(&w, w.Host("val-1"), http.MethodGet, "/commit", "height="+i64(w.Tip().Height-1), nil)
	}
}
