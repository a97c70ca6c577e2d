package checklists

import (
	"strings"
	"testing"
)

// TestGaps: what nobody has filled is seen with the name that fits; links,
// boxes, headlines and indexes are none.
func TestGaps(t *testing.T) {
	for line, want := range map[string]string{
		"Impact: [Description]":                       "Description=impact",
		"[Description]":                               "Description=impact",
		"Cause: [Description]":                        "Description=",
		"ETA: [Estimated restoration time]":           "Estimated restoration time=eta",
		"ETA for full restoration: [Time]":            "Time=eta",
		"ETA: [TIME]":                                 "TIME=eta",
		"Window: [Time]":                              "Time=",
		"Duration: [Start time] to [End time]":        "Start time=start End time=end",
		"Impact: [Summary of impact]":                 "Summary of impact=impact",
		"Next update: [time]":                         "time=next_update",
		"[Words in brackets]":                         "Words in brackets=",
		"TODO say more, [TODO]":                       "TODO= TODO=",
		"[MAJOR OUTAGE - UPDATE] Back":                "",
		"A [RESOLVED] text":                           "",
		"[a](b), [a][b], ![a](b) and [ ] and [x] [1]": "",
		"host[one], \\[as it is], [fe80::ab], [2026]": "",
		"[{{impact}}] {{eta}}":                        "",
		"todo el mundo, TODOS, a mastodon":            "",
	} {
		var got []string
		for _, g := range Gaps(line) {
			got = append(got, g.Words+"="+GapName(line, g))
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%q: %q, want %q", line, got, want)
		}
	}
}
