package checklists

import (
	"fmt"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/virtengine/relight/lazy"
)

// What a recovery throws away is what the review asks for, and at times the
// only copy. So a step that deletes or resets needs an earlier one, flown
// whenever this one is, that keeps evidence in the record: logs, WAL, the
// process list, a sha256.

// captureFirst reports the steps that delete before anything was kept.
func (p *reader) captureFirst() {
	for i, sp := range p.spots {
		s := p.stepAt(sp)
		for _, b := range []*Block{s.Run, s.Undo} {
			if b == nil {
				continue
			}
			if what, line := destroys(*b); what != "" && !p.kept(i) {
				p.err(line, p.col(line), "capture-first", fmt.Sprintf("%q throws something away, and no earlier step keeps what it was", what),
					"before it, a step with evidence=output or evidence=file: logs, WAL, the process list, their sha256")
				break
			}
		}
	}
}

// kept: a step before the one at index keeps evidence, on every path.
func (p *reader) kept(index int) bool {
	here := p.spots[index]
	for _, sp := range p.spots[:index] {
		s := p.stepAt(sp)
		if (s.Evidence == "output" || s.Evidence == "file") && p.flownBefore(sp, here) {
			return true
		}
	}
	return false
}

// flownBefore: whoever comes to the step at to has flown the one at from.
func (p *reader) flownBefore(from, to spot) bool {
	s, g, h := p.stepAt(from), p.groupAt(from), p.groupAt(to)
	if s.Optional || s.Only != "" && s.Only != p.stepAt(to).Only {
		return false
	}
	return g.Letter == "" || g.Letter == h.Letter && g.Choice == h.Choice
}

var (
	sqlDeletes  = lazy.Pattern(`(?i)\b(drop\s+(table|database|schema|tablespace|role)|truncate|delete\s+from)\b`)
	httpDeletes = lazy.Pattern(`(?m)^DELETE\s`)
	scratchSet  = lazy.Pattern(`(?m)\b([A-Za-z_]\w*)=["']?(?:/tmp/|/var/tmp/|\$\(mktemp|` + "`mktemp" + `)`)
	keptThings  = lazy.Pattern(`pg_wal|/data\b|\.log\b|/log/|journal|priv_validator|\.dump\b|backup|\.db\b|\.wal\b|PGDATA`)
)

// destroys is the first command of the block that throws something away, and
// its line in the file.
func destroys(b Block) (what string, line int) {
	switch b.Lang {
	case "sql":
		return firstMatch(b, sqlDeletes)
	case "http":
		return firstMatch(b, httpDeletes)
	case "sh", "bash":
	default:
		return "", 0
	}
	file, err := syntax.NewParser(syntax.Variant(syntax.LangBash)).Parse(strings.NewReader(b.Text), "")
	if err != nil {
		return "", 0 // shell-syntax was said
	}
	scratch := []string{"/tmp/", "/var/tmp/", "$TMP", "$RELIGHT_"}
	if strings.Contains(b.Text, "tmp/") || strings.Contains(b.Text, "mktemp") {
		for _, m := range scratchSet.FindAllStringSubmatch(b.Text, -1) {
			scratch = append(scratch, "$"+m[1])
		}
	}
	syntax.Walk(file, func(n syntax.Node) bool {
		if c, ok := n.(*syntax.CallExpr); ok && what == "" {
			if words := plainCommand(literals(c)); len(words) > 0 && deletes(words[0], words[1:], scratch) {
				what, line = short60(strings.Join(words, " ")), b.Line+int(c.Pos().Line())
			}
		}
		return what == ""
	})
	return what, line
}

func firstMatch(b Block, form *lazy.Regexp) (string, int) {
	at := form.FindStringIndex(b.Text)
	if at == nil {
		return "", 0
	}
	return strings.TrimSpace(b.Text[at[0]:at[1]]), b.Line + 1 + strings.Count(b.Text[:at[0]], "\n")
}

func short60(s string) string {
	s = strings.ReplaceAll(s, "\n", " ")
	if len(s) > 60 {
		return s[:60]
	}
	return s
}

// deletes says whether a command throws away what may be the only copy.
// scratch are beginnings of paths that nobody will miss.
func deletes(name string, args []string, scratch []string) bool {
	all := strings.Join(args, " ")
	switch {
	case name == "rm":
		return removes(args, scratch)
	case name == "find":
		return contains(args, "-delete") || strings.Contains(all, "-exec rm")
	case name == "psql":
		return sqlDeletes.MatchString(all)
	case name == "journalctl":
		return strings.Contains(all, "--vacuum")
	case name == "kubectl", name == "docker", name == "podman", name == "zfs":
		return contains(args, "delete") || contains(args, "prune") || contains(args, "destroy") || name != "kubectl" && contains(args, "rm")
	}
	for _, a := range args {
		switch a {
		case "unsafe-reset-all", "reset-state", "unsafe-reset-priv-validator", "rollback":
			return true
		}
	}
	return contains([]string{"dropdb", "pg_resetwal", "pg_rewind", "wipefs", "shred", "truncate", "lvremove", "blkdiscard"}, name) || strings.HasPrefix(name, "mkfs")
}

// removes: a tree that is no scratch folder, or a file whose name says that it
// holds something.
func removes(args, scratch []string) bool {
	tree := false
	for _, a := range args {
		if strings.HasPrefix(a, "-") {
			tree = tree || a == "--recursive" || !strings.HasPrefix(a, "--") && strings.ContainsAny(a, "rR")
			continue
		}
		spare := strings.HasSuffix(a, ".staged") || strings.HasSuffix(a, ".tmp")
		for _, s := range scratch {
			spare = spare || strings.HasPrefix(a, s)
		}
		if !spare && (tree || keptThings.MatchString(a)) {
			return true
		}
	}
	return false
}
