package comet

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"
	"time"
)

// Status is /status.
type Status struct {
	ID         string
	Network    string
	Moniker    string
	Version    string
	Height     int64
	BlockTime  time.Time // 1970 before the first block
	BlockHash  string
	AppHash    string // of the header at Height: the result of Height-1
	CatchingUp bool
	Address    string // of the node's own validator key; every node has one
	Power      int64
}

// DecodeStatus reads the body of /status. catching_up must be there: a node
// that leaves it out is not taken for one in step.
func DecodeStatus(body []byte) (Status, error) {
	var r struct {
		NodeInfo struct {
			ID      text `json:"id"`
			Network text `json:"network"`
			Version text `json:"version"`
			Moniker text `json:"moniker"`
		} `json:"node_info"`
		SyncInfo *struct {
			Hash    hexa    `json:"latest_block_hash"`
			AppHash hexa    `json:"latest_app_hash"`
			Height  *num    `json:"latest_block_height"`
			Time    instant `json:"latest_block_time"`
			Catch   *bool   `json:"catching_up"`
		} `json:"sync_info"`
		Validator struct {
			Address hexa `json:"address"`
			Power   num  `json:"voting_power"`
		} `json:"validator_info"`
	}
	if err := result(body, &r); err != nil {
		return Status{}, err
	}
	if r.SyncInfo == nil || r.SyncInfo.Height == nil || r.SyncInfo.Catch == nil {
		return Status{}, fmt.Errorf("%w: no sync_info", ErrShape)
	}
	h, err := height(*r.SyncInfo.Height)
	if err != nil {
		return Status{}, err
	}
	return Status{
		ID: string(r.NodeInfo.ID), Network: string(r.NodeInfo.Network),
		Moniker: string(r.NodeInfo.Moniker), Version: string(r.NodeInfo.Version),
		Height: h, BlockTime: r.SyncInfo.Time.Time,
		BlockHash: string(r.SyncInfo.Hash), AppHash: string(r.SyncInfo.AppHash),
		CatchingUp: *r.SyncInfo.Catch,
		Address:    r.Validator.Address.addr(), Power: max(int64(r.Validator.Power), 0),
	}, nil
}

// DecodePeers reads the number of peers from the body of /net_info. A peer
// that was stopped stays counted for a minute.
func DecodePeers(body []byte) (int, error) {
	var r struct {
		N *num `json:"n_peers"`
	}
	if err := result(body, &r); err != nil {
		return 0, err
	}
	if r.N == nil || *r.N < 0 || *r.N > 1<<20 {
		return 0, fmt.Errorf("%w: no n_peers", ErrShape)
	}
	return int(*r.N), nil
}

// App is /abci_info: what the application itself came to.
type App struct {
	Height int64
	Hash   string // upper-case hex, the result of Height
}

// DecodeApp reads the body of /abci_info.
func DecodeApp(body []byte) (App, error) {
	var r struct {
		Response struct {
			Height num    `json:"last_block_height"`
			Hash   string `json:"last_block_app_hash"` // base64, unlike all other hashes
		} `json:"response"`
	}
	if err := result(body, &r); err != nil {
		return App{}, err
	}
	h, err := height(r.Response.Height)
	if err != nil {
		return App{}, err
	}
	b, err := base64.StdEncoding.DecodeString(r.Response.Hash)
	if err != nil || len(b) > 64 {
		return App{}, fmt.Errorf("%w: last_block_app_hash", ErrShape)
	}
	return App{Height: h, Hash: strings.ToUpper(hex.EncodeToString(b))}, nil
}
