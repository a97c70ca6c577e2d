package shell

import (
	"regexp"
	"strings"
	"testing"
)

// Whatever stands in a script, sed and grep answer or refuse; they never fall
// over.
func FuzzSed(f *testing.F) {
	f.Add(`s/.*"height": *"\([0-9]*\)".*/\1/p`, "\"height\": \"12\"\n")
	f.Add("2,$d;/a\\/b/!p", "a/b\nc")
	f.Add("s,\\(a*\\),<&>\\n,g", "aab")
	f.Fuzz(func(t *testing.T, script, text string) {
		cmds, err := parseSed(script, strings.HasPrefix(script, "E"))
		if err == nil {
			runSed(cmds, text, false)
		}
	})
}

func FuzzPosix(f *testing.F) {
	f.Add(`[^]a]\{1,2\}\(x\)*`, true)
	f.Add(`a+b?|c`, false)
	f.Add("[[:space:]]\\", true)
	f.Fuzz(func(t *testing.T, pattern string, extended bool) {
		if re, err := regexp.Compile(posix(pattern, extended)); err == nil {
			re.MatchString(pattern)
		}
	})
}

func TestPosix(t *testing.T) {
	for _, c := range []struct {
		pattern  string
		extended bool
		text     string
		want     bool
	}{
		{`a\{2\}`, false, "aa", true},
		{`a{2}`, false, "aa", false},
		{`a{2}`, true, "aa", true},
		{`*a`, false, "*a", true},
		{`a\|b`, false, "b", true},
		{`a|b`, false, "b", false},
		{`[^]x]`, false, "]", false},
		{`[\d]`, true, `\`, true},
		{`a^b$c`, false, "a^b$c", true},
		{`^[[:space:]]*x`, false, "  x", true},
		{`\bup\b`, true, "it is up", true},
		{`1\.5`, false, "1x5", false},
	} {
		if got := regexp.MustCompile(posix(c.pattern, c.extended)).MatchString(c.text); got != c.want {
			t.Errorf("%q (extended %v) on %q: %v", c.pattern, c.extended, c.text, got)
		}
	}
}
