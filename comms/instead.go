package comms

import (
	"strings"
	"time"
)

// Promised is the time that a value names for the next update, near now; false
// when it names none.
func Promised(value string, now time.Time) (time.Time, bool) {
	now = now.UTC()
	if t, err := time.Parse("2006-01-02 15:04 UTC", value); err == nil {
		return t, true
	}
	t, err := time.Parse("15:04 UTC", strings.TrimSpace(value))
	if err != nil {
		return time.Time{}, false
	}
	at := time.Date(now.Year(), now.Month(), now.Day(), t.Hour(), t.Minute(), 0, 0, time.UTC)
	switch d := at.Sub(now); {
	case d < -12*time.Hour:
		at = at.AddDate(0, 0, 1)
	case d > 12*time.Hour:
		at = at.AddDate(0, 0, -1)
	}
	return at, true
}

// Instead is what to write in place of what p names; "" when p says it itself.
// A name of a host has its own public name, which only the caller knows.
func Instead(p Problem) string {
	switch p.Why {
	case whyHost:
		return "say what it is for: one of our machines"
	case "an IP address", "an address or a hash", "an account address":
		return "say the public name"
	case "a key file", "a path", "a stack trace", "raw command output":
		return "say what people notice, not what a machine printed"
	case "a place left to fill":
		return "fill it or take it out"
	case "not decided yet":
		return "say when more will be known"
	case "the title is too long":
		return "shorten it"
	case "a token", "a Slack token", "a signed token", "a key", "a secret", "a webhook address is a token", "an address with a password", "looks like a token":
		return "take it out; if it is real, it must be changed"
	}
	if strings.HasSuffix(p.Why, "does not say UTC") {
		return "write it as 14:30 UTC"
	}
	return ""
}
