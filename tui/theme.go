package tui

import (
	"fmt"
	"image/color"
	"slices"
	"strings"

	"charm.land/lipgloss/v2"

	"github.com/virtengine/relight/safe"
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
	return strings.NewReplacer("✓", "+", "✗", "#", "–", "-", "▶", ">", "┃", "|", "█", "#", "░", ".", "…", ">", "•", "*", "→", ">", "←", "<", "↓", "v", "↑", "^",
		"─", "-", "│", "|", "┌", "+", "┐", "+", "└", "+", "┘", "+", "├", "+", "┤", "+", "┬", "+", "┴", "+", "┼", "+")
}

// Themes are the names a person can choose from. None asks the terminal for
// its colours: auto goes by what stands well on both, or by COLORFGBG.
func Themes() []string { return []string{"auto", "light", "dark", "mono", "colour-blind"} }

// ThemeFor is the theme of that name in that environment: NO_COLOR wins over
// auto, and COLORFGBG says what auto is drawn on.
func ThemeFor(name string, getenv func(string) string) (string, error) {
	if name == "" {
		name = "auto"
	}
	if name == "color-blind" || name == "colorblind" || name == "colourblind" {
		name = "colour-blind"
	}
	if !slices.Contains(Themes(), name) {
		return "", fmt.Errorf("there is no theme %q: choose one of %s", safe.Short(name, 30), strings.Join(Themes(), ", "))
	}
	if name != "auto" {
		return name, nil
	}
	if getenv("NO_COLOR") != "" {
		return "mono", nil
	}
	_, back, _ := strings.Cut(getenv("COLORFGBG"), ";")
	if i := strings.LastIndexByte(back, ';'); i >= 0 {
		back = back[i+1:]
	}
	switch back {
	case "7", "15":
		return "light", nil
	case "0", "8":
		return "dark", nil
	}
	return "auto", nil
}

func newTheme(name string, ascii, drill bool) theme {
	var t theme
	s := lipgloss.NewStyle
	t.styles = [roles]lipgloss.Style{
		text: s(), rule: s(), title: s().Bold(true), warn: s().Reverse(true).Bold(true), caut: s().Bold(true),
		unkn: s().Underline(true).Bold(true), good: s(), todo: s().Underline(true), runs: s(),
		badge: s().Reverse(true), public: s().Bold(true).Reverse(true), selected: s().Reverse(true),
	}
	t.plain[text] = true
	if name == "mono" {
		t.plain[rule], t.plain[good], t.plain[runs] = true, true, true
	} else {
		t.colour(name, drill)
	}
	if ascii {
		t.ascii = asciiTwins()
	}
	return t
}

// colour gives the roles their colours, of the 16 the terminal has. Red and
// yellow belong to alerts alone.
func (t *theme) colour(name string, drill bool) {
	s := lipgloss.NewStyle
	on := func(fore, back color.Color) lipgloss.Style { return s().Foreground(fore).Background(back) }
	t.styles[rule] = s().Foreground(lipgloss.BrightBlack)
	t.styles[warn] = on(lipgloss.BrightWhite, lipgloss.Red)
	t.styles[caut] = on(lipgloss.Black, lipgloss.Yellow)
	t.styles[unkn] = on(lipgloss.Black, lipgloss.BrightMagenta)
	t.styles[good] = s().Foreground(lipgloss.Green)
	t.styles[todo] = s().Foreground(lipgloss.Cyan)
	t.styles[runs] = s().Foreground(lipgloss.BrightCyan)
	if drill {
		t.styles[badge] = on(lipgloss.Black, lipgloss.Magenta)
	}
	switch name {
	case "light": // bright colours vanish on white
		t.styles[todo] = s().Foreground(lipgloss.Blue)
		t.styles[runs] = s().Foreground(lipgloss.Blue).Bold(true)
		t.styles[rule] = s().Foreground(lipgloss.White)
	case "dark": // and dark ones on black
		t.styles[good] = s().Foreground(lipgloss.BrightGreen)
		t.styles[todo] = s().Foreground(lipgloss.BrightCyan)
		t.styles[runs] = s().Foreground(lipgloss.BrightCyan).Bold(true)
	case "colour-blind": // no red against green, no blue against magenta
		t.styles[warn] = s().Reverse(true).Bold(true)
		t.styles[unkn] = on(lipgloss.Black, lipgloss.BrightCyan)
		t.styles[good] = s().Foreground(lipgloss.Blue)
		t.styles[todo] = s().Underline(true)
		t.styles[runs] = s().Bold(true)
		if drill {
			t.styles[badge] = on(lipgloss.BrightWhite, lipgloss.Blue)
		}
	}
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
