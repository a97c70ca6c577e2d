package comet

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Vote is one vote of the running height as /consensus_state prints it.
type Vote struct {
	Index     int    // in the validator set
	Prefix    string // first 12 upper-case hex digits of the address
	Round     int32
	Precommit bool // else a prevote
	// For says what the vote is for. A place that reads "nil-Vote" is no vote
	// at all, and is left out; a vote for nothing carries a hash of zeros.
	For   For
	Block string    // first 12 upper-case hex digits of the block's hash; "" unless ForBlock
	Time  time.Time // zero if it could not be read
}

// For is what a vote is for.
type For uint8

// What a vote can be for.
const (
	ForUnread For = iota // it is a vote, but what for could not be read
	ForBlock
	ForNothing
)

// nothing is the hash that a vote for nothing carries.
const nothing = "000000000000"

// RoundState is /consensus_state.
type RoundState struct {
	Height int64
	Round  int32
	Step   int
	// Votes are the prevotes and precommits of all rounds of Height. One
	// validator may stand in it several times.
	Votes []Vote
}

// maxVotes bounds what one answer may make us keep.
const maxVotes = 4 * maxSet

// DecodeRoundState reads the body of /consensus_state. Votes that cannot be
// read are left out: they prove nothing.
func DecodeRoundState(body []byte) (RoundState, error) {
	var r struct {
		RS struct {
			HRS  string `json:"height/round/step"`
			Sets []struct {
				Round      int32    `json:"round"`
				Prevotes   []string `json:"prevotes"`
				Precommits []string `json:"precommits"`
			} `json:"height_vote_set"`
		} `json:"round_state"`
	}
	if err := result(body, &r); err != nil {
		return RoundState{}, err
	}
	out, err := parseHRS(r.RS.HRS)
	if err != nil {
		return RoundState{}, err
	}
	for _, set := range r.RS.Sets {
		for i, list := range [][]string{set.Prevotes, set.Precommits} {
			for _, s := range list {
				v, ok := parseVote(s)
				if !ok {
					continue
				}
				if v.Round, v.Precommit = set.Round, i == 1; len(out.Votes) >= maxVotes {
					return out, nil
				}
				out.Votes = append(out.Votes, v)
			}
		}
	}
	return out, nil
}

func parseHRS(s string) (RoundState, error) {
	f := strings.Split(s, "/")
	if len(f) != 3 {
		return RoundState{}, fmt.Errorf("%w: round state %.24q", ErrShape, s)
	}
	h, err1 := strconv.ParseInt(f[0], 10, 64)
	r, err2 := strconv.ParseInt(f[1], 10, 32)
	st, err3 := strconv.ParseUint(f[2], 10, 8)
	if err1 != nil || err2 != nil || err3 != nil || h < 0 {
		return RoundState{}, fmt.Errorf("%w: round state %.24q", ErrShape, s)
	}
	return RoundState{Height: h, Round: int32(r), Step: int(st)}, nil
}

// parseVote reads "Vote{1:83C395D1CAB4 98/00/TYPE(Name) BLOCK … @ time}". An
// absent one is "nil-Vote".
func parseVote(s string) (Vote, bool) {
	rest, ok := strings.CutPrefix(s, "Vote{")
	if !ok || len(s) > 1024 {
		return Vote{}, false
	}
	index, rest, ok := strings.Cut(rest, ":")
	i, err := strconv.Atoi(index)
	if !ok || err != nil || i < 0 || i >= maxSet {
		return Vote{}, false
	}
	prefix, rest, ok := strings.Cut(rest, " ")
	prefix = strings.ToUpper(prefix)
	if !ok || !twelve(prefix) {
		return Vote{}, false
	}
	v := Vote{Index: i, Prefix: prefix}
	if f := strings.Fields(rest); len(f) > 1 && twelve(strings.ToUpper(f[1])) {
		if v.For = ForNothing; f[1] != nothing {
			v.For, v.Block = ForBlock, strings.ToUpper(f[1])
		}
	}
	if _, at, ok := strings.Cut(rest, " @ "); ok {
		at = strings.TrimSuffix(at, "}")
		if t, err := time.Parse(time.RFC3339Nano, at); err == nil {
			v.Time = t.UTC()
		}
	}
	return v, true
}

// twelve says that s is 12 upper-case hex digits, as a hash is cut in votes.
func twelve(s string) bool {
	return len(s) == 12 && strings.Trim(s, "0123456789ABCDEF") == ""
}
