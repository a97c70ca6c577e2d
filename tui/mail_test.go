package tui

import (
	"errors"
	"regexp"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/virtengine/relight/cockpit"
	"github.com/virtengine/relight/comms/outbox"
	"github.com/virtengine/relight/incident"
	"github.com/virtengine/relight/tui/internal/fixture"
)

// A text longer than every pane is posted once it was read to its end, and not
// before.
func TestALongTextIsReadToItsEnd(t *testing.T) {
	for _, s := range []size{{80, 24}, {120, 40}, {200, 60}, {60, 15}} {
		d := open(t, fixture.Long(), s.w, s.h)
		d.press("4").misses("This is the end.").press("P").sees("Read it to its end").asked()
		d.pause(time.Second).press("P").sees("Read it to its end").asked() // looking at its beginning is not reading
		for range 130 {
			d.press("j")
		}
		d.sees("This is the end.").press("P").asked("post status-page")
	}
}

// Jumping to the end leaves out the middle, and what was not seen is not posted.
func TestJumpingToTheEndIsNotReading(t *testing.T) {
	d := open(t, fixture.Long(), 80, 24)
	d.press("4", "enter", "G").pause(2 * time.Second).sees("This is the end.").press("P").sees("Read it to its end").asked()
	d.press("g")
	for range 20 {
		d.press("ctrl+d")
	}
	d.pause(2 * time.Second).press("P").asked("post status-page")
}

// A text that changes while it is read has to be read again, and says so.
func TestALongTextThatChangesIsReadAgain(t *testing.T) {
	d := open(t, fixture.Long(), 80, 24)
	d.press("4", "enter")
	for range 80 {
		d.press("j")
	}
	d.pause(time.Second)
	v := fixture.Long()
	v.Says[0].Bodies[0].Text = strings.Replace(v.Says[0].Bodies[0].Text, "Line C of what", "LINE C OF WHAT", 1)
	v.Says[0].Digest = "another"
	d.shows(v)
	d.press("g").sees("CHANGED", "since you read it").pause(2 * time.Second).press("P").sees("Read it to its end").asked()
	d.press("d").sees("Differences to the text as you read it", "- GONE", "+ ADDED").press("P").asked()
	for range 80 {
		d.press("j")
	}
	d.pause(time.Second).press("P").asked("post status-page")
}

// A smaller window in the middle of reading keeps what was read; the text is
// posted only from the largest pane.
func TestReadingSurvivesAnotherWidth(t *testing.T) {
	d := open(t, fixture.Long(), 120, 40)
	d.press("4", "enter")
	for range 80 {
		d.press("j")
	}
	d.press("enter").pause(2 * time.Second) // closed: only a part of it is seen
	d.press("P").asked()
	d.pause(2 * time.Second).press("P").asked("post status-page")
}

// Where channels get different texts each of them has to be seen.
func TestEveryTextIsSeen(t *testing.T) {
	d := open(t, fixture.Filled(), 80, 24)
	d.press("4").sees("text 1 of 2").pause(2 * time.Second).press("P").sees("another text: l shows it").asked()
	d.press("l").sees("text 2 of 2", "For leadership").hold("P").asked()
	d.pause(2 * time.Second).press("P").asked("post status-page")

	d = open(t, fixture.Filled(), 120, 40)
	d.press("4", "enter").sees("Reduced redundancy", "For leadership").pause(2 * time.Second).press("P").asked("post status-page")
}

// The refusal of the cockpit, when the text changed in the last moment, shows
// what changed.
func TestARefusedPostShowsTheDifference(t *testing.T) {
	d := open(t, fixture.Filled(), 120, 40)
	d.press("4", "enter").pause(2 * time.Second)
	d.c.React = func(call string, v cockpit.View) (cockpit.View, error) {
		v = fixture.Filled()
		v.State.Seq++
		v.Says[0].Bodies = append([]incident.Body(nil), v.Says[0].Bodies...)
		v.Says[0].Bodies[0].Text = strings.Replace(v.Says[0].Bodies[0].Text, "one relay", "two relays", 1)
		v.Says[0].Digest = "another"
		return v, errors.New("post status-page: the text is not the one that was read")
	}
	d.press("P").asked("post status-page")
	d.sees("Not posted: the text changed since you read it", "two relays.", "- GONE", "one relay.")
	d.press("P").sees("Read it.").asked("post status-page").misses("- GONE")
	d.c.React = nil
	d.pause(2*time.Second).press("P").asked("post status-page", "post status-page")
}

func TestAValueIsMarkedAndTaken(t *testing.T) {
	for _, s := range []size{{80, 24}, {120, 40}, {200, 60}} {
		d := open(t, fixture.Page(), s.w, s.h)
		d.press("4").sees("▶impact", "some requests are slow").press("2").sees("▶ 2  some requests").press("enter")
		d.press("tab").sees("▶next_update", "04:05 UTC").press("1", "enter")
		d.asked(`fill impact "some requests are slow or fail"`, `fill status-page#1/next_update "04:05 UTC"`)
	}
}

// Tab goes through the empty fields and then on to the next part.
func TestTabLeavesTheFields(t *testing.T) {
	d := open(t, fixture.Page(), 80, 24)
	d.press("4", "tab").sees("▶next_update", "[4 Messages").press("tab").sees("[5 Log")
	d = open(t, fixture.Filled(), 80, 24)
	d.press("4", "tab").sees("[5 Log")
}

func TestNoChangeFillsTheNextUpdate(t *testing.T) {
	d := open(t, fixture.Again(), 80, 24)
	d.press("4", "=").asked(`fill validators-status#2/impact "no change since 03:17 UTC"`).sees("{{impact}} of Validators status, update 2")
	d = open(t, fixture.Page(), 80, 24) // nothing was said of it before
	d.press("4", "=").asked()
}

func TestDifferencesToTheLastUpdate(t *testing.T) {
	d := open(t, fixture.Again(), 80, 24)
	d.press("4").misses("GONE").press("d").sees("Differences to what was posted 03:17:03", "- GONE   We are failing over.", "+ ADDED").press("P").sees("Read it").asked()
	d.press("d", "esc").misses("GONE")
}

// What was posted asks for nothing more once the incident is resolved.
func TestAPostedMessageIsNotUnready(t *testing.T) {
	for _, s := range []size{{80, 24}, {120, 40}, {200, 60}} {
		d := open(t, fixture.Resolved(), s.w, s.h)
		d.press("4")
		for range fixture.Resolved().Says {
			d.misses("NOT READY", "is empty", "e fills").press("P").misses("will not post").press("j").asked()
		}
	}
}

func TestPostingByHand(t *testing.T) {
	d := open(t, fixture.ByHand(), 80, 24)
	d.press("4").sees("BY HAND", "PR team, press@example.com", "y copies the text").misses("It is not there")
	what, body := d.m.mail.CopyText()
	if what != "The text for press" || !strings.HasPrefix(body, "A short interruption of one validator\n\nOne of our") {
		t.Errorf("y copies %q: %q", what, body)
	}
	d.press("1", "enter").sees("Its link or id").typing("x1").press("enter").asked("incident.RowAnswer {Row:r7 By:mira Answer:byhand Where:x1}")
}

// An answer is for the copy on the screen, and another copy can be looked at.
func TestCopiesAreWalkedThrough(t *testing.T) {
	d := open(t, fixture.Stuck(), 80, 24)
	d.m.mail.Go("status-page")
	d.press("4").sees("▶? UNKNOWN", "next look, in 00:14", "looked: not there (1 of 2 needed)")
	d.press("h", "h").sees("▶✓ SAID      status-page").misses("If you know")
	d.press("l", "l", "1", "enter").typing("https://slack.test/p1").press("enter")
	d.asked("incident.RowAnswer {Row:r6 By:mira Answer:sent Where:https://slack.test/p1}")
}

// While a copy is only waited for, P shows the next text and posts nothing.
func TestPTurnsToTheNextText(t *testing.T) {
	d := open(t, fixture.Stuck(), 80, 24)
	d.m.mail.Go("status-page")
	d.press("4").sees("UNKNOWN").press("P").asked().sees("Status: failing over", "P posts it", "due now")
	d.press("k").sees("UNKNOWN", "P shows it").press("u").sees("due in 29:30", "Reduced redundancy", "f shows it").press("u").sees("what happened")
}

// Every state of a copy has its own words in the pane, and none is lost in any
// size.
func TestEveryStateOfACopyHasAWord(t *testing.T) {
	for _, st := range outbox.States() {
		v := fixture.Stuck()
		v.State.Rows[len(v.State.Rows)-1].State = st
		v.Says[0].Rows = v.State.Rows[3:]
		d := open(t, v, 120, 40)
		d.m.mail.Go("status-page")
		d.press("4", "enter", "u")
		if !d.m.mail.After() {
			d.press("u")
		}
		if st == outbox.Draft {
			continue
		}
		if d.sees("slack:leadership"); strings.Contains(string(st), "-") && strings.Contains(d.frame(), string(st)) {
			t.Errorf("%s has no word of its own", st)
		}
	}
}

// A field with words that may not be said is the one that e opens.
func TestAWrongWordIsMendedWhereItStands(t *testing.T) {
	v := fixture.Filled()
	s := &v.Says[0]
	s.Remarks = []cockpit.Remark{{Match: "customer", Why: "a test", Say: "say less", Field: "impact"}}
	s.Problems = []string{"customer"}
	d := open(t, v, 80, 24)
	d.press("4").sees(`"customer" is a test: say less (in {{impact}}, e changes it)`, "▶impact")
	d.press("P").sees("P will not post: 1 place not allowed").asked().press("e").sees("{{impact}}: [no customer effect")
}

// Tries that end alike are one line, and what comes after them is not lost.
func TestManyTriesAreOneLine(t *testing.T) {
	v := fixture.Stuck()
	at := fixture.At("03:31:52")
	trail := []incident.Moment{{At: at, State: outbox.Queued, By: "mira"}}
	for i := range 40 {
		why := "connection refused"
		if i >= 30 {
			why = "no such host"
		}
		trail = append(trail, incident.Moment{At: at.Add(time.Duration(i) * time.Second), State: outbox.Sending, Attempt: i + 1},
			incident.Moment{At: at.Add(time.Duration(i) * time.Second), State: outbox.RetryWait, Attempt: i + 1, Error: why})
	}
	v.State.Trails = map[string][]incident.Moment{"r6": append(trail, incident.Moment{At: at, State: outbox.Sending, Attempt: 41}, incident.Moment{At: at, State: outbox.Unknown, Attempt: 41})}
	d := open(t, v, 120, 40)
	d.m.mail.Go("status-page")
	d.press("4", "enter").sees("it did not leave: connection refused", "tried 29 more times, with the same end", "it did not leave: no such host", "tried 9 more times", "sending again, try 41", "the answer was lost")
}

// Whatever comes from outside, only colours leave the pane of the messages.
func TestNothingInAMessageReachesTheTerminalRaw(t *testing.T) {
	colour := regexp.MustCompile("\x1b\\[[0-9;]*m")
	bad := regexp.MustCompile(`[\x00-\x09\x0b-\x1f\x7f-\x9f]|\x{202e}|\x{200b}`)
	for _, s := range []size{{30, 8}, {60, 20}, {80, 24}, {120, 40}, {200, 60}} {
		for _, keys := range [][]string{{"4"}, {"4", "enter"}, {"4", "u"}, {"4", "enter", "u"}, {"4", "enter", "u", "d"}, {"4", "u", "tab", "1"}, {"4", "1", "enter"}, {"4", "u", "e"}, {"P"}} {
			d := openWith(t, fixture.HostileMail(), s.w, s.h, Options{Quiet: true})
			d.m.mail.Go("status-page")
			d.press(keys...)
			v := d.m.View()
			if got := bad.FindString(colour.ReplaceAllString(v.Content, "") + v.WindowTitle); got != "" {
				t.Errorf("%v %v: %q is written", s, keys, got)
			}
		}
	}
}

// The messages fit every window, exactly, at every moment.
func TestMessagesInEverySize(t *testing.T) {
	acts := [][]string{{"4"}, {"enter"}, {"u"}, {"d"}, {"1"}, {"tab"}, {"l"}, {"j"}, {"G"}, {"esc"}, {"k"}}
	for name, view := range fixture.Mails() {
		d := open(t, view(), 80, 24)
		d.press("4")
		for i := range 140 {
			d.press(acts[i%len(acts)]...)
			s := size{20 + i*7%240, 8 + i*5%60}
			d.send(tea.WindowSizeMsg{Width: s.w, Height: s.h})
			rows := d.m.frame()
			if len(rows) != s.h {
				t.Fatalf("%s at %v has %d rows", name, s, len(rows))
			}
			for n, l := range rows {
				if l.width() != s.w {
					t.Fatalf("%s at %v: row %d is %d cells: %q", name, s, n, l.width(), l.String())
				}
			}
		}
	}
}

func TestMessagesHaveASCIITwins(t *testing.T) {
	for name, view := range fixture.Mails() {
		if name == "hostile-mail" { // its letters are its own
			continue
		}
		for _, keys := range [][]string{{"4"}, {"4", "enter"}, {"4", "enter", "u"}, {"4", "d"}} {
			d := openWith(t, view(), 120, 40, Options{NoColor: true, ASCII: true, Quiet: true})
			d.press(keys...)
			for _, r := range d.m.View().Content {
				if r > 126 {
					t.Errorf("%s %v: %q is not ASCII", name, keys, r)
					break
				}
			}
		}
	}
}
