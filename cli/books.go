package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/virtengine/relight/checklists"
	"github.com/virtengine/relight/comms"
	"github.com/virtengine/relight/config"
)

// backbone is the runbook every procedure flies in.
const backbone = "incident-backbone"

// shelf holds the runbooks: the user's folders first, then what is embedded.
type shelf struct {
	folders []string
	names   checklists.Inventory
}

func newShelf(l config.Library, f config.Fleet) shelf {
	return shelf{folders: l.Runbooks, names: f}
}

// Procedure is the runbook alone, without errors.
func (s shelf) Procedure(id string) (checklists.Book, error) {
	for _, dir := range s.folders {
		path := filepath.Join(dir, id+".md")
		src, err := os.ReadFile(path)
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			return checklists.Book{}, fmt.Errorf("runbook %s: %w", id, err)
		}
		b, problems := checklists.Parse(path, src, s.names)
		if bad := errorsOf(problems); bad != "" {
			return checklists.Book{}, fmt.Errorf("the runbook %s does not fly:\n%s", id, bad)
		}
		return b, nil
	}
	if known := s.runbooks(); id != backbone && !slices.Contains(known, id) {
		return checklists.Book{}, noSuchRunbook(id, known)
	}
	return checklists.Find(id)
}

// runbooks are the ids that can be flown, sorted.
func (s shelf) runbooks() []string {
	var ids []string
	for _, dir := range s.folders {
		found, _ := filepath.Glob(filepath.Join(dir, "*.md"))
		for _, path := range found {
			ids = append(ids, strings.TrimSuffix(filepath.Base(path), ".md"))
		}
	}
	ids = append(ids, checklists.IDs()...)
	slices.Sort(ids)
	return slices.DeleteFunc(slices.Compact(ids), func(id string) bool { return id == backbone })
}

func errorsOf(problems []checklists.Problem) string {
	var lines []string
	for _, p := range problems {
		if !p.Warn {
			lines = append(lines, p.String())
		}
	}
	return strings.Join(lines, "\n")
}

// Flight is the procedure with the books it flies, inside its backbone; a review
// or a test flies without one.
func (s shelf) Flight(id string) (checklists.Book, error) {
	inner, err := s.Procedure(id)
	if err != nil {
		return checklists.Book{}, err
	}
	outer, err := s.Procedure(backbone)
	if err != nil {
		return checklists.Book{}, err
	}
	if inner, err = checklists.Include(inner, s.Procedure); err != nil {
		return checklists.Book{}, fmt.Errorf("runbook %s: %w", id, err)
	}
	if inner.Alone() {
		return inner, nil
	}
	return checklists.Compose(outer, inner)
}

// templates are the base texts, the user's folders over what is embedded.
func templates(l config.Library) (map[string]comms.Template, error) {
	out, err := comms.BaseTemplates()
	if err != nil {
		return nil, err
	}
	for i := len(l.Templates) - 1; i >= 0; i-- {
		own, err := comms.LoadTemplates(os.DirFS(l.Templates[i]), ".")
		if err != nil {
			return nil, err
		}
		for name, t := range own {
			out[name] = t
		}
	}
	return out, nil
}
