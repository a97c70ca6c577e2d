package checklists

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Fits says what is wrong with a value for a parameter and what to write instead;
// why is empty when it fits. Names of hosts, keys and nodes are checked by whoever
// knows the fleet. Units: a duration is like 10m, a time RFC 3339 with its zone, an
// int a whole number.
func Fits(q Param, v string) (why, do string) {
	switch {
	case v == "" && !q.Optional:
		return "it is empty", "give a value"
	case v == "":
		return "", ""
	case q.Type == "duration":
		if d, err := time.ParseDuration(v); err != nil || d <= 0 {
			return "it is no duration above 0", "write it like 90s or 10m"
		}
	case q.Type == "int":
		if _, err := strconv.ParseInt(v, 10, 64); err != nil {
			return "it is no whole number", "write it in figures, like 5"
		}
	case q.Type == "time":
		if _, err := time.Parse(time.RFC3339, v); err != nil {
			return "it is no time with its zone", "write it like 2026-01-30T10:00:00Z"
		}
	case q.Type == "link":
		if !strings.Contains(v, "://") {
			return "it is no link", "write it whole, with https:// before it"
		}
	case q.Type == "enum" && !contains(q.Options, v):
		return "it is none of the options", "one of " + strings.Join(q.Options, ", ")
	}
	if re, err := regexp.Compile(q.Pattern); q.Pattern != "" && err == nil && !re.MatchString(v) {
		return "it does not look as it must", "it must match " + q.Pattern
	}
	return "", ""
}
