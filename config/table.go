package config

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/virtengine/relight/lazy"
	"github.com/virtengine/relight/safe"
)

// table reads one table of the file. Every getter marks its key as known;
// close reports the rest. A nil value is a table that is not there: getters
// then give defaults.
type table struct {
	ld    *loader
	v     *value
	what  string // "[chain]", "[[host]] val-1": for sentences
	asked []string
}

func (ld *loader) table(v *value, what string) *table { return &table{ld: ld, v: v, what: what} }

// get is the value of a key, nil when it is not there.
func (t *table) get(key string) *value {
	t.asked = append(t.asked, key)
	if t.v == nil {
		return nil
	}
	if e := t.v.get(key); e != nil {
		return e.val
	}
	return nil
}

// typed is get, with a finding when the value is of another kind.
func (t *table) typed(key string, want kind, hint string) *value {
	v := t.get(key)
	if v == nil || v.kind == want {
		return v
	}
	t.ld.at(v, "type", fmt.Sprintf("%s of %s must be %s, not %s", key, t.what, want, v.kind), hint)
	return nil
}

// close reports the keys that nobody asked for. Their values are hidden: a
// misspelt token is still a token.
func (t *table) close() {
	if t.v == nil {
		return
	}
	for _, e := range t.v.keys {
		if slices.Contains(t.asked, e.name) {
			continue
		}
		t.ld.hideTree(e.val)
		if t.ld.full() {
			t.ld.off(e.at, "unknown-key", "unknown key", "")
			continue
		}
		hint := "known here: " + strings.Join(t.asked, ", ")
		if near := Nearest(e.name, t.asked); near != "" {
			hint = fmt.Sprintf("did you mean %q?", near)
		}
		t.ld.off(e.at, "unknown-key", fmt.Sprintf("%s has no key %s", t.what, show(e.name)), hint)
	}
}

// missing reports a key that must be there, at the table's header.
func (t *table) missing(key, hint string) {
	at := 0
	if t.v != nil {
		at = t.v.at
	}
	t.ld.off(at, "missing", fmt.Sprintf("%s needs %s", t.what, key), hint)
}

// str is a one-line string.
func (t *table) str(key, def string) string {
	v := t.typed(key, kindString, fmt.Sprintf(`write %s = "…"`, key))
	if v == nil {
		return def
	}
	if safe.Line(v.str) != v.str {
		t.ld.at(v, "text", fmt.Sprintf("%s of %s has line breaks, invisible characters, or blanks at its ends", key, t.what), "write it on one line, as plain text")
		return def
	}
	return v.str
}

// need is str that must be there and not empty.
func (t *table) need(key, hint string) string {
	had := t.v != nil && t.v.get(key) != nil
	s := t.str(key, "")
	if !had {
		t.missing(key, hint)
	} else if v := t.v.get(key).val; s == "" && v.kind == kindString && v.str == "" {
		t.ld.at(v, "missing", fmt.Sprintf("%s of %s is empty", key, t.what), hint)
	}
	return s
}

// match is str of a given shape.
func (t *table) match(key, def string, shape *lazy.Regexp, what, hint string) string {
	s := t.str(key, def)
	if s != "" && s != def && !shape.MatchString(s) {
		t.ld.at(t.v.get(key).val, "shape", fmt.Sprintf("%s of %s is no %s: %s", key, t.what, what, show(s)), hint)
		return def
	}
	return s
}

// oneOf is str out of a list of words.
func (t *table) oneOf(key, def, words string) string {
	s := t.str(key, def)
	list := strings.Fields(words)
	if s == "" || slices.Contains(list, s) {
		return s
	}
	t.ld.at(t.v.get(key).val, "unknown-word", fmt.Sprintf("%s of %s cannot be %s", key, t.what, show(s)), oneOfHint(s, list))
	return def
}

func oneOfHint(word string, list []string) string {
	if near := Nearest(word, list); near != "" {
		return fmt.Sprintf("did you mean %q? one of: %s", near, strings.Join(list, ", "))
	}
	return "one of: " + strings.Join(list, ", ")
}

// strs is a list of one-line strings with their places, without doubles.
func (t *table) strs(key string) []word {
	v := t.typed(key, kindArray, fmt.Sprintf(`write %s = ["…", "…"]`, key))
	if v == nil {
		return nil
	}
	var out []word
	seen := map[string]bool{}
	for _, item := range v.items {
		switch {
		case item.kind != kindString:
			t.ld.at(item, "type", fmt.Sprintf("%s of %s lists strings, not %s", key, t.what, item.kind), `put it in quotes`)
		case item.str == "" || safe.Line(item.str) != item.str:
			t.ld.at(item, "text", fmt.Sprintf("an entry of %s of %s is empty, has line breaks, or blanks at its ends", key, t.what), "write it on one line, as plain text")
		case seen[item.str]:
			t.ld.at(item, "duplicate", fmt.Sprintf("%s stands twice in %s of %s", show(item.str), key, t.what), "keep one")
		default:
			seen[item.str] = true
			out = append(out, word{item.str, item})
		}
	}
	return out
}

// word is a string and where it stands.
type word struct {
	s string
	v *value
}

func texts(words []word) []string {
	var out []string
	for _, w := range words {
		out = append(out, w.s)
	}
	return out
}

// num is a whole number within bounds.
func (t *table) num(key string, def, low, high int) int {
	v := t.typed(key, kindInt, fmt.Sprintf("write %s = %d", key, def))
	if v == nil {
		return def
	}
	if v.num < int64(low) || v.num > int64(high) {
		t.ld.at(v, "range", fmt.Sprintf("%s of %s is %d; it must lie between %d and %d", key, t.what, v.num, low, high), "")
		return def
	}
	return int(v.num)
}

func (t *table) flag(key string, def bool) bool {
	if v := t.typed(key, kindBool, fmt.Sprintf("write %s = %t", key, !def)); v != nil {
		return v.flag
	}
	return def
}

const durationHint = `write "30s", "15m" or "1h30m"`

// dur is a duration that is not negative; ok says that a good one was there.
func (t *table) dur(key string, def time.Duration) (d time.Duration, ok bool) {
	v := t.typed(key, kindString, durationHint)
	if v == nil {
		return def, false
	}
	d, err := time.ParseDuration(v.str)
	switch {
	case err != nil:
		t.ld.at(v, "duration", fmt.Sprintf("%s of %s is no duration: %s", key, t.what, show(v.str)), durationHint)
		return def, false
	case d < 0:
		t.ld.at(v, "duration", fmt.Sprintf("%s of %s is negative", key, t.what), durationHint)
		return def, false
	}
	return d, true
}

// positive is dur above zero.
func (t *table) positive(key string, def time.Duration) time.Duration {
	d, ok := t.dur(key, def)
	if ok && d == 0 {
		t.ld.at(t.v.get(key).val, "duration", fmt.Sprintf("%s of %s must be longer than nothing", key, t.what), durationHint)
		return def
	}
	return d
}

// sub is a table inside this one, or one that is not there.
func (t *table) sub(key, hint string) *table {
	return t.ld.table(t.typed(key, kindTable, hint), key+" of "+t.what)
}

// tables is the list behind [[key]]; key = [{ … }, { … }] is the same in TOML.
func (t *table) tables(key, hint string) []*value {
	v := t.get(key)
	if v == nil {
		return nil
	}
	if v.kind == kindTables || v.kind == kindArray && !slices.ContainsFunc(v.items, func(i *value) bool { return i.kind != kindTable }) {
		return v.items
	}
	t.ld.at(v, "type", fmt.Sprintf("%s of %s must be several tables, not %s", key, t.what, v.kind), hint)
	return nil
}
