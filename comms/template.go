package comms

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/virtengine/relight/comms/outbox"
	"github.com/virtengine/relight/lazy"
)

// Template is one message with places to fill: {{name}}.
type Template struct {
	Name     string
	Audience outbox.Audience // whom it was written for; a channel's own audience may be stricter
	State    string          // of a status page: investigating, identified, monitoring, resolved; or empty
	Title    string
	Body     string
}

// The built-in fields. All are text by the time they come here; times read
// "14:30 UTC".
const (
	FieldImpact     = "impact"
	FieldETA        = "eta"
	FieldNextUpdate = "next_update"
	FieldStart      = "start" // the onset
	FieldEnd        = "end"
	FieldDuration   = "duration"
	FieldComponents = "components"
	FieldSeverity   = "severity"
	FieldCommander  = "commander"
	FieldPublicName = "public_name"
	FieldCadence    = "cadence" // the promised interval, "30 minutes"
)

// BuiltIn are the names of the built-in fields, for the linter and the screen.
func BuiltIn() []string {
	return []string{FieldImpact, FieldETA, FieldNextUpdate, FieldStart, FieldEnd, FieldDuration,
		FieldComponents, FieldSeverity, FieldCommander, FieldPublicName, FieldCadence}
}

// LastWord is the template of the last word to everybody who was told and for
// whom the plan has no text for the end. A runbook may replace its text.
const LastWord = "last-word"

// Optional says that a line with this field is left out while it is empty: a
// message without an ETA is better than one with a guess.
func Optional(field string) bool { return field == FieldETA || field == FieldCadence }

// PublicField says that the field may stand in a public message. Parameters of
// a runbook (hosts, keys) may not; they speak through public_name.
func PublicField(field string) bool {
	return field != FieldCommander && slices.Contains(BuiltIn(), field)
}

//go:embed templates/*.txt
var baseFiles embed.FS

// BaseTemplates are the templates of the communication plan, by name. A runbook
// or the user's library replaces their text.
func BaseTemplates() (map[string]Template, error) { return LoadTemplates(baseFiles, "templates") }

// LoadTemplates reads every .txt file of a folder as a template named after the
// file. All errors are returned together.
func LoadTemplates(files fs.FS, dir string) (map[string]Template, error) {
	names, err := fs.Glob(files, path.Join(dir, "*.txt"))
	if err != nil {
		return nil, fmt.Errorf("templates in %s: %w", dir, err)
	}
	out := map[string]Template{}
	var bad []error
	for _, name := range names {
		data, err := fs.ReadFile(files, name)
		if err != nil {
			bad = append(bad, fmt.Errorf("template %s: %w", name, err))
			continue
		}
		t, err := ParseTemplate(strings.TrimSuffix(path.Base(name), ".txt"), data)
		if err != nil {
			bad = append(bad, fmt.Errorf("%s:%w", name, err))
			continue
		}
		out[t.Name] = t
	}
	return out, errors.Join(bad...)
}

// ErrTemplate is wrapped by every error of ParseTemplate.
var ErrTemplate = errors.New("bad template")

// StatusStates are the states a status page's incident may take.
func StatusStates() []string {
	return []string{"investigating", "identified", "monitoring", "resolved"}
}

// ParseTemplate reads a template file: lines "audience:", "state:" and "title:",
// an empty line, the body. Errors begin with the line and the column.
func ParseTemplate(name string, data []byte) (Template, error) {
	t := Template{Name: name}
	if !utf8.Valid(data) {
		return t, fmt.Errorf("1:1: not UTF-8: %w", ErrTemplate)
	}
	text := strings.ReplaceAll(string(data), "\r\n", "\n")
	head, body, found := strings.Cut(text, "\n\n")
	if !found {
		return t, fmt.Errorf("1:1: an empty line must part the head from the body: %w", ErrTemplate)
	}
	seen := map[string]bool{}
	lines := strings.Split(head, "\n")
	for i, line := range lines {
		key, value, ok := strings.Cut(line, ":")
		value = strings.TrimSpace(value)
		if !ok || value == "" || seen[key] {
			return t, fmt.Errorf("%d:1: want one each of \"audience: …\", \"state: …\", \"title: …\": %w", i+1, ErrTemplate)
		}
		seen[key] = true
		if err := t.set(key, value); err != nil {
			return t, fmt.Errorf("%d:1: %w", i+1, err)
		}
	}
	t.Body = strings.TrimSpace(body)
	switch {
	case t.Audience == "":
		return t, fmt.Errorf("1:1: no \"audience: public\" or \"audience: internal\": %w", ErrTemplate)
	case t.Body == "":
		return t, fmt.Errorf("%d:1: no body: %w", len(lines)+1, ErrTemplate)
	}
	return t, t.checkBraces(len(lines) + 1)
}

func (t *Template) set(key, value string) error {
	switch key {
	case "title":
		t.Title = value
	case "audience":
		t.Audience = outbox.Audience(value)
		if t.Audience != outbox.Public && t.Audience != outbox.Internal {
			return fmt.Errorf("audience %q: want public or internal: %w", value, ErrTemplate)
		}
	case "state":
		t.State = value
		if !slices.Contains(StatusStates(), value) {
			return fmt.Errorf("state %q: want one of %s: %w", value, strings.Join(StatusStates(), ", "), ErrTemplate)
		}
	default:
		return fmt.Errorf("unknown key %q: want audience, state or title: %w", key, ErrTemplate)
	}
	return nil
}

var placeholder = lazy.Pattern(`\{\{ *([a-z][a-z0-9_]*) *\}\}`)

// checkBraces finds a "{{" that is no placeholder: it could never be filled.
func (t Template) checkBraces(headLines int) error {
	for i, line := range strings.Split(t.Title+"\n"+t.Body, "\n") {
		rest := placeholder.ReplaceAllStringFunc(line, func(m string) string { return strings.Repeat("x", len(m)) })
		at := strings.Index(rest, "{{")
		if at < 0 {
			at = strings.Index(rest, "}}")
		}
		if at >= 0 {
			row := headLines + i
			if i == 0 {
				row = 1
			}
			return fmt.Errorf("%d:%d: want {{name}} with a name in lower case: %w", row, at+1, ErrTemplate)
		}
	}
	return nil
}

// Fields are the names of t's placeholders, in the order they first appear.
func (t Template) Fields() []string {
	var out []string
	for _, m := range placeholder.FindAllStringSubmatch(t.Title+"\n"+t.Body, -1) {
		if !slices.Contains(out, m[1]) {
			out = append(out, m[1])
		}
	}
	return out
}
