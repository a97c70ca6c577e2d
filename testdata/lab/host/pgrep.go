//go:build linux

package host

import (
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
)

// query is one pgrep command line.
type query struct {
	pattern           *regexp.Regexp
	full, count, list bool
}

func parsePgrep(args []string) (query, error) {
	var q query
	exact, pattern, seen := false, "", false
	for _, a := range args {
		if len(a) < 2 || a[0] != '-' || seen {
			if seen {
				return q, fmt.Errorf("only one pattern can be provided")
			}
			pattern, seen = a, true
			continue
		}
		for _, o := range a[1:] {
			switch o {
			case 'f':
				q.full = true
			case 'c':
				q.count = true
			case 'a', 'l':
				q.list = true
			case 'x':
				exact = true
			default:
				return q, fmt.Errorf("invalid option -- '%c' (not emulated in the lab)", o)
			}
		}
	}
	if !seen {
		return q, fmt.Errorf("no matching criteria specified")
	}
	if exact {
		pattern = "^(?:" + pattern + ")$"
	}
	var err error
	q.pattern, err = regexp.Compile(pattern)
	return q, err
}

func (q query) matches(p Process) bool {
	if q.full {
		return q.pattern.MatchString(p.Line)
	}
	word, _, _ := strings.Cut(p.Line, " ")
	name := filepath.Base(word)
	return q.pattern.MatchString(name[:min(len(name), 15)])
}
