package config

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"
)

// kind is what a value is.
type kind int

const (
	kindTable  kind = iota
	kindTables      // [[name]]
	kindArray
	kindString
	kindInt
	kindBool
	kindOther // floats and dates: the schema has none
)

func (k kind) String() string {
	return [...]string{"a table", "tables in double brackets", "a list", "a string", "a whole number", "true or false", "another kind of value"}[k]
}

// value is one node of the file, with its place. The parser's own decoder loses
// places, and without them no rule about meaning could point at its line.
type value struct {
	kind     kind
	at, end  int // bytes: of the value; of a table, its header
	str      string
	num      int64
	flag     bool
	keys     []entry        // of a table, in file order
	index    map[string]int // name → place in keys
	items    []*value       // of a list or of tables
	explicit bool           // a table with a header of its own, or in braces
	braces   bool           // an inline table
}

type entry struct {
	name string
	at   int
	val  *value
}

func (v *value) get(name string) *entry {
	if i, ok := v.index[name]; ok {
		return &v.keys[i]
	}
	return nil
}

func (v *value) put(name string, at int, val *value) {
	if v.index == nil {
		v.index = map[string]int{}
	}
	v.index[name] = len(v.keys)
	v.keys = append(v.keys, entry{name, at, val})
}

// treeBuilder makes a tree of one file.
type treeBuilder struct {
	src     *source
	root    *value
	section *value
	add     func(off int, rule, text, hint string)
	failed  bool
}

func (b *treeBuilder) fail(off int, rule, text, hint string) {
	b.failed = true
	// The tree is not read after this: nobody will know what was a token.
	b.src.hideBroken(off)
	b.add(off, rule, text, hint)
}

// parseTree reads the file. It returns nil when the text is no TOML; add has
// then been told why.
func parseTree(src *source, add func(off int, rule, text, hint string)) *value {
	root := &value{kind: kindTable, explicit: true}
	b := &treeBuilder{src: src, root: root, section: root, add: add}
	if bytes.HasPrefix(src.data, []byte("\xef\xbb\xbf")) {
		b.fail(0, "bom", "the file starts with a byte order mark", "save it as UTF-8 without BOM")
		return nil
	}
	var p unstable.Parser
	p.Reset(src.data)
	for p.NextExpression() {
		b.expression(p.Expression())
	}
	if err := p.Error(); err != nil {
		b.syntax(err)
	}
	if b.failed {
		return nil
	}
	// The tree is lenient where TOML is not (a dotted key reopened by a
	// header, impossible dates): the library has the last word.
	var all map[string]any
	if err := toml.Unmarshal(src.data, &all); err != nil {
		b.syntax(err)
		return nil
	}
	return root
}

// syntax reports an error of the library at its place. Its texts name at most
// one character of the file, or a key.
func (b *treeBuilder) syntax(err error) {
	off, text := 0, "not TOML"
	var parse *unstable.ParserError
	var decode *toml.DecodeError
	switch {
	case errors.As(err, &parse):
		// A highlight is cut out of the file, so what follows it tells its place.
		off, text = cap(b.src.data)-cap(parse.Highlight), parse.Message
	case errors.As(err, &decode):
		row, col := decode.Position()
		off = b.src.starts[min(max(row, 1), len(b.src.starts))-1] + max(col, 1) - 1
		text = strings.TrimPrefix(decode.Error(), "toml: ")
	}
	off = min(max(off, 0), len(b.src.data))
	b.fail(off, "toml", "this is not TOML: "+text, syntaxHint(text))
}

func syntaxHint(text string) string {
	switch {
	case strings.Contains(text, "table name"):
		return "close the header: [name], or [[name]] for a table that repeats"
	case strings.Contains(text, "start of value"), strings.Contains(text, "must be quoted"), strings.Contains(text, "expected newline"):
		return `text and durations stand in quotes: "15m"; lists in brackets: ["a", "b"]`
	case strings.Contains(text, "basic string"), strings.Contains(text, "literal string"):
		return "close the quotes on the same line"
	case strings.Contains(text, "array"):
		return "close the list with ] and put commas between its entries"
	case strings.Contains(text, "after key"):
		return "write key = value, one a line"
	}
	return ""
}

func (b *treeBuilder) expression(n *unstable.Node) {
	switch n.Kind {
	case unstable.Table, unstable.ArrayTable:
		b.header(n)
	case unstable.KeyValue:
		b.assign(b.section, n)
	}
}

// header opens [a.b] or [[a.b]].
func (b *treeBuilder) header(n *unstable.Node) {
	parent, last := b.walk(b.root, n.Key())
	// Whatever is wrong with a header, its keys must not fall into the section
	// before it.
	b.section = &value{kind: kindTable, explicit: true}
	if parent == nil {
		return
	}
	name, off := string(last.Data), int(last.Raw.Offset)
	have := parent.get(name)
	fresh := &value{kind: kindTable, at: off, end: off + int(last.Raw.Length), explicit: true}
	switch {
	case n.Kind == unstable.ArrayTable && have == nil:
		parent.put(name, off, &value{kind: kindTables, at: off, items: []*value{fresh}})
	case n.Kind == unstable.ArrayTable && have.val.kind == kindTables:
		have.val.items = append(have.val.items, fresh)
	case n.Kind == unstable.Table && have == nil:
		parent.put(name, off, fresh)
	case n.Kind == unstable.Table && have.val.kind == kindTable && !have.val.explicit:
		have.val.explicit, have.val.at, have.at = true, off, off
		fresh = have.val
	default:
		b.twice(name, off, have.at)
	}
	b.section = fresh
}

func (b *treeBuilder) twice(name string, off, first int) {
	line, _ := b.src.place(first)
	b.fail(off, "duplicate-key", fmt.Sprintf("%s stands twice; first on line %d", show(name), line),
		"keep one; a table that repeats is written with double brackets: [[name]]")
}

// walk follows a dotted name from a table to the parent of its last part,
// making the tables between. It returns nil after reporting a part that is no
// table.
func (b *treeBuilder) walk(from *value, key unstable.Iterator) (*value, *unstable.Node) {
	var last *unstable.Node
	for key.Next() {
		if last != nil {
			if from = b.step(from, last); from == nil {
				return nil, nil
			}
		}
		last = key.Node()
	}
	return from, last
}

func (b *treeBuilder) step(from *value, part *unstable.Node) *value {
	name, off := string(part.Data), int(part.Raw.Offset)
	have := from.get(name)
	if have == nil {
		made := &value{kind: kindTable, at: off, end: off + int(part.Raw.Length)}
		from.put(name, off, made)
		return made
	}
	switch have.val.kind {
	case kindTable:
		return have.val
	case kindTables:
		return have.val.items[len(have.val.items)-1]
	}
	b.twice(name, off, have.at)
	return nil
}

// assign puts key = value into a table.
func (b *treeBuilder) assign(into *value, n *unstable.Node) {
	parent, last := b.walk(into, n.Key())
	if parent == nil {
		return
	}
	name, off := string(last.Data), int(last.Raw.Offset)
	if have := parent.get(name); have != nil {
		b.twice(name, off, have.at)
		return
	}
	from := off + int(last.Raw.Length)
	for from < len(b.src.data) && (b.src.data[from] == ' ' || b.src.data[from] == '\t' || b.src.data[from] == '=') {
		from++
	}
	end := int(n.Raw.Offset) + int(n.Raw.Length)
	parent.put(name, off, b.value(n.Value(), from, end))
}

// value reads n, which lies between from and end: the parser gives lists no
// place of their own.
func (b *treeBuilder) value(n *unstable.Node, from, end int) *value {
	v := &value{at: from, end: end, str: string(n.Data)}
	if n.Kind != unstable.Array && n.Kind != unstable.InlineTable {
		v.at, v.end = int(n.Raw.Offset), int(n.Raw.Offset)+int(n.Raw.Length)
	}
	switch n.Kind {
	case unstable.String:
		v.kind = kindString
	case unstable.Bool:
		v.kind, v.flag = kindBool, v.str == "true"
	case unstable.Integer:
		v.kind = kindInt
		num, err := strconv.ParseInt(strings.ReplaceAll(v.str, "_", ""), 0, 64)
		if err != nil {
			v.kind = kindOther
		}
		v.num = num
	case unstable.Array:
		v.kind = kindArray
		for it := n.Children(); it.Next(); {
			at := from
			if it.Node().Kind == unstable.InlineTable {
				at = int(it.Node().Raw.Offset)
			}
			v.items = append(v.items, b.value(it.Node(), at, end))
		}
	case unstable.InlineTable:
		v.kind, v.explicit, v.braces = kindTable, true, true
		for it := n.Children(); it.Next(); {
			b.assign(v, it.Node())
		}
	default:
		v.kind = kindOther
	}
	return v
}
