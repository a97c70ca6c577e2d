package comet

import (
	"encoding/json"
	"fmt"
	"time"
)

// SigningInfo is /cosmos/slashing/v1beta1/signing_infos/{valcons}.
type SigningInfo struct {
	Address     string // bech32 valcons, as the server says it
	JailedUntil time.Time
	Tombstoned  bool
	Missed      int64 // in the signing window of the application
}

// DecodeSigningInfo reads the body of the Cosmos SDK REST server, which knows
// no JSON-RPC envelope. tombstoned must be there.
func DecodeSigningInfo(body []byte) (SigningInfo, error) {
	if len(body) > MaxBody {
		return SigningInfo{}, ErrLarge
	}
	var r struct {
		Code    int  `json:"code"`
		Message text `json:"message"`
		Info    *struct {
			Address    string  `json:"address"`
			Until      instant `json:"jailed_until"`
			Tombstoned *bool   `json:"tombstoned"`
			Missed     num     `json:"missed_blocks_counter"`
		} `json:"val_signing_info"`
	}
	if err := json.Unmarshal(body, &r); err != nil {
		return SigningInfo{}, shape(err)
	}
	if r.Info == nil && r.Message != "" {
		return SigningInfo{}, &RPCError{Code: r.Code, Message: string(r.Message)}
	}
	if r.Info == nil || r.Info.Tombstoned == nil || len(r.Info.Address) > 128 {
		return SigningInfo{}, fmt.Errorf("%w: no val_signing_info", ErrShape)
	}
	return SigningInfo{
		Address: r.Info.Address, JailedUntil: r.Info.Until.Time,
		Tombstoned: *r.Info.Tombstoned, Missed: int64(r.Info.Missed),
	}, nil
}
