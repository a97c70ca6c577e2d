package importer

import (
	"errors"
	"fmt"
	"sort"
	"strings"

	"github.com/virtengine/relight/checklists"
)

// maxSource is the size above which a document is refused, in bytes. The
// longest of the operator has 60 KiB; a skeleton may be eight times as large as
// its source and must stay under the 1 MiB a runbook may have.
const maxSource = 120 << 10

// Skeleton is one runbook that came out. Text has no error of the format.
type Skeleton struct {
	ID            string
	Title         string
	Text          string
	Steps         int
	Clocks        int
	Messages      int
	Illustrations int // blocks that do not run and wait for a person
}

// Place is where a line of the source went. As is empty for a blank line.
type Place struct {
	Book string // id of the skeleton
	As   string // heading, prose, step, message, illustration, mark, listed
}

// Listing is a line of the source that a person must look at, and why.
type Listing struct {
	Line int
	Text string
}

// Result is what a document became. Lines has one Place for each line of the
// source, the first at index 0.
type Result struct {
	Books  []Skeleton
	Lines  []Place
	Listed []Listing
}

// Import reads one document. name is what the skeletons call it by. The error
// says that the document is too large or empty; nothing else fails.
func Import(name string, src []byte) (Result, error) {
	if len(src) > maxSource {
		return Result{}, fmt.Errorf("import %s: it is larger than %d KiB: split it at its chapters", name, maxSource>>10)
	}
	lines := split(src)
	if !hasText(lines) {
		return Result{}, errors.New("import " + name + ": it holds no text")
	}
	b := &builder{source: plainTitle(name), places: make([]Place, len(lines)), lines: lines}
	b.build(sections(scan(lines, 0), len(lines)))
	b.restore()
	var out Result
	for _, k := range b.books {
		s, err := b.write(k)
		if err != nil {
			return Result{}, err
		}
		out.Books = append(out.Books, s)
	}
	sort.SliceStable(b.listed, func(i, j int) bool { return b.listed[i].Line < b.listed[j].Line })
	out.Lines, out.Listed = b.places, b.listed
	return out, nil
}

// write renders a book and has the format's reader look at it. Should it find
// an error all the same, the book becomes one step over the quoted source.
func (b *builder) write(k *book) (Skeleton, error) {
	text := k.render(b.source)
	for range 2 {
		parsed, problems := checklists.Parse(k.id+".md", []byte(text), nil)
		if !checklists.Failed(problems) {
			return k.summary(text, parsed), nil
		}
		text = b.quoted(k, problems)
	}
	return Skeleton{}, fmt.Errorf("import %s: the part %q does not become a runbook: split the document there", b.source, k.title)
}

func (k *book) summary(text string, parsed checklists.Book) Skeleton {
	s := Skeleton{ID: k.id, Title: k.title, Text: text, Steps: len(parsed.Steps()), Clocks: len(parsed.Clocks)}
	for _, st := range parsed.Steps() {
		s.Messages += len(st.Comms)
	}
	s.Illustrations = strings.Count(text, "\n```text\n") + strings.Count(text, "\n  ```text\n") + strings.Count(text, "```sh\n") + strings.Count(text, "```bash\n")
	return s
}

// quoted is the book as a whole in one illustration.
func (b *builder) quoted(k *book, problems []checklists.Problem) string {
	var own []line
	for _, l := range b.lines {
		if b.places[l.n-1].Book == k.id && b.places[l.n-1].As != "" {
			own = append(own, l)
		}
	}
	why := "the format does not take it"
	for _, p := range problems {
		if !p.Warn {
			why = p.Rule
			break
		}
	}
	if len(own) > 0 {
		b.list(own[0].n, "this part stands quoted as a whole ("+why+")")
	}
	whole := &book{id: k.id, title: k.title}
	whole.phases[1].groups = []*group{{steps: []*step{{title: "Read the source and write the steps", role: "ops",
		body: []chunk{{todo: "nothing of this part could be placed by itself.", lang: "text", lines: own}}}}}}
	return whole.render(b.source)
}
