package comet

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// recorded is an answer of a real CometBFT 0.38.26 network: four validators of
// power 10, a full node, one validator killed, then two, then a second node
// with the first one's key.
func recorded(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "..", "testdata", "rpc", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func must[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func TestRecordedStatus(t *testing.T) {
	st := must[Status](t)(DecodeStatus(recorded(t, "status")))
	if st.Network != "virtengine-1" || st.Moniker != "val-1" || st.Version != "0.38.26" ||
		st.Height != 8 || st.CatchingUp || st.Power != 10 ||
		st.Address != "46DA1626DB331B10409E51F25DDAAA12839FAD1B" ||
		st.BlockHash != "4570420592367A14D71825F8A1B7321C96D4DC408C1C05470A46DE7ECD4FD948" {
		t.Errorf("status = %+v", st)
	}
	if full := must[Status](t)(DecodeStatus(recorded(t, "status_full"))); full.Power != 0 || full.Address == "" {
		t.Errorf("a full node shows its own harmless key and no power, got %+v", full)
	}
	// In a halt everything in /status still looks healthy but the time.
	if h := must[Status](t)(DecodeStatus(recorded(t, "status_halted"))); h.CatchingUp || h.Height != 12 {
		t.Errorf("halted = %+v", h)
	}
	dup := must[Status](t)(DecodeStatus(recorded(t, "status_duplicate")))
	if dup.Address != st.Address || dup.ID == st.ID {
		t.Error("the second node should show the first one's address")
	}
}

func TestRecordedCommits(t *testing.T) {
	set := must[Page](t)(DecodeValidators(recorded(t, "validators")))
	c := must[Commit](t)(DecodeCommit(recorded(t, "commit_absent")))
	if !c.Canonical || len(c.Signatures) != 4 || c.HasEvidence() {
		t.Fatalf("commit = %+v", c)
	}
	for i, s := range c.Signatures {
		if i == 2 {
			if s.Flag != FlagAbsent || s.Address != "" {
				t.Errorf("signature 2 = %+v, want absent", s)
			}
		} else if s.Flag != FlagCommit || s.Address != set.Validators[i].Address {
			t.Errorf("signature %d = %+v, set has %+v: the order must be the same", i, s, set.Validators[i])
		}
	}
	if tip := must[Commit](t)(DecodeCommit(recorded(t, "commit_tip"))); tip.Canonical {
		t.Error("the commit at the tip is not canonical")
	}
	// The trap: in the halt with two of four down, the commit at the tip shows
	// three signers.
	tip := must[Commit](t)(DecodeCommit(recorded(t, "commit_tip_halted")))
	signed := 0
	for _, s := range tip.Signatures {
		if s.Flag == FlagCommit {
			signed++
		}
	}
	if signed != 3 {
		t.Errorf("%d signers", signed)
	}
}

func TestRecordedPages(t *testing.T) {
	g := getter(func(path string) []byte {
		if strings.Contains(path, "page=2") {
			return recorded(t, "validators_page2")
		}
		return recorded(t, "validators_page1")
	})
	// The recording was made with three a page: we ask for a hundred, and a
	// server that gives fewer is not believed.
	if _, err := GetSet(context.Background(), g, 6); !errors.Is(err, ErrShape) {
		t.Errorf("short pages: %v", err)
	}
	one := getter(func(string) []byte { return recorded(t, "validators") })
	h := must[Page](t)(DecodeValidators(recorded(t, "validators"))).Height
	if set := must[[]Validator](t)(GetSet(context.Background(), one, h)); len(set) != 4 || set[0].Power != 10 {
		t.Errorf("set = %+v", set)
	}
	if _, err := GetSet(context.Background(), one, h+1); !errors.Is(err, ErrShape) {
		t.Errorf("another height: %v", err)
	}
}

func TestRecordedEvidence(t *testing.T) {
	if !must[Commit](t)(DecodeCommit(recorded(t, "commit_evidence"))).HasEvidence() {
		t.Error("the evidence hash should tell")
	}
	ev := must[[]Misbehaviour](t)(DecodeEvidence(recorded(t, "block_evidence")))
	want := Misbehaviour{Kind: "tendermint/DuplicateVoteEvidence", Address: "46DA1626DB331B10409E51F25DDAAA12839FAD1B", Height: 22}
	if len(ev) != 1 || ev[0] != want {
		t.Errorf("evidence = %+v", ev)
	}
	if ev := must[[]Misbehaviour](t)(DecodeEvidence(recorded(t, "block"))); len(ev) != 0 {
		t.Errorf("a plain block carries %+v", ev)
	}
}

func TestRecordedVotes(t *testing.T) {
	rs := must[RoundState](t)(DecodeRoundState(recorded(t, "consensus_state_halted")))
	if rs.Height != 13 || rs.Round != 0 || rs.Step != 4 || len(rs.Votes) != 2 {
		t.Fatalf("round state = %+v", rs)
	}
	// The proposer was dead: a vote for nothing, which is no missing vote.
	if v := rs.Votes[0]; v.Index != 1 || v.Prefix != "46DA1626DB33" || v.Time.IsZero() || v.For != ForNothing || v.Block != "" || v.Precommit {
		t.Errorf("vote = %+v", v)
	}
	// The proposer lived: votes for its block, and still no third.
	rs = must[RoundState](t)(DecodeRoundState(recorded(t, "consensus_state_halted_block")))
	if rs.Height != 18 || len(rs.Votes) != 2 || rs.Votes[0].For != ForBlock || rs.Votes[0].Block != "99C73777345E" {
		t.Errorf("round state = %+v", rs)
	}
	// The set of the running height can be read before its block is there.
	set := must[Page](t)(DecodeValidators(recorded(t, "validators_running")))
	if set.Height != rs.Height || len(set.Validators) != 4 || set.Validators[rs.Votes[1].Index].Address[:12] != rs.Votes[1].Prefix {
		t.Errorf("set = %+v", set)
	}
}

func TestRecordedRest(t *testing.T) {
	if n := must[int](t)(DecodePeers(recorded(t, "net_info"))); n != 4 {
		t.Errorf("%d peers", n)
	}
	if n := must[int](t)(DecodePeers(recorded(t, "net_info_halted"))); n != 2 {
		t.Errorf("%d peers in the halt", n)
	}
	if app := must[App](t)(DecodeApp(recorded(t, "abci_info"))); app.Height != 8 || app.Hash != "0000000000000000" {
		t.Errorf("app = %+v", app)
	}
	var rpc *RPCError
	if _, err := DecodeCommit(recorded(t, "error_height")); !errors.As(err, &rpc) || !strings.Contains(rpc.Data, "less than or equal") {
		t.Errorf("error = %v", err)
	}
	if _, err := DecodeStatus(recorded(t, "health")); !errors.Is(err, ErrShape) {
		t.Errorf("health is no status: %v", err)
	}
}

func TestDecodePlan(t *testing.T) {
	for body, want := range map[string]Plan{
		`{"plan":null}`: {},
		`{"plan":{"name":"v2","time":"0001-01-01T00:00:00Z","height":"1218403","info":"","upgraded_client_state":null}}`: {Name: "v2", Height: 1218403},
		"{\"plan\":{\"name\":\"v\\u001b[2J\",\"height\":\"7\"}}":                                                         {Height: 7},
	} {
		if got, err := DecodePlan([]byte(body)); err != nil || got.Height != want.Height || strings.ContainsRune(got.Name, 0x1b) {
			t.Errorf("%s: %+v, %v", body, got, err)
		}
	}
	for _, body := range []string{``, `{}`, `[]`, `{"plan":{}}`, `{"plan":{"name":"x","height":"0"}}`, `{"plan":{"height":"-3"}}`, `{"plan":7}`,
		`{"code":12,"message":"Not Implemented","details":[]}`, `{"code":5,"message":"no","plan":null}`} {
		if got, err := DecodePlan([]byte(body)); err == nil {
			t.Errorf("%s: %+v", body, got)
		}
	}
}

func TestRecordedHeaders(t *testing.T) {
	list := must[[]Header](t)(DecodeHeaders(recorded(t, "blockchain")))
	if len(list) != 17 || list[0].Height != 17 || list[16].Height != 1 || list[16].Last != "" || list[0].HasEvidence() || list[3].Time.IsZero() {
		t.Fatalf("%+v", list)
	}
	whole := getter(func(string) []byte { return recorded(t, "blockchain") })
	if list, err := GetHeaders(context.Background(), whole, 1, 17); err != nil || len(list) != 17 {
		t.Errorf("%v", err)
	}
	for _, asked := range [][2]int64{{1, 18}, {3, 17}, {1, 16}} {
		if _, err := GetHeaders(context.Background(), whole, asked[0], asked[1]); !errors.Is(err, ErrShape) {
			t.Errorf("asked for %v: %v", asked, err)
		}
	}
	torn := strings.Replace(string(recorded(t, "blockchain")), list[4].Hash, list[5].Hash, 1)
	if _, err := DecodeHeaders([]byte(torn)); !errors.Is(err, ErrShape) {
		t.Errorf("a header that does not stand on the one below it: %v", err)
	}
}

func TestDecodeStaking(t *testing.T) {
	// Key and address of one validator of the recorded network.
	set := must[Page](t)(DecodeValidators(recorded(t, "validators")))
	one := func(kind, key, name string) string {
		return `{"consensus_pubkey":{"@type":"` + kind + `","key":"` + key + `"},"description":{"moniker":"` + name + `"}}`
	}
	const ed = "/cosmos.crypto.ed25519.PubKey"
	const key = "gRmWN/noWzdPmo5Io9afJOzZXE8TJ4TDh1Hix5GOpW8="
	body := `{"validators":[` + strings.Join([]string{one(ed, key, "northstake"), one("/cosmos.crypto.secp256k1.PubKey", key, "x"), one(ed, "AAAA", "x"), one(ed, "%", "x"), one(ed, key, "")}, ",") + `],"pagination":{}}`
	got := must[[]Staked](t)(DecodeStaking([]byte(body)))
	if len(got) != 1 || got[0] != (Staked{Address: set.Validators[1].Address, Moniker: "northstake"}) {
		t.Errorf("%+v", got)
	}
	for _, body := range []string{``, `{}`, `{"validators":null}`, `{"code":12,"message":"Not Implemented"}`, `{"validators":{}}`} {
		if got, err := DecodeStaking([]byte(body)); err == nil {
			t.Errorf("%s: %+v", body, got)
		}
	}
}

type getter func(path string) []byte

func (g getter) Get(_ context.Context, path string) ([]byte, error) { return g(path), nil }
