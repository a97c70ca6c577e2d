package tui

import (
	"strings"

	"charm.land/lipgloss/v2"
)

// theme says how each role looks: in 16 colours by role, or without colour in
// bold, reverse and underline, so that the selection never vanishes.
type theme struct {
	styles [roles]lipgloss.Style
	plain  [roles]bool // nothing to add
	ascii  *strings.Replacer
}

// ascii twins: bad is "#", never "x", for "[x]" reads as ticked.
func asciiTwins() *strings.Replacer {
	return strings.NewReplacer("✓", "+", "✗", "#", "–", "-", "▶", ">", "┃", "|", "█", "#", "░", ".", "…", ">", "•", "*",
		"─", "-", "│", "|", "┌", "+", "┐", "+", "└", "+", "┘", "+", "├", "+", "┤", "+", "┬", "+", "┴", "+", "┼", "+")
}

func newTheme(color, ascii, drill bool) theme {
	var t theme
	s := lipgloss.NewStyle
	t.styles = [roles]lipgloss.Style{
		text: s(), rule: s(), title: s().Bold(true), warn: s().Reverse(true).Bold(true), caut: s().Bold(true),
		unkn: s().Underline(true).Bold(true), good: s(), todo: s().Underline(true), runs: s(),
		badge: s().Reverse(true), public: s().Bold(true).Reverse(true), selected: s().Reverse(true),
	}
	if color {
		t.styles[rule] = s().Foreground(lipgloss.BrightBlack)
		t.styles[warn] = s().Foreground(lipgloss.BrightWhite).Background(lipgloss.Red)
		t.styles[caut] = s().Foreground(lipgloss.Black).Background(lipgloss.Yellow)
		t.styles[unkn] = s().Foreground(lipgloss.Black).Background(lipgloss.BrightMagenta)
		t.styles[good] = s().Foreground(lipgloss.Green)
		t.styles[todo] = s().Foreground(lipgloss.Cyan)
		t.styles[runs] = s().Foreground(lipgloss.BrightCyan)
		if drill {
			t.styles[badge] = s().Foreground(lipgloss.Black).Background(lipgloss.Magenta)
		}
	}
	t.plain[text] = true
	if !color {
		t.plain[rule], t.plain[good], t.plain[runs] = true, true, true
	}
	if ascii {
		t.ascii = asciiTwins()
	}
	return t
}

// draw is a fitted line as the terminal gets it.
func (t theme) draw(l line) string {
	var b strings.Builder
	for _, s := range l {
		str := s.s
		if t.ascii != nil {
			str = t.ascii.Replace(str)
		}
		if t.plain[s.r] {
			b.WriteString(str)
		} else {
			b.WriteString(t.styles[s.r].Render(str))
		}
	}
	return b.String()
}
