package nodes

import (
	"bytes"
	"fmt"
)

// Tri is true, false or unknown. The zero value is Unknown: nothing is proven
// by forgetting to look. As JSON it is true, false or null.
type Tri uint8

// The three values.
const (
	Unknown Tri = iota
	True
	False
)

// TriOf is b as a Tri.
func TriOf(b bool) Tri {
	if b {
		return True
	}
	return False
}

// Not is the opposite; unknown stays unknown.
func (t Tri) Not() Tri {
	switch t {
	case True:
		return False
	case False:
		return True
	}
	return Unknown
}

// And is false when one is false, true when both are true, else unknown.
func (t Tri) And(o Tri) Tri {
	switch {
	case t == False || o == False:
		return False
	case t == True && o == True:
		return True
	}
	return Unknown
}

// Bool is the value, and whether it is known.
func (t Tri) Bool() (value, known bool) { return t == True, t == True || t == False }

// String is "true", "false" or "unknown".
func (t Tri) String() string {
	switch t {
	case True:
		return "true"
	case False:
		return "false"
	}
	return "unknown"
}

// MarshalJSON writes true, false or null.
func (t Tri) MarshalJSON() ([]byte, error) {
	if t == Unknown {
		return []byte("null"), nil
	}
	return []byte(t.String()), nil
}

// UnmarshalJSON reads true, false or null.
func (t *Tri) UnmarshalJSON(b []byte) error {
	switch string(bytes.TrimSpace(b)) {
	case "true":
		*t = True
	case "false":
		*t = False
	case "null":
		*t = Unknown
	default:
		return fmt.Errorf("nodes: %.20q is not true, false or null", b)
	}
	return nil
}
