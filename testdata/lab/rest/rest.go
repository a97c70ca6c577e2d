// Package rest is a stand-in for the REST server of a Cosmos SDK chain: the
// lab's nodes run CometBFT's kvstore application, which has no slashing module.
//
// In: the RPC of the lab's nodes; it follows the chain block by block. Out: the
// slashing endpoints, with what the blocks say: how often a key was absent from
// a commit, and whether evidence against it was committed, which on the real
// chain bans it for ever. Nothing is ever jailed for downtime here: that takes
// 28,500 blocks. Every answer carries the header X-Stand-In.
package rest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/virtengine/relight/nodes/comet"
)

// Options of Serve.
type Options struct {
	Listen string   // "127.0.0.1:1317"
	RPC    []string // base addresses, asked in turn until one answers
	Every  time.Duration
}

// forever is when a banned key is free again: the SDK's own constant.
const forever = "9999-12-31T23:59:59Z"

// info is what is known of one key.
type info struct {
	start, missed int64
	banned        bool
}

type follower struct {
	opt    Options
	client *http.Client

	mu   sync.Mutex
	next int64 // the block to read next
	keys map[string]*info
	sets map[string][]string // validators hash → addresses in the order of the signatures
}

// Serve follows the chain and answers until ctx ends.
func Serve(ctx context.Context, opt Options) error {
	if opt.Every <= 0 {
		opt.Every = 300 * time.Millisecond
	}
	l, err := net.Listen("tcp", opt.Listen)
	if err != nil {
		return fmt.Errorf("REST stand-in: %w", err)
	}
	f := &follower{opt: opt, client: &http.Client{Timeout: 3 * time.Second}, next: 2, keys: map[string]*info{}, sets: map[string][]string{}}
	srv := &http.Server{Handler: f.handler(), ReadHeaderTimeout: 5 * time.Second}
	context.AfterFunc(ctx, func() { _ = srv.Close() })
	go f.follow(ctx)
	if err := srv.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("REST stand-in: %w", err)
	}
	return nil
}

func (f *follower) follow(ctx context.Context) {
	tick := time.NewTicker(f.opt.Every)
	defer tick.Stop()
	for {
		for f.step(ctx) == nil {
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// block is what is read of /block.
type block struct {
	Block *struct {
		Header struct {
			ValidatorsHash string `json:"validators_hash"`
		} `json:"header"`
		Evidence struct {
			Evidence []struct {
				Value struct {
					VoteA struct {
						Address string `json:"validator_address"`
					} `json:"vote_a"`
				} `json:"value"`
			} `json:"evidence"`
		} `json:"evidence"`
		LastCommit struct {
			Signatures []struct {
				Flag int `json:"block_id_flag"`
			} `json:"signatures"`
		} `json:"last_commit"`
	} `json:"block"`
}

// step reads one block. Its last commit holds the signatures of the block
// before, in the order of that block's validators.
func (f *follower) step(ctx context.Context) error {
	var b block
	if err := f.get(ctx, fmt.Sprintf("/block?height=%d", f.next), &b); err != nil {
		return err
	}
	if b.Block == nil {
		return errors.New("no block")
	}
	set, err := f.validators(ctx, f.next-1)
	if err != nil {
		return err
	}
	if len(set) != len(b.Block.LastCommit.Signatures) {
		return fmt.Errorf("height %d: %d signatures for %d validators", f.next-1, len(b.Block.LastCommit.Signatures), len(set))
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for i, s := range b.Block.LastCommit.Signatures {
		k := f.keys[set[i]]
		if k == nil {
			k = &info{start: f.next - 1}
			f.keys[set[i]] = k
		}
		if s.Flag == 1 {
			k.missed++
		}
	}
	for _, e := range b.Block.Evidence.Evidence {
		if k := f.keys[e.Value.VoteA.Address]; k != nil {
			k.banned = true
		}
	}
	f.next++
	return nil
}

// validators are the addresses of a height, by index. Sets are kept by their
// hash: they hardly ever change.
func (f *follower) validators(ctx context.Context, height int64) ([]string, error) {
	var b block
	if err := f.get(ctx, fmt.Sprintf("/block?height=%d", height), &b); err != nil {
		return nil, err
	}
	if b.Block == nil {
		return nil, errors.New("no block")
	}
	hash := b.Block.Header.ValidatorsHash
	if set := f.sets[hash]; set != nil {
		return set, nil
	}
	var v struct {
		Validators []struct {
			Address string `json:"address"`
		} `json:"validators"`
	}
	if err := f.get(ctx, fmt.Sprintf("/validators?height=%d&per_page=100", height), &v); err != nil {
		return nil, err
	}
	set := make([]string, 0, len(v.Validators))
	for _, x := range v.Validators {
		set = append(set, x.Address)
	}
	f.sets[hash] = set
	return set, nil
}

func (f *follower) get(ctx context.Context, path string, into any) error {
	var last error
	for _, base := range f.opt.RPC {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, base+path, nil)
		if err != nil {
			return err
		}
		resp, err := f.client.Do(req)
		if err != nil {
			last = err
			continue
		}
		b, err := io.ReadAll(io.LimitReader(resp.Body, 8<<20))
		_ = resp.Body.Close()
		var answer struct {
			Result json.RawMessage `json:"result"`
			Error  *struct {
				Data string `json:"data"`
			} `json:"error"`
		}
		if err == nil {
			err = json.Unmarshal(b, &answer)
		}
		if err == nil && answer.Error != nil {
			err = errors.New(answer.Error.Data)
		}
		if err == nil {
			return json.Unmarshal(answer.Result, into)
		}
		last = err
	}
	return last
}

func (f *follower) handler() http.Handler {
	const base = "/cosmos/slashing/v1beta1/"
	mux := http.NewServeMux()
	answer := func(w http.ResponseWriter, code int, v any) {
		w.Header().Set("X-Stand-In", "relight lab: no Cosmos SDK here, read off the blocks")
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(code)
		_ = json.NewEncoder(w).Encode(v)
	}
	mux.HandleFunc("GET "+base+"params", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusOK, map[string]map[string]string{"params": {
			"signed_blocks_window": "30000", "min_signed_per_window": "0.050000000000000000", "downtime_jail_duration": "600s",
			"slash_fraction_double_sign": "0.050000000000000000", "slash_fraction_downtime": "0.000100000000000000"}})
	})
	mux.HandleFunc("GET "+base+"signing_infos", func(w http.ResponseWriter, r *http.Request) {
		prefix := r.URL.Query().Get("prefix") // the stand-in's own: without a chain there is none to know
		if prefix == "" {
			prefix = "vevalcons"
		}
		list := f.list(prefix)
		answer(w, http.StatusOK, map[string]any{"info": list, "pagination": map[string]any{"next_key": nil, "total": strconv.Itoa(len(list))}})
	})
	mux.HandleFunc("GET "+base+"signing_infos/{address}", func(w http.ResponseWriter, r *http.Request) {
		want := r.PathValue("address")
		prefix, _, _ := strings.Cut(want, "1")
		for _, s := range f.list(prefix) {
			if s.Address == want {
				answer(w, http.StatusOK, map[string]signing{"val_signing_info": s})
				return
			}
		}
		answer(w, http.StatusNotFound, map[string]any{"code": 5, "message": "SigningInfo not found for validator " + want, "details": []string{}})
	})
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		answer(w, http.StatusNotImplemented, map[string]any{"code": 12, "message": "this is the lab's stand-in: only " + base + " is answered", "details": []string{}})
	})
	return mux
}

// signing is the SDK's ValidatorSigningInfo.
type signing struct {
	Address     string `json:"address"`
	Start       string `json:"start_height"`
	Index       string `json:"index_offset"`
	JailedUntil string `json:"jailed_until"`
	Tombstoned  bool   `json:"tombstoned"`
	Missed      string `json:"missed_blocks_counter"`
}

func (f *follower) list(prefix string) []signing {
	f.mu.Lock()
	defer f.mu.Unlock()
	var out []signing
	for address, k := range f.keys {
		cons, err := comet.Valcons(prefix, address)
		if err != nil {
			return nil
		}
		s := signing{Address: cons, Start: strconv.FormatInt(k.start, 10), Index: strconv.FormatInt(f.next-1-k.start, 10),
			JailedUntil: "1970-01-01T00:00:00Z", Tombstoned: k.banned, Missed: strconv.FormatInt(k.missed, 10)}
		if k.banned {
			s.JailedUntil = forever
		}
		out = append(out, s)
	}
	slices.SortFunc(out, func(a, b signing) int { return strings.Compare(a.Address, b.Address) })
	return out
}
