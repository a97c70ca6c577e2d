package importer

import (
	"strings"

	"github.com/virtengine/relight/lazy"
)

// section is a heading and what stands right under it, up to the next heading.
type section struct {
	head   *block // nil for what stands before the first heading
	parent int    // index of the section above, -1 for none
	blocks []block
	unit   int // index of the section whose procedure it belongs to, 0 for the document
}

// stageForm are headings that name a part of a procedure, not a procedure.
var stageForm = lazy.Pattern(`(?i)^(?:[0-9.]+[).:]? *)?(?:steps?\b|phase\b|stage\b|option\b|detect|diagnos|symptom|impact\b|overview|scope|pre-?requisit|pre-|post-|before\b|during\b|after\b|immediate|recovery(?: steps| procedures?)?$|resolution|remediation|mitigation|verif|validation|roll-?back|procedures?$|actions?$|commands?$|assess|prepar|notif|escalat|clean-?up|follow|checklist$|root cause|investigat|triage|communicat|references?$|related|template|contact|timeline|objective|success|general|appendix$|if |when )`)

// shortDocument is how many lines a document has that becomes one runbook
// whatever stands in it.
const shortDocument = 60

// sections cuts the blocks at their headings and says which procedure each
// belongs to.
func sections(blocks []block, lines int) []section {
	out := []section{{parent: -1}}
	for i := range blocks {
		if blocks[i].kind != heading {
			last := &out[len(out)-1]
			last.blocks = append(last.blocks, blocks[i])
			continue
		}
		parent := len(out) - 1
		for parent > 0 && out[parent].head != nil && out[parent].head.level >= blocks[i].level {
			parent = out[parent].parent
		}
		if out[0].head == nil && len(out) == 1 && (blocks[i].level == 1 || len(out[0].blocks) == 0) {
			out[0].head = &blocks[i] // the document's title
			continue
		}
		out = append(out, section{head: &blocks[i], parent: parent})
	}
	found := map[int]bool{}
	for i := range out {
		if i > 0 && active(out[i]) {
			out[i].unit = procedureOf(out, i)
			found[out[i].unit] = out[i].unit > 0
		}
	}
	delete(found, 0)
	for i := range out {
		switch {
		case len(found) < 2 || lines < shortDocument:
			out[i].unit = 0
		case out[i].unit == 0 && i > 0:
			// What only tells something stays with the procedure round it.
			for at := i; at > 0; at = out[at].parent {
				if found[at] {
					out[i].unit = at
					break
				}
			}
		}
	}
	return out
}

// procedureOf is the nearest heading, from section i upwards, that names a
// procedure; 0 when that is the document itself.
func procedureOf(all []section, i int) int {
	for at := i; at > 0; at = all[at].parent {
		if !stageForm.MatchString(all[at].head.text) {
			return at
		}
	}
	return 0
}

// active says that a section asks for something to be done: it has shell, a
// box, or a numbered list under words that promise steps.
func active(s section) bool {
	label := title(s)
	for _, b := range s.blocks {
		switch {
		case b.kind == box, b.kind == fenced && isShell(b), b.kind == number && asksFor(label, b):
			return true
		case b.kind == paragraph:
			if l, ok := labelOf(b); ok {
				label = title(s) + " " + l
			}
		}
	}
	return false
}

func title(s section) string {
	if s.head == nil {
		return ""
	}
	return s.head.text
}

var (
	labelForm = lazy.Pattern(`^\*\*([^*]+)\*\*[^|]{0,120}$`)
	colonForm = lazy.Pattern(`^([\pL\pN][^|*` + "`" + `]{2,80}):$`)
	stepsForm = lazy.Pattern(`(?i)recover|procedure|steps?\b|restor|fail-?over|respon|remediat|mitigat|resol|roll-?back|runbook|playbook|actions?\b|detect|diagnos|verif|immediate`)
)

// labelOf is the bold word that a line begins with, as in **Recovery**:, or a
// short line that ends in a colon.
func labelOf(b block) (string, bool) {
	if b.kind != paragraph || len(b.own) != 1 {
		return "", false
	}
	text := strings.TrimSpace(b.own[0].s)
	m := labelForm.FindStringSubmatch(text)
	if m == nil {
		m = colonForm.FindStringSubmatch(text)
	}
	if m == nil {
		return "", false
	}
	return strings.Trim(m[1], " :"), true
}

// asksFor says whether a numbered item is a step: shell stands in it, or the
// words over its list promise steps.
func asksFor(label string, b block) bool {
	for _, n := range b.nested {
		if n.kind == fenced && isShell(n) {
			return true
		}
	}
	return stepsForm.MatchString(label) && !strings.Contains(b.text, "](#")
}

var shellLine = lazy.Pattern(`^\s*(?:\$ |# |#$|sudo |systemctl |kubectl |curl |ssh |scp |cp |mv |rm |cd |cat |tail |grep |psql |virtengine |provider-daemon |docker |git |ls |for |do$|done|if |fi$|echo |export |wget |tar |aws |gcloud |helm |make |journalctl |gpg |jq |apt |chmod |chown |mkdir )`)

// isShell says whether a fence holds shell: its language says so, or most of
// its lines begin like commands.
func isShell(b block) bool {
	switch b.lang {
	case "bash", "sh", "shell", "console", "zsh", "shell-session":
		return true
	case "":
	default:
		return false
	}
	commands, all := 0, 0
	for _, l := range b.body {
		if strings.TrimSpace(l.s) == "" {
			continue
		}
		all++
		if shellLine.MatchString(l.s) {
			commands++
		}
	}
	return commands > 0 && 2*commands >= all
}
