package tui

import (
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/virtengine/relight/tui/words"
)

// class says how far a key reaches. docs/keys.md is sorted by it.
type reach string

const (
	looks   reach = "look"         // changes what is shown, nothing else
	records reach = "record"       // writes into the record, runs and posts nothing
	arms    reach = "armed, typed" // fires only on its typed word
	posts   reach = "acts"         // one key, on a text that stands complete on the screen
	leaves  reach = "typed"        // in words after ":"
)

// binding is one thing a key does. Help, the row of keys, the palette and
// docs/keys.md are made of these: what does not work now is not shown.
type binding struct {
	keys  []string
	show  string      // in the row of keys and in help
	short string      // in the row of keys; "" only in help
	help  string      // "" for the twin of another binding
	class reach       // "" is looks
	when  func() bool // nil: always
	do    func(now time.Time) tea.Cmd
}

func (b binding) works() bool { return b.when == nil || b.when() }

func (b binding) has(key string) bool {
	for _, k := range b.keys {
		if k == key {
			return true
		}
	}
	return false
}

// look is a binding that does no more than change what is shown.
func look(f func()) func(time.Time) tea.Cmd {
	return func(time.Time) tea.Cmd { f(); return nil }
}

// bindings are what the keys do now: what lies on top takes them first.
func (m *model) bindings() []binding {
	switch {
	case m.prompt.kind != idle:
		return m.promptKeys()
	case m.over == overNone:
		return append(m.paneKeys(), m.alwaysKeys()...)
	case m.over == overDetail:
		return append(m.detailKeys(), m.alwaysKeys()...)
	}
	return append(m.dialogKeys(), m.stopKey())
}

// dialogKeys are those of the dialog that lies over the panes.
func (m *model) dialogKeys() []binding {
	switch m.over {
	case overForm:
		return m.formKeys()
	case overChoice:
		return m.choiceKeys()
	case overPalette:
		return m.paletteKeys()
	case overQuestion:
		return m.questionKeys()
	}
	return nil
}

// paneKeys are the keys of the panes: what acts first, then what the pane with
// the focus has of its own, then moving, as far as the pane does not move in its
// own way.
func (m *model) paneKeys() []binding {
	own := map[pane]func() []binding{paneList: m.listKeys, paneNodes: m.nodeKeys, paneOut: m.outKeys, paneMail: m.mailKeys, paneLog: m.logKeys}[m.focus]()
	keys := append(m.actKeys(), own...)
	for _, b := range m.moveKeys() {
		if !slices.ContainsFunc(own, func(o binding) bool { return o.works() && o.has(b.keys[0]) }) {
			keys = append(keys, b)
		}
	}
	return keys
}

// key gives a key to what lies on top.
func (m *model) key(k tea.KeyPressMsg, now time.Time) tea.Cmd {
	if m.layout().class == sentence {
		return nil // nobody sees what a key would do
	}
	name := k.String()
	if name != "P" {
		m.early = ""
	}
	if m.strays(k, now) {
		return nil
	}
	if m.prompt.kind == idle {
		m.said = ""
	}
	quiet := now.Sub(m.lastKey) >= quietFor
	if name == "s" && !quiet && m.prompt.kind == idle && m.over == overNone {
		return nil // in the middle of a word typed into nothing
	}
	if m.absorbs(quiet) {
		return nil
	}
	for _, b := range m.bindings() {
		if b.works() && b.has(name) {
			return b.do(now)
		}
	}
	switch {
	case m.prompt.kind == armed:
		m.typeWord(k, now)
	case m.prompt.kind != idle:
		m.prompt.edit = m.prompt.edit.typed(k)
	case m.over == overForm && m.form.at >= 0:
		m.form.Key(k)
	case m.over == overPalette:
		m.palette.Key(k)
	case m.over == overChoice && len(k.Text) == 1:
		m.markOption(strings.ToUpper(k.Text))
	default:
		m.dead(name, now)
	}
	return nil
}

// asksQuiet says that what lies on top takes a key for an answer, so that the
// key must not be the echo of the one that opened it.
func (m *model) asksQuiet() bool {
	return m.over == overForm && m.form.at < 0 || m.over == overChoice || m.over == overQuestion
}

// dead answers a key that acts at other times: whoever types on after it must
// know that it did not open what he types into.
func (m *model) dead(name string, now time.Time) {
	if name == "ctrl+z" {
		m.tell(words.Caution, "Not suspended: relight would see nothing while it sleeps. :q leaves; the incident stays open.")
		return
	}
	for _, b := range append(m.bindings(), m.paneKeys()...) {
		if b.has(name) && !b.works() {
			m.tell(words.Caution, "%s does nothing now.", b.show)
			if b.class == arms {
				m.noWord(now, quietFor)
			}
			return
		}
	}
}

// keysRow is the last row: what the keys do now, as far as it fits.
func (m *model) keysRow(w int) line {
	right := line{{title, "?"}, {text, " help "}}
	if m.prompt.kind != idle || (m.over != overNone && m.over != overDetail) {
		right = tx(" ")
	}
	l := line{{text, " "}}
	for _, b := range m.bindings() {
		if b.short == "" || !b.works() {
			continue
		}
		if l.width()+width(b.show)+width(b.short)+4+right.width() > w {
			break
		}
		l = l.add(title, b.show).add(text, " "+b.short+"   ")
	}
	return sides(l, right, w)
}

// chooseWord: a choice that was taken can still be opened, but is not shown in
// the row of keys.
func (m *model) chooseWord() string {
	if words.NextOf(m.view).Do == words.DoChoose {
		return "choose"
	}
	return ""
}
