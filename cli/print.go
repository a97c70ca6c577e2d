package cli

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/virtengine/relight/checklists"
	"github.com/virtengine/relight/cockpit"
	"github.com/virtengine/relight/config"
	"github.com/virtengine/relight/journal"
	"github.com/virtengine/relight/paper"
	"github.com/virtengine/relight/safe"
)

// printed is what `relight print` was asked for.
type printed struct {
	incident string
	params   []string
	html     bool
	alone    bool
}

func newPrint(g *globals) *cobra.Command {
	var o printed
	cmd := &cobra.Command{
		Use:   "print RUNBOOK|FILE.md | print --incident ID",
		Short: "A runbook, or where an incident stands, for paper",
		Long: "print writes a runbook as it would be flown, inside its backbone, with hosts, commands, boxes to tick,\n" +
			"and room for time and initials; what has no value is a line to write on. Secrets are never printed.\n" +
			"With --incident it writes the two pages with which a person goes on when the cockpit's machine is\n" +
			"lost. Plain text of 80 columns with page breaks, or with --html one file for a browser's print dialogue.",
		Example: "  relight print single-validator-failover --param failed=val-2 --html > failover.html\n  relight print --incident INC-20261123-001 | lp",
		Args:    cobra.MaximumNArgs(1),
		RunE:    func(_ *cobra.Command, args []string) error { return g.print(strings.Join(args, ""), o) },
	}
	f := cmd.Flags()
	f.StringVar(&o.incident, "incident", "", "where that incident stands, by its record")
	f.StringArrayVar(&o.params, "param", nil, "a parameter of the runbook, NAME=VALUE (repeatable)")
	f.BoolVar(&o.html, "html", false, "one HTML file that loads nothing")
	f.BoolVar(&o.alone, "alone", false, "the runbook without the backbone it flies in")
	return cmd
}

func (g *globals) print(runbook string, o printed) error {
	cfg, without := g.whatIsKnown()
	fleet := lintFleet(cfg)
	var s paper.Sheet
	var err error
	switch {
	case runbook != "" && o.incident != "":
		return errors.New("print either a runbook or --incident ID, not both")
	case o.incident != "" && (len(o.params) > 0 || o.alone):
		return errors.New("--param and --alone are for a runbook: an incident has its values in the record")
	case o.incident != "":
		s, err = g.standing(o.incident, cfg)
	case runbook != "":
		s, err = order(runbook, o, cfg.Library, fleet)
	default:
		return fmt.Errorf("name what to print: a runbook, or --incident ID. There are: %s", strings.Join(shelf{folders: cfg.Library.Runbooks}.runbooks(), ", "))
	}
	if err != nil {
		return err
	}
	if without != "" {
		fmt.Fprintf(g.Err, "relight: printed without a configuration (%s): no addresses, no plan, nobody to call; name one with --config\n", without)
	}
	s = s.With(safe.Redactor{}.With(append(secretsOf(cfg.Live), secretsOf(cfg.Drill)...)...).Redact)
	if !o.html {
		_, err = fmt.Fprint(g.Out, paper.Text(s))
		return err
	}
	_, err = fmt.Fprint(g.Out, paper.HTML(s))
	return err
}

// whatIsKnown is the configuration as far as there is one, and why there is
// none: paper must come out on a machine that is not the cockpit's, too.
func (g *globals) whatIsKnown() (cfg config.Config, without string) {
	path, err := config.Find(g.config, g.getenv)
	if err == nil {
		if cfg, err = config.Load(path, config.Options{Getenv: g.getenv, SkipFiles: true}); err == nil {
			return cfg, ""
		}
	}
	if errors.Is(err, config.ErrNone) {
		return config.Config{}, "none was found"
	}
	return config.Config{}, safe.Line(firstLine(err.Error()))
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}

// order is the sheet of a runbook, by its id or from a file.
func order(runbook string, o printed, library config.Library, fleet config.Fleet) (paper.Sheet, error) {
	values, err := pairs(o.params)
	if err != nil {
		return paper.Sheet{}, fmt.Errorf("--param: %w", err)
	}
	s := shelf{folders: library.Runbooks}
	find := s.Procedure
	if strings.HasSuffix(runbook, ".md") {
		own, err := fromFile(runbook)
		if err != nil {
			return paper.Sheet{}, err
		}
		runbook = own.ID
		find = func(id string) (checklists.Book, error) {
			if id == own.ID {
				return own, nil
			}
			return s.Procedure(id)
		}
	}
	book, err := s.expanded(runbook, find, o.alone)
	if err != nil {
		return paper.Sheet{}, err
	}
	if err := paramsFit(book, book.ID, values, fleet); err != nil {
		return paper.Sheet{}, err
	}
	return paper.Runbook(paper.Order{Book: book, Params: values, Fleet: fleet, Now: time.Now()}), nil
}

// expanded is a runbook with every book it flies, inside its backbone unless it
// is to stand alone.
func (s shelf) expanded(id string, find func(string) (checklists.Book, error), alone bool) (checklists.Book, error) {
	book, err := find(id)
	if err != nil {
		return checklists.Book{}, err
	}
	if book, err = checklists.Include(book, find); err != nil {
		return checklists.Book{}, fmt.Errorf("runbook %s: %w", id, err)
	}
	if alone || id == backbone || book.Alone() {
		return book, nil
	}
	outer, err := s.Procedure(backbone)
	if err != nil {
		return checklists.Book{}, err
	}
	return checklists.Compose(outer, book)
}

func fromFile(path string) (checklists.Book, error) {
	src, err := readDocument(path)
	if err != nil {
		return checklists.Book{}, fmt.Errorf("print: %w", err)
	}
	b, problems := checklists.Parse(path, src, nil)
	if bad := errorsOf(problems); bad != "" {
		return checklists.Book{}, fmt.Errorf("the runbook %s does not fly, so it is not printed:\n%s", filepath.Base(path), bad)
	}
	return b, nil
}

// standing is the sheet of an incident, by its record.
func (g *globals) standing(id string, cfg config.Config) (paper.Sheet, error) {
	if idShape.MatchString(id) {
		id = strings.ToUpper(id)
	}
	_, entries, head, err := g.readRecord([]string{id})
	broken := ""
	if err != nil {
		if entries, head = g.readable(id); len(entries) == 0 {
			return paper.Sheet{}, err
		}
		broken = err.Error()
		fmt.Fprintf(g.Err, "relight: %s: printed as far as it can be trusted\n", safe.Line(broken))
	}
	record, err := cockpit.Decode(entries)
	if err != nil {
		return paper.Sheet{}, err
	}
	state := cockpit.Fold(record)
	if state.ID == "" {
		return paper.Sheet{}, fmt.Errorf("the record %s holds no declaration: there is nothing to go on with", id)
	}
	fleet := cfg.Live
	if state.Drill {
		fleet = g.drillFleet(id, cfg)
	}
	return paper.Incident(paper.Standing{State: state, At: record[len(record)-1].At, Head: head, Broken: broken, Fleet: fleet, Now: time.Now()}), nil
}

// readable is the part of a damaged record before the damage: on paper that is
// better than nothing.
func (g *globals) readable(id string) ([]journal.Entry, string) {
	dir, err := g.journalDir()
	if err != nil || filepath.Base(id) != id {
		return nil, ""
	}
	entries, head, _ := journal.Read(filepath.Join(dir, id))
	return entries, head
}

// drillFleet is the fleet of a drill: the built-in one lies beside its record.
func (g *globals) drillFleet(id string, cfg config.Config) config.Fleet {
	dir, err := g.journalDir()
	if err != nil {
		return cfg.Drill
	}
	own, err := config.Load(filepath.Join(dir, id, "fleet", "relight.toml"), config.Options{Getenv: g.getenv, SkipFiles: true})
	if err != nil {
		return cfg.Drill
	}
	return own.Drill
}
