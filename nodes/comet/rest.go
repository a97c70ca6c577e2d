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

// Plan is /cosmos/upgrade/v1beta1/current_plan. Height 0: no upgrade is planned.
type Plan struct {
	Name   string // safe to draw
	Height int64
}

// DecodePlan reads the body of the Cosmos SDK REST server. The plan must be
// there, also when it is null: an answer that leaves it out says nothing.
func DecodePlan(body []byte) (Plan, error) {
	if len(body) > MaxBody {
		return Plan{}, ErrLarge
	}
	var r struct {
		Code    int             `json:"code"`
		Message text            `json:"message"`
		Plan    json.RawMessage `json:"plan"`
	}
	if err := json.Unmarshal(body, &r); err != nil {
		return Plan{}, shape(err)
	}
	switch {
	case r.Message != "":
		return Plan{}, &RPCError{Code: r.Code, Message: string(r.Message)}
	case len(r.Plan) == 0:
		return Plan{}, fmt.Errorf("%w: no plan", ErrShape)
	case string(r.Plan) == "null":
		return Plan{}, nil
	}
	var p struct {
		Name   text `json:"name"`
		Height num  `json:"height"`
	}
	if err := json.Unmarshal(r.Plan, &p); err != nil {
		return Plan{}, shape(err)
	}
	if p.Height < 1 {
		return Plan{}, fmt.Errorf("%w: a plan at height %d", ErrShape, int64(p.Height))
	}
	return Plan{Name: string(p.Name), Height: int64(p.Height)}, nil
}
