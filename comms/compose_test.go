package comms

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/virtengine/relight/comms/outbox"
)

func TestCompose(t *testing.T) {
	short := Compose(Message{Title: "T", Body: "b", State: "resolved"}, Discord, outbox.Row{Incident: "I", Drill: true})
	if len(short) != 1 || short[0].Title != "[DRILL] T" || short[0].StatusState != "resolved" || short[0].Part != 0 {
		t.Errorf("%+v", short)
	}
	bare := Compose(Message{Body: "[DRILL] b"}, Discord, outbox.Row{Drill: true})
	if bare[0].Body != "[DRILL] b" {
		t.Errorf("the mark stands twice: %q", bare[0].Body)
	}
	long := Compose(Message{Title: "T", Body: strings.Repeat("one line of some length\n", 150)}, Discord, outbox.Row{})
	if len(long) != 2 || long[0].Title != "T (1/2)" || long[1].Part != 2 || long[1].Parts != 2 {
		t.Fatalf("%d parts: %+v", len(long), long[0].Title)
	}
	for _, r := range long {
		for _, line := range strings.Split(r.Body, "\n") {
			if line != "one line of some length" {
				t.Errorf("a line was cut: %q", line)
			}
		}
	}
}

// TestSplit: no part is too long for its channel, and no word is lost, doubled
// or cut that could have stood whole.
func TestSplit(t *testing.T) {
	words := rapid.SliceOfN(rapid.OneOf(rapid.StringMatching(`[a-zäß<>&✅]{1,12}`), rapid.StringMatching(`[a-z]{30,700}`)), 0, 900)
	rapid.Check(t, func(t *rapid.T) {
		driver := rapid.SampledFrom(allDrivers()).Draw(t, "driver")
		glue := rapid.SampledFrom([]string{" ", "\n", "\n\n"})
		var b strings.Builder
		list := words.Draw(t, "words")
		for _, w := range list {
			b.WriteString(w + glue.Draw(t, "glue"))
		}
		title := rapid.StringMatching(`[A-Za-z ]{0,60}`).Draw(t, "title")
		rows := Compose(Message{Title: strings.TrimSpace(title), Body: strings.TrimSpace(b.String())}, driver, outbox.Row{})
		var got []string
		for i, r := range rows {
			if n := size(driver, r.Text()); n > Limit(driver) && driver != Statuspage {
				t.Fatalf("part %d of %d has %d of %d", i+1, len(rows), n, Limit(driver))
			}
			body := r.Body
			if len(rows) > 1 && r.Title == "" {
				body = strings.TrimPrefix(body, fmt.Sprintf("(%d/%d) ", i+1, len(rows)))
			}
			got = append(got, strings.Fields(body)...)
		}
		if !slices.Equal(got, strings.Fields(b.String())) {
			t.Fatalf("words changed in %d parts", len(rows))
		}
	})
}

func TestOneLongWord(t *testing.T) {
	word := strings.Repeat("ab<", 5000)
	rows := Compose(Message{Title: "T", Body: word}, Slack, outbox.Row{})
	got := ""
	for _, r := range rows {
		got += r.Body
		if size(Slack, r.Text()) > Limit(Slack) {
			t.Errorf("a part is too long")
		}
	}
	if got != word {
		t.Error("the word was changed")
	}
}

func TestPartsAreRowsOfTheirOwn(t *testing.T) {
	var rows []outbox.Row
	for i, r := range Compose(Message{Title: "T", Body: strings.Repeat("line\n", 1000)}, Discord, outbox.Row{Incident: "I", Lane: "x", Template: "t"}) {
		r.ID = fmt.Sprint(i)
		q, err := outbox.Enqueue(rows, r, "ada", time.Unix(0, 0))
		if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, q)
	}
	if len(rows) < 3 || rows[0].Marker == rows[1].Marker || rows[1].Place != 2 {
		t.Errorf("%d rows, places %d %d", len(rows), rows[0].Place, rows[1].Place)
	}
}
