package comet

import (
	"context"
	"errors"
	"fmt"
	"strconv"
)

// Getter fetches a path (with its query, starting with "/") and returns the
// body, whatever the HTTP status was: CometBFT answers errors with a 500 and a
// body that says more. It reads at most MaxBody+1 bytes.
type Getter interface {
	Get(ctx context.Context, path string) (body []byte, err error)
}

// fetch gets a path and decodes it.
func fetch[T any](ctx context.Context, g Getter, path string, decode func([]byte) (T, error)) (T, error) {
	var zero T
	body, err := g.Get(ctx, path)
	if err != nil {
		return zero, err
	}
	v, err := decode(body)
	if err != nil {
		return zero, fmt.Errorf("%s: %w", path, err)
	}
	return v, nil
}

// GetStatus asks for /status.
func GetStatus(ctx context.Context, g Getter) (Status, error) {
	return fetch(ctx, g, "/status", DecodeStatus)
}

// GetPeers asks for /net_info.
func GetPeers(ctx context.Context, g Getter) (int, error) {
	return fetch(ctx, g, "/net_info", DecodePeers)
}

// GetApp asks for /abci_info.
func GetApp(ctx context.Context, g Getter) (App, error) {
	return fetch(ctx, g, "/abci_info", DecodeApp)
}

// GetRoundState asks for /consensus_state.
func GetRoundState(ctx context.Context, g Getter) (RoundState, error) {
	return fetch(ctx, g, "/consensus_state", DecodeRoundState)
}

// GetCommit asks for /commit at a height and insists on that height.
func GetCommit(ctx context.Context, g Getter, h int64) (Commit, error) {
	c, err := fetch(ctx, g, "/commit?height="+strconv.FormatInt(h, 10), DecodeCommit)
	if err == nil && c.Height != h {
		return Commit{}, fmt.Errorf("%w: asked for commit %d, got %d", ErrShape, h, c.Height)
	}
	return c, err
}

// GetEvidence asks for the evidence in the block at a height.
func GetEvidence(ctx context.Context, g Getter, h int64) ([]Misbehaviour, error) {
	return fetch(ctx, g, "/block?height="+strconv.FormatInt(h, 10), DecodeEvidence)
}

// GetSet reads all pages of the validator set at one height, in the order of
// the signatures of that height's commit. Its sum of power is checked against
// the most CometBFT allows.
func GetSet(ctx context.Context, g Getter, h int64) ([]Validator, error) {
	var all []Validator
	var sum int64
	for page := 1; ; page++ {
		path := fmt.Sprintf("/validators?height=%d&page=%d&per_page=%d", h, page, PerPage)
		p, err := fetch(ctx, g, path, DecodeValidators)
		if err != nil {
			return nil, err
		}
		// A page is full or the last: no server can make us turn pages for ever.
		if p.Height != h || len(p.Validators) != min(PerPage, p.Total-len(all)) {
			return nil, fmt.Errorf("%s: %w: the pages do not fit together", path, ErrShape)
		}
		for _, v := range p.Validators {
			if v.Power > maxPower-sum {
				return nil, fmt.Errorf("%s: %w: too much power", path, ErrShape)
			}
			sum += v.Power
		}
		if all = append(all, p.Validators...); len(all) == p.Total {
			return all, nil
		}
	}
}

// maxPower is the most total voting power CometBFT allows: MaxInt64/8.
const maxPower = 1<<60 - 1

// IsRPC says whether the node itself answered with an error.
func IsRPC(err error) bool {
	var e *RPCError
	return errors.As(err, &e)
}
