package chainrpc

import (
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/virtengine/relight/drill/world"
)

// foreverJailed is where a tombstone's jail ends.
var foreverJailed = time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)

type signingInfo struct {
	Address     string    `json:"address"`
	Start       string    `json:"start_height"`
	Index       string    `json:"index_offset"`
	JailedUntil time.Time `json:"jailed_until"`
	Tombstoned  bool      `json:"tombstoned"`
	Missed      string    `json:"missed_blocks_counter"`
}

type page struct {
	Next  *string `json:"next_key"`
	Total string  `json:"total"`
}

// REST answers one GET of the SDK's REST service on h.
func REST(w *world.World, h *world.Host, path string) Answer {
	n := node{w, h}
	path = strings.TrimSuffix(path, "/")
	if cons, ok := strings.CutPrefix(path, "/cosmos/slashing/v1beta1/signing_infos/"); ok {
		return n.oneSigningInfo(cons)
	}
	switch path {
	case "/cosmos/slashing/v1beta1/signing_infos":
		return n.signingInfos()
	case "/cosmos/slashing/v1beta1/params":
		var p struct {
			Params struct {
				Window   string `json:"signed_blocks_window"`
				Min      string `json:"min_signed_per_window"`
				Jail     string `json:"downtime_jail_duration"`
				Double   string `json:"slash_fraction_double_sign"`
				Downtime string `json:"slash_fraction_downtime"`
			} `json:"params"`
		}
		p.Params.Window, p.Params.Min, p.Params.Jail = "30000", "0.050000000000000000", "600s"
		p.Params.Double, p.Params.Downtime = "0.050000000000000000", "0.010000000000000000"
		return answer(http.StatusOK, p)
	case "/cosmos/base/tendermint/v1beta1/node_info":
		return answer(http.StatusOK, struct {
			Default nodeInfo `json:"default_node_info"`
		}{infoOf(w, h)})
	case "/cosmos/base/tendermint/v1beta1/syncing":
		return answer(http.StatusOK, struct {
			Syncing bool `json:"syncing"`
		}{n.status().Sync.CatchingUp})
	case "/cosmos/base/tendermint/v1beta1/blocks/latest":
		return answer(http.StatusOK, n.block(n.tip()))
	case "/cosmos/upgrade/v1beta1/current_plan":
		return answer(http.StatusOK, struct {
			Plan *struct{} `json:"plan"`
		}{})
	case "/cosmos/staking/v1beta1/validators":
		return n.stakingValidators()
	}
	return sdkError(http.StatusNotImplemented, 12, "Not Implemented")
}

func (n node) signingInfo(v world.Validator) signingInfo {
	cons, err := ConsAddress(v.Address)
	if err != nil {
		return signingInfo{}
	}
	i := signingInfo{Address: cons, Start: "1", Index: i64(n.w.Tip().Height), JailedUntil: time.Unix(0, 0).UTC(),
		Missed: i64(n.w.MissedBlocks(v.Address))}
	if n.w.Tombstoned(v.Address) {
		i.Tombstoned, i.JailedUntil = true, foreverJailed
	}
	return i
}

func (n node) signingInfos() Answer {
	var out struct {
		Info []signingInfo `json:"info"`
		Page page          `json:"pagination"`
	}
	for _, v := range n.w.Chain.Sets[0].Vals {
		out.Info = append(out.Info, n.signingInfo(v))
	}
	out.Page.Total = i64(int64(len(out.Info)))
	return answer(http.StatusOK, out)
}

func (n node) oneSigningInfo(cons string) Answer {
	for _, v := range n.w.Chain.Sets[0].Vals {
		if i := n.signingInfo(v); i.Address == cons {
			return answer(http.StatusOK, struct {
				Info signingInfo `json:"val_signing_info"`
			}{i})
		}
	}
	return sdkError(http.StatusNotFound, 5, "SigningInfo not found for validator "+cons)
}

func (n node) stakingValidators() Answer {
	type validator struct {
		Operator string `json:"operator_address"`
		PubKey   struct {
			Type string `json:"@type"`
			Key  string `json:"key"`
		} `json:"consensus_pubkey"`
		Jailed bool   `json:"jailed"`
		Status string `json:"status"`
		Tokens string `json:"tokens"`
		About  struct {
			Moniker string `json:"moniker"`
		} `json:"description"`
	}
	var out struct {
		Vals []validator `json:"validators"`
		Page page        `json:"pagination"`
	}
	for _, s := range n.w.Chain.Sets[0].Vals {
		v := validator{Operator: "virtenginevaloper1" + strings.ToLower(s.Address[:30]), Status: "BOND_STATUS_BONDED", Tokens: i64(s.Power * 1_000_000)}
		v.PubKey.Type, v.PubKey.Key, v.About.Moniker = "/cosmos.crypto.ed25519.PubKey", s.PubKey, s.Moniker
		if n.w.Tombstoned(s.Address) {
			v.Jailed, v.Status = true, "BOND_STATUS_UNBONDING"
		}
		out.Vals = append(out.Vals, v)
	}
	out.Page.Total = i64(int64(len(out.Vals)))
	return answer(http.StatusOK, out)
}

func sdkError(status, code int, message string) Answer {
	return answer(status, struct {
		Code    int      `json:"code"`
		Message string   `json:"message"`
		Details []string `json:"details"`
	}{code, message, []string{}})
}

func answer(status int, v any) Answer {
	b, err := json.Marshal(v)
	if err != nil {
		return Answer{http.StatusInternalServerError, "text/plain", []byte(err.Error())}
	}
	return Answer{status, jsonType, b}
}
