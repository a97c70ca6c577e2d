package config

import (
	"fmt"
	"slices"
	"strings"
)

// Problem is one finding.
type Problem struct {
	File string `json:"file"`
	Line int    `json:"line"` // 1-based; 0: about the file as a whole
	Col  int    `json:"col"`  // 1-based, in characters
	Rule string `json:"rule"` // stable id, like "unknown-key"
	Text string `json:"text"`
	Hint string `json:"hint,omitempty"` // what to write instead
	Warn bool   `json:"warning,omitempty"`

	excerpt string // the line, made safe, secrets hidden
	caret   int    // columns before the caret in excerpt
}

// String is the one-line form: file:line:col: error|warning RULE text.
func (p Problem) String() string {
	level := "error"
	if p.Warn {
		level = "warning"
	}
	where := p.File
	if p.Line > 0 {
		where = fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Col)
	}
	return fmt.Sprintf("%s: %s %s %s", where, level, p.Rule, p.Text)
}

// Detail is String with the line, a caret under the place, and the hint.
func (p Problem) Detail() string {
	var b strings.Builder
	b.WriteString(p.String())
	if p.excerpt != "" {
		no := fmt.Sprintf("%5d", p.Line)
		fmt.Fprintf(&b, "\n%s | %s\n%s | %s^", no, p.excerpt, strings.Repeat(" ", len(no)), strings.Repeat(" ", p.caret))
	}
	if p.Hint != "" {
		b.WriteString("\n      = hint: " + p.Hint)
	}
	return b.String()
}

// Problems are all findings in a file, by line. As an error it means that at
// least one of them is no warning.
type Problems []Problem

// Error is every finding in full.
func (ps Problems) Error() string {
	parts := make([]string, len(ps))
	for i, p := range ps {
		parts[i] = p.Detail()
	}
	return strings.Join(parts, "\n")
}

// Errors are the findings that are no warnings.
func (ps Problems) Errors() Problems {
	return slices.DeleteFunc(slices.Clone(ps), func(p Problem) bool { return p.Warn })
}
