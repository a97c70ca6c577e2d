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
		Short: "Turn an existing document into skeletons of runbooks; nothing in them runs",
		Long: "import reads a Markdown document and writes a runbook for each procedure it finds. Nothing in\n" +
			"them runs: shell stays an illustration with a TODO until a person says where it runs and how it\n" +
			"is read back. No line is lost: what found no place is quoted and listed. Then it prints what in the\n" +
			"document fails on real systems or contradicts itself, by the document's own lines.",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return errors.New("import: name one document: relight import DOC.md")
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error { return g.importDocument(args[0], out) },
	}
	cmd.Flags().StringVarP(&out, "out", "o", "runbooks", "folder for the skeletons, or for a single one a file *.md; no file is ever overwritten")
	return cmd
}

func (g *globals) importDocument(path, out string) error {
	src, err := readDocument(path)
	if err != nil {
		return fmt.Errorf("import: %w; name a Markdown file", err)
	}
	if _, problems := checklists.Parse(path, src, nil); !checklists.Failed(problems) {
		return fmt.Errorf("import: %s is a runbook already: put it into a folder of [library] runbooks; `relight lint` checks it", path)
	}
	r, err := importer.Import(filepath.Base(path), src)
	if err != nil {
		return err
	}
	files, err := skeletonPaths(out, r.Books)
	if err != nil {
		return err
	}
	if err := writeSkeletons(files, r.Books); err != nil {
		return err
	}
	for i, k := range r.Books {
		fmt.Fprintf(g.Out, "%s: %s\n", safe.Line(files[i]), inside(k))
	}
	fmt.Fprintf(g.Out, "\nFrom %s: %s. Nothing in the skeletons runs yet: look for TODO.\n", safe.Line(path), placed(r.Lines))
	if len(r.Listed) > 0 {
		fmt.Fprintf(g.Out, "\nTo be looked at:\n")
		for _, l := range r.Listed {
			fmt.Fprintf(g.Out, "%s:%d: %s\n", safe.Line(path), l.Line, safe.Line(l.Text))
		}
	}
	found := checklists.DocumentFindings(checklists.File{Path: path, Src: src})
	if len(found) == 0 {
		fmt.Fprintf(g.Out, "\nNothing that is known to fail on real systems stands in it.\n")
		return nil
	}
	fmt.Fprintf(g.Out, "\nWhat fails on real systems or contradicts itself, by the document's own lines (%s):\n", count(len(found), "finding"))
	for _, p := range found {
		fmt.Fprintf(g.Out, "\n%s\n", p.Detail(src))
	}
	return nil
}

// skeletonPaths are the files to write: in the folder out, or out itself where
// it ends as a Markdown file does.
func skeletonPaths(out string, books []importer.Skeleton) ([]string, error) {
	if strings.HasSuffix(out, ".md") {
		if len(books) != 1 {
			return nil, fmt.Errorf("import: %s were found and %s is one file: give -o a folder", count(len(books), "procedure"), out)
		}
		return []string{out}, nil
	}
	var files []string
	for _, k := range books {
		files = append(files, filepath.Join(out, k.ID+".md"))
	}
	return files, nil
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
func writeSkeletons(files []string, books []importer.Skeleton) error {
	var there []string
	for _, path := range files {
		if _, err := os.Lstat(path); err == nil {
			there = append(there, path)
		} else if !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("import: %w; give -o another place", err)
		}
	}
	if len(there) > 0 {
		return fmt.Errorf("import: already there: %s; nothing was written: give -o another place, or move the old files away", strings.Join(there, ", "))
	}
	if err := os.MkdirAll(filepath.Dir(files[0]), 0o755); err != nil {
		return fmt.Errorf("import: %w; give -o another place", err)
	}
	for i, k := range books {
		f, err := os.OpenFile(files[i], os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
		if err != nil {
			return fmt.Errorf("import: %w", err)
		}
		_, err = f.WriteString(k.Text)
		if err = errors.Join(err, f.Close()); err != nil {
			return fmt.Errorf("import: %w; %d of %d files were written", err, i, len(books))
		}
	}
	return nil
}
