package fence

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
)

// SignState is how far a key has signed: the height, round and step of
// CometBFT's priv_validator_state.json. Step is 0 (nothing at this height and
// round), 1 proposal, 2 prevote, 3 precommit. A file signer refuses everything
// below its state, and a different message at its state.
type SignState struct {
	Height int64 `json:"height"`
	Round  int32 `json:"round"`
	Step   int32 `json:"step"`
}

// Precommit is the step of a signature in a commit.
const Precommit = 3

// Compare orders states as integers, by height, round, step: -1, 0 or 1.
func (s SignState) Compare(o SignState) int {
	for _, d := range [3]int64{s.Height - o.Height, int64(s.Round) - int64(o.Round), int64(s.Step) - int64(o.Step)} {
		switch {
		case d < 0:
			return -1
		case d > 0:
			return 1
		}
	}
	return 0
}

// Max is the higher of both.
func (s SignState) Max(o SignState) SignState {
	if s.Compare(o) < 0 {
		return o
	}
	return s
}

// String is "height 12, round 0, step 3".
func (s SignState) String() string {
	return fmt.Sprintf("height %d, round %d, step %d", s.Height, s.Round, s.Step)
}

// ErrState says that a file is no priv_validator_state.json.
var ErrState = errors.New("not a validator sign state")

// ParseSignState reads a priv_validator_state.json. The height is a JSON
// string there ("99" is below "100"), round and step are numbers. Each of the
// three must be present and in range; the signature and sign bytes are not
// looked at.
func ParseSignState(b []byte) (SignState, error) {
	var raw struct {
		Height *string `json:"height"`
		Round  *int32  `json:"round"`
		Step   *int32  `json:"step"`
	}
	d := json.NewDecoder(bytes.NewReader(b))
	if err := d.Decode(&raw); err != nil {
		return SignState{}, fmt.Errorf("%w: %w", ErrState, err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return SignState{}, fmt.Errorf("%w: text after the object", ErrState)
	}
	if raw.Height == nil || raw.Round == nil || raw.Step == nil {
		return SignState{}, fmt.Errorf("%w: height, round or step is missing", ErrState)
	}
	h, err := strconv.ParseInt(*raw.Height, 10, 64)
	if err != nil {
		return SignState{}, fmt.Errorf("%w: height is no integer", ErrState)
	}
	s := SignState{Height: h, Round: *raw.Round, Step: *raw.Step}
	if s.Height < 0 || s.Round < 0 || s.Step < 0 || s.Step > Precommit {
		return SignState{}, fmt.Errorf("%w: out of range: %s", ErrState, s)
	}
	return s, nil
}
