package comet

import (
	"fmt"
	"time"
)

// Flag is what a validator did with a block.
type Flag uint8

// The block id flags. Only FlagCommit is a signature of the block.
const (
	FlagAbsent Flag = 1
	FlagCommit Flag = 2
	FlagNil    Flag = 3 // voted for nothing
)

// NoEvidence is the evidence hash of a header whose block carries none: the
// SHA-256 of nothing.
const NoEvidence = "E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855"

// Signature is one entry of a commit, in the order of the validator set.
// Address is empty when Flag is FlagAbsent.
type Signature struct {
	Flag    Flag
	Address string
}

// Commit is /commit: a header and who signed its block.
type Commit struct {
	ChainID        string
	Height         int64
	Round          int32
	Time           time.Time
	Hash           string // of the block
	Last           string // hash of the block before, "" at the first
	AppHash        string // the result of Height-1
	ValidatorsHash string
	EvidenceHash   string
	// Canonical is false at the tip: late votes are still missing there.
	Canonical  bool
	Signatures []Signature
}

// HasEvidence says that the block carries evidence of misbehaviour.
func (c Commit) HasEvidence() bool { return c.EvidenceHash != "" && c.EvidenceHash != NoEvidence }

// maxSet is more validators than a chain of this kind can have.
const maxSet = 20_000

// DecodeCommit reads the body of /commit.
func DecodeCommit(body []byte) (Commit, error) {
	var r struct {
		SH struct {
			Header *struct {
				ChainID text    `json:"chain_id"`
				Height  num     `json:"height"`
				Time    instant `json:"time"`
				Last    struct {
					Hash hexa `json:"hash"`
				} `json:"last_block_id"`
				AppHash  hexa `json:"app_hash"`
				ValHash  hexa `json:"validators_hash"`
				Evidence hexa `json:"evidence_hash"`
			} `json:"header"`
			Commit *struct {
				Height  num   `json:"height"`
				Round   int32 `json:"round"`
				BlockID struct {
					Hash hexa `json:"hash"`
				} `json:"block_id"`
				Sigs []struct {
					Flag    uint8 `json:"block_id_flag"`
					Address hexa  `json:"validator_address"`
				} `json:"signatures"`
			} `json:"commit"`
		} `json:"signed_header"`
		Canonical bool `json:"canonical"`
	}
	if err := result(body, &r); err != nil {
		return Commit{}, err
	}
	h, c := r.SH.Header, r.SH.Commit
	if h == nil || c == nil || h.Height != c.Height || h.Height < 1 || c.BlockID.Hash == "" {
		return Commit{}, fmt.Errorf("%w: no signed header", ErrShape)
	}
	if len(c.Sigs) > maxSet {
		return Commit{}, fmt.Errorf("%w: %d signatures", ErrShape, len(c.Sigs))
	}
	out := Commit{
		ChainID: string(h.ChainID), Height: int64(h.Height), Round: c.Round, Time: h.Time.Time,
		Hash: string(c.BlockID.Hash), Last: string(h.Last.Hash), AppHash: string(h.AppHash), ValidatorsHash: string(h.ValHash),
		EvidenceHash: string(h.Evidence), Canonical: r.Canonical,
		Signatures: make([]Signature, len(c.Sigs)),
	}
	for i, s := range c.Sigs {
		f := Flag(s.Flag)
		if f < FlagAbsent || f > FlagNil || (f != FlagAbsent && s.Address.addr() == "") {
			return Commit{}, fmt.Errorf("%w: signature %d", ErrShape, i)
		}
		out.Signatures[i] = Signature{Flag: f, Address: s.Address.addr()}
	}
	return out, nil
}

// Validator is one member of a set.
type Validator struct {
	Address string
	Power   int64
}

// Page is one page of /validators.
type Page struct {
	Height     int64
	Total      int
	Validators []Validator
}

// PerPage is the most CometBFT returns on one page; its default is 30.
const PerPage = 100

// DecodeValidators reads the body of /validators.
func DecodeValidators(body []byte) (Page, error) {
	var r struct {
		Height num `json:"block_height"`
		Total  num `json:"total"`
		Vals   []struct {
			Address hexa `json:"address"`
			Power   num  `json:"voting_power"`
		} `json:"validators"`
	}
	if err := result(body, &r); err != nil {
		return Page{}, err
	}
	if r.Height < 1 || r.Total < 1 || r.Total > maxSet || len(r.Vals) == 0 || num(len(r.Vals)) > r.Total {
		return Page{}, fmt.Errorf("%w: %d of %d validators", ErrShape, len(r.Vals), int64(r.Total))
	}
	p := Page{Height: int64(r.Height), Total: int(r.Total), Validators: make([]Validator, len(r.Vals))}
	for i, v := range r.Vals {
		if v.Address.addr() == "" || v.Power < 0 {
			return Page{}, fmt.Errorf("%w: validator %d", ErrShape, i)
		}
		p.Validators[i] = Validator{Address: v.Address.addr(), Power: int64(v.Power)}
	}
	return p, nil
}

// Misbehaviour is one piece of evidence in a block.
type Misbehaviour struct {
	Kind    string
	Address string // "" for kinds that name nobody
	Height  int64
}

// DecodeEvidence reads the evidence from the body of /block. The fields of the
// duplicate vote are in two cases, as CometBFT writes them; only the lower
// ones are needed.
func DecodeEvidence(body []byte) ([]Misbehaviour, error) {
	type vote struct {
		Height  num  `json:"height"`
		Address hexa `json:"validator_address"`
	}
	var r struct {
		Block *struct {
			Evidence struct {
				List []struct {
					Type  text `json:"type"`
					Value struct {
						A      vote `json:"vote_a"`
						B      vote `json:"vote_b"`
						Common num  `json:"CommonHeight"`
					} `json:"value"`
				} `json:"evidence"`
			} `json:"evidence"`
		} `json:"block"`
	}
	if err := result(body, &r); err != nil {
		return nil, err
	}
	if r.Block == nil {
		return nil, fmt.Errorf("%w: no block", ErrShape)
	}
	var out []Misbehaviour
	for _, e := range r.Block.Evidence.List {
		m := Misbehaviour{Kind: string(e.Type), Address: e.Value.A.Address.addr(), Height: int64(e.Value.A.Height)}
		if m.Address == "" {
			m.Address = e.Value.B.Address.addr()
		}
		if m.Height == 0 {
			m.Height = int64(e.Value.Common)
		}
		out = append(out, m)
	}
	return out, nil
}
