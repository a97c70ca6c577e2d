package paper

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/charmbracelet/x/ansi"
	"pgregory.net/rapid"

	"github.com/virtengine/relight/actions/fence"
	"github.com/virtengine/relight/checklists"
	"github.com/virtengine/relight/config"
)

var update = flag.Bool("update", false, "write the goldens anew, then read the difference")

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// harbour is a runbook with everything a page can show.
func harbour(t testing.TB) checklists.Book {
	t.Helper()
	src, err := os.ReadFile(filepath.Join("testdata", "harbour-light.md"))
	if err != nil {
		t.Fatal(err)
	}
	b, problems := checklists.Parse("harbour-light.md", src, nil)
	for _, p := range problems {
		if !p.Warn {
			t.Fatal(p)
		}
	}
	b.SHA256 = strings.Repeat("ab", 32) // its text is not what is tested
	return b
}

func lamps() config.Fleet {
	return config.Fleet{
		Hosts: []config.Host{{Name: "east", Addr: "192.0.2.1", Unit: "lamp", Groups: []string{"lamps"}}, {Name: "west", Addr: "192.0.2.2", Unit: "lamp", Groups: []string{"lamps"}}},
		Keys:  []config.Key{{Name: "flame", PublicName: "Harbour", Address: "AA", Hosts: []string{"east", "west"}, Standbys: []string{"west"}}},
		Channels: []config.Channel{{Name: "radio", Audience: config.Public, Target: "channel 16"},
			{Name: "shout", Audience: config.Internal, Target: "the stairs"}},
		Say: []config.Say{{Template: "ships", To: []string{"radio"}, Due: 15 * time.Minute, Timed: true, Every: map[string]time.Duration{"sev2": time.Hour}},
			{Template: "watch", To: []string{"shout"}}},
		Targets: []config.Target{{Component: "Light", RTO: 15 * time.Minute, RPO: 0, HasRPO: true, Source: "the harbour's book"}},
		People:  []config.Person{{Name: "mira", Roles: []string{"commander"}, Phone: "+44 20 7946 0001"}, {Name: "dan", Roles: []string{"ops", "deputy"}}},
	}
}

// golden compares both forms of a sheet with what was looked at.
func golden(t *testing.T, name string, s Sheet) {
	t.Helper()
	page := HTML(s)
	for path, got := range map[string]string{name + ".txt": Text(s), name + ".html": page} {
		path = filepath.Join("testdata", path)
		if *update {
			if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil || got != string(want) {
			t.Errorf("%s changed (%v): go test ./paper -update, then read the difference", path, err)
		}
	}
	fitsPaper(t, Text(s))
	standsAlone(t, page)
}

type failer interface {
	Helper()
	Errorf(format string, args ...any)
}

// fitsPaper: no line is wider than 80 columns, no page longer than 60 lines,
// and nothing in it moves a printer but the form feeds.
func fitsPaper(t failer, text string) {
	t.Helper()
	for n, page := range strings.Split(text, "\f") {
		lines := strings.Split(strings.TrimSuffix(page, "\n"), "\n")
		if len(lines) > pageLines {
			t.Errorf("page %d has %d lines", n+1, len(lines))
		}
		for _, l := range lines {
			if w := ansi.StringWidth(l); w > columns {
				t.Errorf("page %d: %d columns: %q", n+1, w, l)
			}
		}
	}
	for _, r := range text {
		if unicode.IsControl(r) && r != '\n' && r != '\f' {
			t.Errorf("%U in the text", r)
		}
	}
}

var (
	tagForm  = regexp.MustCompile(`<(/?[a-zA-Z!][^\s>/]*)([^>]*)>`)
	loadForm = regexp.MustCompile(`(?i)\b(src|href|srcset|action|data|background)\s*=|@import|url\(|\bon[a-z]+\s*=`)
)

// standsAlone: an HTML page loads nothing, runs nothing, and has no element but
// those of the template.
func standsAlone(t failer, page string) {
	t.Helper()
	const known = " !DOCTYPE html head meta title style body h1 h2 h3 h4 p ul li span i table colgroup col thead tbody tr th td div section "
	for _, m := range tagForm.FindAllStringSubmatch(page, -1) {
		if !strings.Contains(known, " "+strings.TrimPrefix(m[1], "/")+" ") {
			t.Errorf("a strange element %q", m[0])
		}
		if loadForm.MatchString(m[2]) {
			t.Errorf("an element that loads or runs: %q", m[0])
		}
	}
	_, style, _ := strings.Cut(page, "<style>")
	style, _, _ = strings.Cut(style, "</style>")
	if strings.Contains(style, "url(") || strings.Contains(style, "@import") {
		t.Errorf("the style loads something")
	}
}

func TestRunbook(t *testing.T) {
	o := Order{Book: harbour(t), Params: map[string]string{"key": "flame", "lamp": "east", "pass": "hunter2"}, Fleet: lamps(), Now: noon}
	golden(t, "harbour-light", Runbook(o))
	page := HTML(Runbook(o))
	if strings.Contains(Text(Runbook(o))+page, "hunter2") {
		t.Error("a secret was printed")
	}
}

// Without values and a configuration there are lines to write on, and nothing
// is left out.
func TestRunbookWithoutAnything(t *testing.T) {
	golden(t, "harbour-light-bare", Runbook(Order{Book: harbour(t), Now: noon}))
}

// The rows of the fence on paper are those of the protocol.
func TestProofsAreAll(t *testing.T) {
	if n := len(fence.Judge(fence.Evidence{}, noon).Items); len(proofs("x", "y")) != n {
		t.Errorf("%d rows on paper, the protocol has %d", len(proofs("x", "y")), n)
	}
}

// Every probe of the table is said in words.
func TestEveryProbeHasWords(t *testing.T) {
	for _, s := range checklists.Probes() {
		for _, lit := range []string{"true", "false", "3"} {
			says, _ := assertion(checklists.Probe{Kind: s.Kind, Field: s.Field, Op: "==", Lit: lit}, "thing")
			if says == "" || strings.Contains(says, "%!") || strings.Contains(says, "_") {
				t.Errorf("%s.%s == %s says %q", s.Kind, s.Field, lit, says)
			}
		}
	}
}

// Every shipped runbook comes out whole: each step, and each line of each
// command that is run.
func TestEveryShippedRunbook(t *testing.T) {
	books, err := checklists.Library()
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range books {
		if b, err = checklists.Include(b, checklists.Find); err != nil {
			t.Fatal(err)
		}
		s := Runbook(Order{Book: b, Fleet: lamps(), Now: noon})
		text := Text(s)
		page := HTML(s)
		fitsPaper(t, text)
		standsAlone(t, page)
		typed := strings.NewReplacer("\n", "", " ", "", ">", "", "|", "").Replace(withoutFeet(text))
		for _, st := range b.Steps() {
			want := []string{st.Title}
			for _, r := range []*checklists.Block{st.Run, st.Undo} {
				if r != nil {
					want = append(want, strings.Split(r.Text, "\n")...)
				}
			}
			for _, l := range want {
				if l = strings.NewReplacer(" ", "", "\t", "", ">", "", "|", "").Replace(l); !strings.Contains(typed, strings.ReplaceAll(l, "`", "")) && !strings.Contains(typed, l) {
					t.Errorf("%s, step %s: %q is not on the paper", b.ID, st.ID, l)
				}
			}
		}
	}
}

var footForm = regexp.MustCompile(`(?m)^-{80}\n.*page \d+ of \d+\n\f?`)

func withoutFeet(text string) string {
	text = footForm.ReplaceAllString(text, "")
	return strings.ReplaceAll(text, "__:__  ____", "")
}

// hostile are texts that would do harm where they are not made safe.
func hostile() []string {
	return []string{"<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "</style><script>x</script>", "}} @import url(http://evil) {{", "\x1b[2J\x1b]0;owned\x07", "a\fb\rc\vd",
		strings.Repeat("w", 500), strings.Repeat("日", 100), "\u202eevil\u202c", "\xff\xfe", "line\nline\n\nline", "%s%d%!", "{{.Title}}", "&lt;b&gt;", "<!-- -->", "$(rm -rf /)", "", " ", "e\u0301\u200d"}
}

func TestHostileText(t *testing.T) {
	b := harbour(t)
	for _, evil := range hostile() {
		b.Title, b.Owner, b.Prose = evil, evil, evil+"\n\n| "+evil+" | b |\n|---|---|\n| c | "+evil+" |\n\n```\n"+evil+"\n```\n"
		b.Params[0].Prompt, b.Phases[1].Title = evil, evil
		b.Phases[1].Groups[0].Title = evil
		b.Phases[1].Groups[0].Steps[0].Title = evil
		b.Phases[1].Groups[0].Steps[0].Run = &checklists.Block{Lang: "sh", Kind: "run", Host: evil, Text: evil + "\n"}
		f := lamps()
		f.Hosts[0].Addr, f.People[0].Name, f.Channels[0].Target = evil, evil, evil
		s := Runbook(Order{Book: b, Params: map[string]string{"key": evil, "lamp": evil}, Fleet: f, Now: noon})
		fitsPaper(t, Text(s))
		page := HTML(s)
		standsAlone(t, page)
	}
}

// TestAnyPart draws any text in any kind of part.
func TestAnyPart(t *testing.T) {
	kinds := []Kind{Heading, Para, Strong, Items, Table, Code, Step, Turn}
	rapid.Check(t, func(r *rapid.T) {
		text := rapid.OneOf(rapid.SampledFrom(hostile()), rapid.String())
		var part func(depth int) Part
		part = func(depth int) Part {
			p := Part{Kind: rapid.SampledFrom(kinds).Draw(r, "kind"), Level: rapid.IntRange(0, 4).Draw(r, "level"), Text: text.Draw(r, "text"), No: rapid.SampledFrom([]string{"", "1", "999"}).Draw(r, "no"), Box: rapid.Bool().Draw(r, "box")}
			p.Rows = rapid.SliceOfN(rapid.SliceOfN(text, 0, 4), 0, 4).Draw(r, "rows")
			if depth < 2 {
				for range rapid.IntRange(0, 2).Draw(r, "parts") {
					p.Parts = append(p.Parts, part(depth+1))
				}
			}
			return p
		}
		s := Sheet{Title: text.Draw(r, "title"), Lead: text.Draw(r, "lead"), Foot: text.Draw(r, "foot")}
		for range rapid.IntRange(0, 6).Draw(r, "parts") {
			s.Parts = append(s.Parts, part(0))
		}
		fitsPaper(r, Text(s))
		page := HTML(s)
		standsAlone(r, page)
	})
}

// Whoever obeys the list before a start can start on a chain that stands, too:
// there no block comes without the key, and what the fence asks for instead is
// named.
func TestProofsOnAStandingChain(t *testing.T) {
	text := strings.Join(proofs("east", "every other host"), "\n")
	for _, want := range []string{"10 blocks in a row without the key, since the stop; or, while the chain stands: the stop of every other holder read back", "real sign state of the host that signed last", "double_sign_check_height 0 on east", "The mark on east is not below it"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing in\n%s", want, text)
		}
	}
}
