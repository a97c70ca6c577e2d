package comms

import "strings"

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
	switch {
	case strings.HasSuffix(p.Why, "does not say UTC"), p.Why == whyNoTime:
		return "write it as 14:30 UTC"
	case p.Why == whyFuture, p.Why == whyBefore:
		return "write when it ended, with its day if that was not today: 2026-11-23 14:30 UTC"
	}
	return ""
}
