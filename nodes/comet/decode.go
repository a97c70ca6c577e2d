package comet

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/virtengine/relight/safe"
)

// MaxBody is the most that is read of one answer, in bytes.
const MaxBody = 4 << 20

// maxText is the most that is kept of a text somebody else chose, in runes.
const maxText = 64

// Errors of this package.
var (
	ErrShape = errors.New("not the answer of a CometBFT node")
	ErrLarge = errors.New("answer larger than 4 MiB")
)

// RPCError is the error a node answered with, usually in an HTTP 500.
type RPCError struct {
	Code    int
	Message string // safe to draw
	Data    string // safe to draw
}

func (e *RPCError) Error() string {
	return strings.TrimSpace(fmt.Sprintf("rpc error %d: %s %s", e.Code, e.Message, e.Data))
}

// num is an int64 that CometBFT writes as a string. A bare number is taken
// too; anything else, and what does not fit, is an error.
type num int64

func (n *num) UnmarshalJSON(b []byte) error {
	if len(b) >= 2 && b[0] == '"' && b[len(b)-1] == '"' {
		b = b[1 : len(b)-1]
	}
	v, err := strconv.ParseInt(string(b), 10, 64)
	if err != nil {
		return fmt.Errorf("%.24q is no whole number", b)
	}
	*n = num(v)
	return nil
}

// text is cleaned and cut while it is read.
type text string

func (t *text) UnmarshalJSON(b []byte) error {
	var s string
	if err := json.Unmarshal(b, &s); err != nil {
		return err
	}
	*t = text(safe.Short(s, maxText))
	return nil
}

// hexa is a hash or an address: upper-case hex, or empty.
type hexa string

func (h *hexa) UnmarshalJSON(b []byte) error {
	var s string
	if err := json.Unmarshal(b, &s); err != nil {
		return err
	}
	if len(s) > 128 {
		return fmt.Errorf("a hash of %d digits", len(s))
	}
	if _, err := hex.DecodeString(s); err != nil {
		return fmt.Errorf("%.24q is no hex", s)
	}
	*h = hexa(strings.ToUpper(s))
	return nil
}

// addr is h as an address, "" when it has not the length of one.
func (h hexa) addr() string {
	if len(h) != 40 {
		return ""
	}
	return string(h)
}

// instant is an RFC 3339 time. What cannot be read is the zero time: a torn
// clock must not hide a height.
type instant struct{ time.Time }

func (t *instant) UnmarshalJSON(b []byte) error {
	var s string
	if err := json.Unmarshal(b, &s); err != nil {
		return err
	}
	v, err := time.Parse(time.RFC3339Nano, s)
	if err != nil || v.Year() < 1970 || v.Year() > 9999 {
		v = time.Time{}
	}
	t.Time = v.UTC()
	return nil
}

// result decodes the result of a JSON-RPC answer into v.
func result(body []byte, v any) error {
	if len(body) > MaxBody {
		return ErrLarge
	}
	var e struct {
		Result json.RawMessage `json:"result"`
		Error  *struct {
			Code    int  `json:"code"`
			Message text `json:"message"`
			Data    text `json:"data"`
		} `json:"error"`
	}
	if err := json.Unmarshal(body, &e); err != nil {
		return shape(err)
	}
	if e.Error != nil {
		return &RPCError{Code: e.Error.Code, Message: string(e.Error.Message), Data: string(e.Error.Data)}
	}
	if len(e.Result) == 0 || bytes.Equal(e.Result, []byte("null")) {
		return fmt.Errorf("%w: no result", ErrShape)
	}
	if err := json.Unmarshal(e.Result, v); err != nil {
		return shape(err)
	}
	return nil
}

func shape(err error) error {
	return fmt.Errorf("%w: %s", ErrShape, safe.Short(err.Error(), 120))
}

// height refuses what no chain can have.
func height(n num) (int64, error) {
	if n < 0 {
		return 0, fmt.Errorf("%w: height %d", ErrShape, int64(n))
	}
	return int64(n), nil
}
