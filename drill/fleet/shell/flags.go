package shell

import (
	"fmt"
	"strings"
)

// flags are parsed options of a command: single letters, and long names.
type flags struct {
	on   map[string]bool
	val  map[string][]string
	rest []string
}

func (f flags) has(names ...string) bool {
	for _, n := range names {
		if f.on[n] {
			return true
		}
	}
	return false
}

// last is the last value given to any of the names.
func (f flags) last(names ...string) string {
	for _, n := range names {
		if v := f.val[n]; len(v) > 0 {
			return v[len(v)-1]
		}
	}
	return ""
}

// parseFlags reads options as getopt does. spec lists what is known: single
// letters and long names separated by blanks, with "=" behind those that take
// a value. Options may stand between operands until "--".
func parseFlags(args []string, spec string) (flags, error) {
	takes := map[string]bool{}
	known := map[string]bool{}
	for _, s := range strings.Fields(spec) {
		n, value := strings.CutSuffix(s, "=")
		known[n], takes[n] = true, value
	}
	f := flags{on: map[string]bool{}, val: map[string][]string{}}
	give := func(n, v string) {
		f.on[n] = true
		f.val[n] = append(f.val[n], v)
	}
	for len(args) > 0 {
		a := args[0]
		args = args[1:]
		switch {
		case a == "--":
			f.rest = append(f.rest, args...)
			return f, nil
		case strings.HasPrefix(a, "--"):
			n, v, inline := strings.Cut(a[2:], "=")
			switch {
			case !known[n]:
				return f, fmt.Errorf("unrecognized option '%s'", a)
			case takes[n] && !inline:
				if len(args) == 0 {
					return f, fmt.Errorf("option '%s' requires an argument", a)
				}
				v, args = args[0], args[1:]
			}
			give(n, v)
		case len(a) > 1 && a[0] == '-':
			for i := 1; i < len(a); i++ {
				n := a[i : i+1]
				if !known[n] {
					return f, fmt.Errorf("invalid option -- '%s'", n)
				}
				if !takes[n] {
					give(n, "")
					continue
				}
				v := a[i+1:]
				if v == "" {
					if len(args) == 0 {
						return f, fmt.Errorf("option requires an argument -- '%s'", n)
					}
					v, args = args[0], args[1:]
				}
				give(n, v)
				break
			}
		default:
			f.rest = append(f.rest, a)
		}
	}
	return f, nil
}

// with parses the flags of a command and runs it, or says what is wrong.
func with(spec string, f func(*call, flags) int) command {
	return func(c *call) int {
		fl, err := parseFlags(c.args, spec)
		if err != nil {
			return c.usage("%v", err)
		}
		return f(c, fl)
	}
}
