package comet

import (
	"context"
	"fmt"
	"time"
)

// Header is one of /blockchain: cheaper than a commit, and enough to say
// whether a block carries evidence.
type Header struct {
	ChainID      string
	Height       int64
	Time         time.Time
	Hash         string // of the block
	Last         string // hash of the block before, "" at the first
	EvidenceHash string
}

// HasEvidence says that the block carries evidence of misbehaviour.
func (h Header) HasEvidence() bool { return h.EvidenceHash != "" && h.EvidenceHash != NoEvidence }

// MaxHeaders is the most that CometBFT gives in one answer.
const MaxHeaders = 20

// DecodeHeaders reads the body of /blockchain: the newest first, without a gap,
// each naming the one below it.
func DecodeHeaders(body []byte) ([]Header, error) {
	type id struct {
		Hash hexa `json:"hash"`
	}
	var r struct {
		Metas []struct {
			ID     id `json:"block_id"`
			Header *struct {
				ChainID  text    `json:"chain_id"`
				Height   num     `json:"height"`
				Time     instant `json:"time"`
				Last     id      `json:"last_block_id"`
				Evidence hexa    `json:"evidence_hash"`
			} `json:"header"`
		} `json:"block_metas"`
	}
	if err := result(body, &r); err != nil {
		return nil, err
	}
	if len(r.Metas) > MaxHeaders {
		return nil, fmt.Errorf("%w: %d headers", ErrShape, len(r.Metas))
	}
	out := make([]Header, 0, len(r.Metas))
	for i, m := range r.Metas {
		if m.Header == nil || m.Header.Height < 1 || m.ID.Hash == "" || m.Header.Time.IsZero() {
			return nil, fmt.Errorf("%w: header %d", ErrShape, i)
		}
		h := Header{
			ChainID: string(m.Header.ChainID), Height: int64(m.Header.Height), Time: m.Header.Time.Time,
			Hash: string(m.ID.Hash), Last: string(m.Header.Last.Hash), EvidenceHash: string(m.Header.Evidence),
		}
		if i > 0 && (out[i-1].Height != h.Height+1 || out[i-1].Last != h.Hash) {
			return nil, fmt.Errorf("%w: header %d does not stand below %d", ErrShape, h.Height, out[i-1].Height)
		}
		out = append(out, h)
	}
	return out, nil
}

// GetHeaders asks for the headers lo to hi, at most MaxHeaders of them, and
// insists on hi being there. A node that has dropped the lower ones gives fewer.
func GetHeaders(ctx context.Context, g Getter, lo, hi int64) ([]Header, error) {
	path := fmt.Sprintf("/blockchain?minHeight=%d&maxHeight=%d", lo, hi)
	list, err := fetch(ctx, g, path, DecodeHeaders)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 || list[0].Height != hi || list[len(list)-1].Height < lo {
		return nil, fmt.Errorf("%s: %w: other headers than were asked for", path, ErrShape)
	}
	return list, nil
}
