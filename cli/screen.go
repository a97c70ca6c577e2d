package cli

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/virtengine/relight/checklists"
	"github.com/virtengine/relight/tui"
)

// screen is how this terminal and this person want the screen.
func (g *globals) screen(drill bool) (tui.Options, error) {
	theme, err := tui.ThemeFor(g.theme, g.getenv)
	if err != nil {
		return tui.Options{}, err
	}
	o := tui.Options{ASCII: g.ascii || tui.WantsASCII(g.getenv), Quiet: g.quiet, NoColor: g.noColor || g.getenv("NO_COLOR") != "",
		Theme: theme, Holder: g.holder(), Loose: g.holder() == "", Copy: g.copier()}
	o.Lessons, o.LessonsEnd = g.teaches(drill)
	return o, nil
}

// menu is what the screen knows of the runbooks and the fleet. The runbooks are
// read beside the first frame, which waits for nothing it does not show; one that
// does not fly is not offered, and says why when it is declared.
func (h house) menu(o tui.Options) tui.Options {
	o.Runbooks = sync.OnceValue(func() []tui.Runbook {
		books, _ := h.shelf.all()
		var out []tui.Runbook
		for _, b := range books {
			if whole, err := checklists.Include(b, h.shelf.Procedure); err == nil {
				out = append(out, tui.Runbook{ID: b.ID, Title: b.Title, Book: whole})
			}
		}
		return out
	})
	f := h.helm.fleet
	o.Names = tui.Names{Groups: map[string][]string{}}
	add := func(list *[]string, s string) {
		if s != "" && !slices.Contains(*list, s) {
			*list = append(*list, s)
		}
	}
	for _, x := range f.Hosts {
		add(&o.Names.Hosts, x.Name)
		add(&o.Names.Zones, x.Zone)
		add(&o.Names.Regions, x.Region)
		for _, g := range x.Groups {
			o.Names.Groups[g] = append(o.Names.Groups[g], x.Name)
		}
	}
	for _, e := range f.Endpoints {
		add(&o.Names.Endpoints, e.Name)
	}
	for _, d := range f.Databases {
		add(&o.Names.Databases, d.Name)
	}
	return o
}

// holder is the program that keeps the session when the line drops.
func (g *globals) holder() string {
	switch {
	case g.getenv("TMUX") != "":
		return "tmux"
	case g.getenv("STY") != "":
		return "screen"
	case g.getenv("ZELLIJ") != "":
		return "zellij"
	}
	return ""
}

// teaches says whether the lessons of the first flight are shown: in a drill,
// until somebody on this machine has ended them.
func (g *globals) teaches(drill bool) (on bool, end func()) {
	dir, err := g.journalDir()
	if err != nil || !drill {
		return false, nil
	}
	mark := filepath.Join(dir, "lessons-ended")
	_, err = os.Stat(mark)
	on = g.lessons == "on" || (g.lessons != "off" && err != nil)
	return on, func() {
		if os.MkdirAll(dir, 0o700) == nil {
			_ = os.WriteFile(mark, nil, 0o600) // at worst the lessons come again
		}
	}
}

// copier keeps what the person copied in a file beside the records, and in
// tmux, which gives it to the terminal in front of it.
func (g *globals) copier() tui.Copier {
	return func(ctx context.Context, text string) (where []string, err error) {
		if g.getenv("TMUX") != "" && toTmux(ctx, text) == nil {
			where = append(where, "tmux (its paste key)")
		}
		dir, err := g.journalDir()
		if err != nil {
			return where, err
		}
		path := filepath.Join(dir, "copied.txt")
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return where, fmt.Errorf("copy: %w", err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			return where, fmt.Errorf("copy: %w", err)
		}
		return append(where, path), nil
	}
}

// toTmux loads the buffer of the tmux that holds this session.
func toTmux(ctx context.Context, text string) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, "tmux", "load-buffer", "-w", "-")
	cmd.Stdin = bytes.NewReader([]byte(text))
	return cmd.Run()
}
