package checklists

import "testing"

func TestFits(t *testing.T) {
	for _, c := range []struct {
		q    Param
		v    string
		good bool
	}{
		{Param{Type: "string"}, "anything", true},
		{Param{Type: "string"}, "", false},
		{Param{Type: "string", Optional: true}, "", true},
		{Param{Type: "string", Pattern: "^[0-9a-f]{4}$"}, "00ff", true},
		{Param{Type: "string", Pattern: "^[0-9a-f]{4}$"}, "00fg", false},
		{Param{Type: "duration"}, "10m", true},
		{Param{Type: "duration"}, "0s", false},
		{Param{Type: "duration"}, "ten minutes", false},
		{Param{Type: "int"}, "5", true},
		{Param{Type: "int"}, "five", false},
		{Param{Type: "time"}, "2026-01-30T10:00:00+00:00", true},
		{Param{Type: "time"}, "2026-01-30 10:00:00", false},
		{Param{Type: "link"}, "https://x.example/1", true},
		{Param{Type: "link"}, "ticket 1", false},
		{Param{Type: "enum", Options: []string{"a", "b"}}, "b", true},
		{Param{Type: "enum", Options: []string{"a", "b"}}, "c", false},
	} {
		why, do := Fits(c.q, c.v)
		if (why == "") != c.good || (why == "") != (do == "") {
			t.Errorf("%s %q: %q, %q", c.q.Type, c.v, why, do)
		}
	}
}
