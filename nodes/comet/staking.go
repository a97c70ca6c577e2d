package comet

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
)

// Staked is one validator as the application knows it.
type Staked struct {
	Address string // 40 upper-case hex digits, of its consensus key
	Moniker string // chosen by its own people; safe to draw
}

// DecodeStaking reads the body of /cosmos/staking/v1beta1/validators. A
// validator whose key is of another kind than Ed25519 is left out.
func DecodeStaking(body []byte) ([]Staked, error) {
	if len(body) > MaxBody {
		return nil, ErrLarge
	}
	var r struct {
		Code    int  `json:"code"`
		Message text `json:"message"`
		Vals    *[]struct {
			PubKey struct {
				Type text   `json:"@type"`
				Key  string `json:"key"`
			} `json:"consensus_pubkey"`
			About struct {
				Moniker text `json:"moniker"`
			} `json:"description"`
		} `json:"validators"`
	}
	if err := json.Unmarshal(body, &r); err != nil {
		return nil, shape(err)
	}
	if r.Vals == nil && r.Message != "" {
		return nil, &RPCError{Code: r.Code, Message: string(r.Message)}
	}
	if r.Vals == nil || len(*r.Vals) > maxSet {
		return nil, fmt.Errorf("%w: no validators", ErrShape)
	}
	var out []Staked
	for _, v := range *r.Vals {
		key, err := base64.StdEncoding.DecodeString(v.PubKey.Key)
		if err != nil || len(key) != 32 || !strings.HasSuffix(string(v.PubKey.Type), ".ed25519.PubKey") || v.About.Moniker == "" {
			continue
		}
		// An address is the first half of the key's SHA-256, cut to 20 bytes.
		sum := sha256.Sum256(key)
		out = append(out, Staked{Address: fmt.Sprintf("%X", sum[:20]), Moniker: string(v.About.Moniker)})
	}
	return out, nil
}
