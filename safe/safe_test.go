package safe

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestClean(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"plain", "height 12 ✓", "height 12 ✓"},
		{"colour", "\x1b[31mred\x1b[0m", "red"},
		{"clipboard after a torn lead byte", "a\xe2\x1b]52;c;ZXZpbA==\x07b", "a\uFFFDb"},
		{"bell and backspace", "ok\a\b\b", "ok"},
		{"carriage return paints over", "FAILED\rok", "FAILED\nok"},
		{"crlf", "a\r\nb", "a\nb"},
		{"c1 in utf8 loses its start and stays text", "a\u009b31mb", "a31mb"},
		{"bidi", "abc\u202ecba", "abccba"},
		{"zero width", "val\u200b-2", "val-2"},
		{"tab and no-break space", "a\tb\u00a0c", "a b c"},
		{"hangul filler", "a\u3164b", "ab"},
		{"smear", "e\u0301\u0301\u0301\u0301", "e\u0301\u0301"},
	} {
		if got := Clean(c.in); got != c.want {
			t.Errorf("%s: Clean(%q) = %q, want %q", c.name, c.in, got, c.want)
		}
	}
	if got := utf8.RuneCountInString(Clean(strings.Repeat("x", 10*MaxLine))); got != MaxLine+1 {
		t.Errorf("a long line keeps %d runes, want %d", got, MaxLine+1)
	}
	for _, n := range []int{MaxLine - 1, MaxLine, MaxLine + 1} {
		if s := strings.Repeat("x", n) + "\n" + strings.Repeat("y", n); Clean(s) != scrub(s) {
			t.Errorf("the short way and the long way differ at %d runes a line", n)
		}
	}
	if got := Short("a very long moniker", 7); got != "a very…" {
		t.Errorf("Short = %q", got)
	}
}

func FuzzClean(f *testing.F) {
	f.Add("a\xe2\x1b]52;c;x\x07b")
	f.Add("plain ~text\nin two lines")
	f.Add("\x1b[90m3:00AM\x1b[0m \x1b[1;32mINF\x1b[m\n\x1b[38;5;1mred\x1b[")
	f.Add("\x1b[2J\x1b[H\r\r\n")
	f.Fuzz(func(t *testing.T, s string) {
		got := Clean(s)
		if !utf8.ValidString(got) {
			t.Fatalf("Clean(%q) is not UTF-8: %q", s, got)
		}
		for _, r := range got {
			if r != '\n' && (!unicode.IsPrint(r) || invisible(r)) {
				t.Fatalf("Clean(%q) lets %U through", s, r)
			}
		}
		if long := scrub(s); long != got {
			t.Fatalf("the short way and the long way differ on %q: %q and %q", s, got, long)
		}
		if Clean(got) != got {
			t.Fatalf("Clean is not stable on %q", s)
		}
	})
}

func TestRedact(t *testing.T) {
	r := Redactor{}.With("xoxb-123456", "line-one\nline-two", "ab")
	got := r.Redact("token xoxb-123456 and line-two, ab stays")
	if got != "token [hidden] and [hidden], ab stays" {
		t.Errorf("Redact = %q", got)
	}
	if r.Redact(got) != got {
		t.Error("redacting twice changes the text")
	}
}

// BenchmarkClean is a chunk of output, plain and in colours.
func BenchmarkClean(b *testing.B) {
	for name, line := range map[string]string{
		"plain":  "I[2026-11-23|03:00:00.000] restored chunk 000001 of snapshot 1204052 module=statesync\n",
		"colour": "\x1b[90m3:00AM\x1b[0m \x1b[32mINF\x1b[0m restored chunk 000001 of snapshot 1204052 \x1b[36mmodule=\x1b[0mstatesync\n",
	} {
		b.Run(name, func(b *testing.B) {
			text := strings.Repeat(line, 300)
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				Clean(text)
			}
		})
	}
}
