package config

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// A file that is wrong everywhere, or huge, is answered in human time. The bound
// is wide, the sizes are small: what grows with the square is the library's own
// search for doubles, 1.3 s for 30,000 keys.
func TestHostileFilesCostLittle(t *testing.T) {
	many := func(n int, line string) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, line, i, i)
		}
		return b.String()
	}
	for name, text := range map[string]string{
		"hosts without anything": strings.Repeat("[[host]]\n", 10_000),
		"unknown keys":           many(3_000, "k%d=%d\n"),
		"unknown references":     "[[component]]\nname=\"a\"\nmembers=[" + many(5_000, "\"m%d-%d\",") + "]\n" + many(2_000, "[[host]]\nname=\"m%d\"\naddr=\"a%d\"\n"),
		"one address":            many(2_000, "[[host]]\nname=\"h%d\"\naddr=\"192.0.2.1\"\nport=%d\n") + many(2_000, "[[drill.host]]\nname=\"h%d\"\naddr=\"192.0.2.1\"\nport=%d\n"),
		"jumps in a line":        many(3_000, "[[host]]\nname=\"h%d\"\naddr=\"a%d\"\njump=\"x\"\n"),
		"one target":             "[[component]]\nname=\"c\"\n" + many(3_000, "[[target]]\ncomponent=\"c\"\nrto=\"%dm\"\nsource=\"%d\"\n"),
		"long names":             strings.Repeat("[[host]]\nname=\""+strings.Repeat("n", 30_000)+"\"\nadr=1\n", 30),
		"one long line":          "x = \"" + strings.Repeat("y", 900<<10) + "\"",
		"deep":                   "a = " + strings.Repeat("[", 100_000),
		"dotted":                 strings.Repeat("a.", 100_000) + "a = 1",
		"broken strings":         strings.Repeat("token = \"\n", 100_000),
	} {
		start := time.Now()
		_, err := Load(write(t, text), Options{Getenv: fakeEnv(t.TempDir())})
		if took := time.Since(start); took > 30*time.Second {
			t.Errorf("%s: %s", name, took)
		} else {
			t.Logf("%s: %s, %d bytes of findings", name, took, len(fmt.Sprint(err)))
		}
	}
}
