package comet

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestHostileStatus(t *testing.T) {
	good := string(recorded(t, "status"))
	for _, c := range []struct{ name, body string }{
		{"empty", ""},
		{"html", "<html>502 Bad Gateway</html>"},
		{"truncated", good[:len(good)/2]},
		{"null result", `{"result":null}`},
		{"list", `[]`},
		{"height as text", strings.Replace(good, `"latest_block_height":"8"`, `"latest_block_height":"eight"`, 1)},
		{"height too large", strings.Replace(good, `"latest_block_height":"8"`, `"latest_block_height":"92233720368547758080"`, 1)},
		{"height below zero", strings.Replace(good, `"latest_block_height":"8"`, `"latest_block_height":"-8"`, 1)},
		{"height as a fraction", strings.Replace(good, `"latest_block_height":"8"`, `"latest_block_height":8.5`, 1)},
		{"height left out", strings.Replace(good, `"latest_block_height":"8",`, ``, 1)},
		{"catching_up left out", strings.Replace(good, `,"catching_up":false`, ``, 1)},
		{"catching_up as text", strings.Replace(good, `"catching_up":false`, `"catching_up":"false"`, 1)},
		{"hash that is none", strings.Replace(good, `"latest_block_hash":"4570`, `"latest_block_hash":"zz70`, 1)},
		{"moniker as a number", strings.Replace(good, `"moniker":"val-1"`, `"moniker":7`, 1)},
		{"deep", strings.Repeat("[", 100_000)},
	} {
		if st, err := DecodeStatus([]byte(c.body)); !errors.Is(err, ErrShape) {
			t.Errorf("%s: %+v, %v", c.name, st, err)
		}
	}
	if _, err := DecodeStatus(make([]byte, MaxBody+1)); !errors.Is(err, ErrLarge) {
		t.Errorf("large: %v", err)
	}
	st, err := DecodeStatus([]byte(strings.Replace(good, `"moniker":"val-1"`, `"moniker":"\u001b]52;c;aGk=\u0007\u202eval"`, 1)))
	if err != nil || st.Moniker != "val" {
		t.Errorf("moniker = %q, %v", st.Moniker, err)
	}
	st, err = DecodeStatus([]byte(strings.Replace(good, `"latest_block_height":"8"`, `"latest_block_height":8`, 1)))
	if err != nil || st.Height != 8 {
		t.Errorf("a bare number: %d, %v", st.Height, err)
	}
	st, err = DecodeStatus([]byte(strings.Replace(good, `46DA1626DB331B10409E51F25DDAAA12839FAD1B`, `46da1626db331b10409e51f25ddaaa12839fad1b`, 1)))
	if err != nil || st.Address != "46DA1626DB331B10409E51F25DDAAA12839FAD1B" {
		t.Errorf("case: %q, %v", st.Address, err)
	}
	if st, err = DecodeStatus([]byte(strings.Replace(good, `46DA1626DB331B10409E51F25DDAAA12839FAD1B`, `46DA`, 1))); err != nil || st.Address != "" {
		t.Errorf("a short address: %q, %v", st.Address, err)
	}
}

func TestHostileCommit(t *testing.T) {
	good := string(recorded(t, "commit_canonical"))
	for name, body := range map[string]string{
		"two heights":     strings.Replace(good, `"commit":{"height":"6"`, `"commit":{"height":"7"`, 1),
		"flag 0":          strings.Replace(good, `"block_id_flag":2`, `"block_id_flag":0`, 1),
		"flag 9":          strings.Replace(good, `"block_id_flag":2`, `"block_id_flag":9`, 1),
		"signed, no name": strings.Replace(good, `"validator_address":"2738A9803B1323E8F74C41A3DEE2486A59586A85"`, `"validator_address":""`, 1),
		"no header":       strings.Replace(good, `"header"`, `"heater"`, 1),
	} {
		if body == good {
			t.Fatalf("%s: nothing was replaced", name)
		}
		if _, err := DecodeCommit([]byte(body)); !errors.Is(err, ErrShape) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestVotes(t *testing.T) {
	for in, want := range map[string]bool{
		"nil-Vote": false,
		"Vote{1:83C395D1CAB4 98/00/SIGNED_MSG_TYPE_PREVOTE(Prevote) FB31423F06B1 AAAA @ 2026-01-01T00:00:00Z}": true, // 0.37: no extension
		"Vote{1:83C395D1CAB 98/00}":   false,
		"Vote{-1:83C395D1CAB4 98/00}": false,
		"Vote{1:83C395D1CAXX 98/00}":  false,
		"Vote{1 83C395D1CAB4":         false,
	} {
		if v, ok := parseVote(in); ok != want {
			t.Errorf("%q: %+v %v", in, v, ok)
		}
	}
}

func TestValcons(t *testing.T) {
	// A test vector of BIP 173: all 32 letters in order are just 20 bytes.
	got, err := Valcons("abcdef", "00443214C74254B635CF84653A56D7C675BE77DF")
	if err != nil || got != "abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw" {
		t.Errorf("%q, %v", got, err)
	}
	for _, bad := range [][2]string{{"bc", "751E"}, {"", "751E76E8199196D454941C45D1B3A323F1433BD6"}, {"BC", "751E76E8199196D454941C45D1B3A323F1433BD6"}, {"b c", "751E76E8199196D454941C45D1B3A323F1433BD6"}} {
		if got, err := Valcons(bad[0], bad[1]); err == nil {
			t.Errorf("%v gave %q", bad, got)
		}
	}
}

func TestSigningInfo(t *testing.T) {
	i, err := DecodeSigningInfo([]byte(`{"val_signing_info":{"address":"x","start_height":"0","index_offset":"9","jailed_until":"9999-12-31T23:59:59Z","tombstoned":true,"missed_blocks_counter":"28"}}`))
	if err != nil || !i.Tombstoned || i.Missed != 28 || i.JailedUntil.Year() != 9999 {
		t.Errorf("%+v, %v", i, err)
	}
	var rpc *RPCError
	if _, err := DecodeSigningInfo([]byte(`{"code":5,"message":"SigningInfo not found for validator","details":[]}`)); !errors.As(err, &rpc) || rpc.Code != 5 {
		t.Errorf("not found: %v", err)
	}
	if _, err := DecodeSigningInfo([]byte(`{"val_signing_info":{"jailed_until":"1970-01-01T00:00:00Z"}}`)); !errors.Is(err, ErrShape) {
		t.Errorf("tombstoned left out: %v", err)
	}
}

// FuzzDecode gives every decoder any bytes: no panic, no text that is not safe
// to draw, no number that cannot be.
func FuzzDecode(f *testing.F) {
	files, err := filepath.Glob(filepath.Join("..", "..", "testdata", "rpc", "*.json"))
	if err != nil || len(files) == 0 {
		f.Fatal("no recordings", err)
	}
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Add([]byte(`{"result":{"sync_info":{"latest_block_height":"1","catching_up":true}}}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		clean := func(s string) {
			if !utf8.ValidString(s) || utf8.RuneCountInString(s) > 200 {
				t.Fatalf("unsafe %q", s)
			}
			for _, r := range s {
				if !unicode.IsPrint(r) {
					t.Fatalf("unsafe %q", s)
				}
			}
		}
		if list, err := DecodeHeaders(body); err == nil {
			for _, h := range list {
				if clean(h.ChainID); h.Height < 1 || h.Hash == "" {
					t.Fatalf("%+v", h)
				}
			}
		}
		if list, err := DecodeStaking(body); err == nil {
			for _, v := range list {
				if clean(v.Moniker); len(v.Address) != 40 {
					t.Fatalf("%+v", v)
				}
			}
		}
		if p, err := DecodePlan(body); err == nil {
			if clean(p.Name); p.Height < 0 {
				t.Fatalf("%+v", p)
			}
		}
		if st, err := DecodeStatus(body); err == nil {
			clean(st.Moniker)
			clean(st.Network)
			clean(st.Version)
			clean(st.ID)
			if st.Height < 0 || st.Power < 0 || (st.Address != "" && len(st.Address) != 40) {
				t.Fatalf("%+v", st)
			}
		} else if !errors.Is(err, ErrShape) {
			clean(err.Error())
		}
		if c, err := DecodeCommit(body); err == nil && (c.Height < 1 || c.Hash == "") {
			t.Fatalf("%+v", c)
		}
		if p, err := DecodeValidators(body); err == nil && (p.Total < len(p.Validators) || len(p.Validators) == 0) {
			t.Fatalf("%+v", p)
		}
		if rs, err := DecodeRoundState(body); err == nil {
			for _, v := range rs.Votes {
				if v.Index < 0 || len(v.Prefix) != 12 {
					t.Fatalf("%+v", v)
				}
			}
		}
		if n, err := DecodePeers(body); err == nil && n < 0 {
			t.Fatal(n)
		}
		if app, err := DecodeApp(body); err == nil && app.Height < 0 {
			t.Fatalf("%+v", app)
		}
		if list, err := DecodeEvidence(body); err == nil {
			for _, m := range list {
				clean(m.Kind)
			}
		}
		_, _ = DecodeSigningInfo(body)
	})
}
