package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/virtengine/relight/checklists"
	"github.com/virtengine/relight/checklists/importer"
	"github.com/virtengine/relight/safe"
)

func newImport(g *globals) *cobra.Command {
	var out string
	cmd := &cobra.Command{
		Use:   "import DOC.md",
		Short: "Turn an existing document into skeletons of runbooks",
		Long: "import reads a Markdown document and writes a runbook for each procedure it finds. Nothing in\n" +
			"them runs: shell stays an illustration with a TODO until a person says where it runs and how it\n" +
			"is read back. Then it lists what in the document fails on real systems, with its lines.",
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error { return g.importDocument(args[0], out) },
	}
	cmd.Flags().StringVar(&out, "out", "runbooks", "folder for the skeletons; no file there is ever overwritten")
	return cmd
}

func (g *globals) importDocument(path, dir string) error {
	src, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("import: %w; name a Markdown file", err)
	}
	r, err := importer.Import(filepath.Base(path), src)
	if err != nil {
		return err
	}
	if err := writeSkeletons(dir, r.Books); err != nil {
		return err
	}
	for _, k := range r.Books {
		fmt.Fprintf(g.Out, "%s: %s\n", safe.Line(filepath.Join(dir, k.ID+".md")), inside(k))
	}
	fmt.Fprintf(g.Out, "\nFrom %s: %s. Nothing in the skeletons runs yet: look for TODO.\n", safe.Line(path), placed(r.Lines))
	if len(r.Listed) > 0 {
		fmt.Fprintf(g.Out, "\nTo be looked at:\n")
		for _, l := range r.Listed {
			fmt.Fprintf(g.Out, "%s:%d: %s\n", safe.Line(path), l.Line, safe.Line(l.Text))
		}
	}
	found := checklists.SlipsInDocument(path, src)
	if len(found) == 0 {
		fmt.Fprintf(g.Out, "\nNone of the commands known to fail on real systems stands in it.\n")
		return nil
	}
	fmt.Fprintf(g.Out, "\nWhat fails on real systems, by the document's own lines (%d findings):\n", len(found))
	for _, p := range found {
		fmt.Fprintln(g.Out, safe.Line(p.String()))
	}
	return nil
}

func inside(k importer.Skeleton) string {
	parts := []string{count(k.Steps, "step")}
	for _, x := range []struct {
		n    int
		what string
	}{{k.Messages, "message"}, {k.Clocks, "clock"}, {k.Illustrations, "illustration"}} {
		if x.n > 0 {
			parts = append(parts, count(x.n, x.what))
		}
	}
	return strings.Join(parts, ", ")
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// placed says how many lines of the source went where.
func placed(lines []importer.Place) string {
	n, listed := 0, 0
	for _, l := range lines {
		switch l.As {
		case "":
		case "listed":
			listed++
		default:
			n++
		}
	}
	if listed == 0 {
		return fmt.Sprintf("all of its %d lines with text are placed", n)
	}
	return fmt.Sprintf("%d lines with text are placed, %d are listed below and quoted", n, listed)
}

// writeSkeletons writes all files or, when one of them exists, none.
func writeSkeletons(dir string, books []importer.Skeleton) error {
	var there []string
	for _, k := range books {
		if _, err := os.Lstat(filepath.Join(dir, k.ID+".md")); err == nil {
			there = append(there, k.ID+".md")
		} else if !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("import: %w; give --out another folder", err)
		}
	}
	if len(there) > 0 {
		return fmt.Errorf("import: %s already in %s, and nothing was written: give --out another folder, or move the old files away", strings.Join(there, ", "), dir)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("import: %w; give --out another folder", err)
	}
	for _, k := range books {
		f, err := os.OpenFile(filepath.Join(dir, k.ID+".md"), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
		if err != nil {
			return fmt.Errorf("import: %w", err)
		}
		_, err = f.WriteString(k.Text)
		if err = errors.Join(err, f.Close()); err != nil {
			return fmt.Errorf("import: %w; what was written so far lies in %s", err, dir)
		}
	}
	return nil
}
