package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/user"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/virtengine/relight/config"
	"github.com/virtengine/relight/incident"
	"github.com/virtengine/relight/safe"
	"github.com/virtengine/relight/tui"
	"github.com/virtengine/relight/tui/words"
)

// Streams are where a run reads and writes.
type Streams struct {
	In  io.Reader
	Out io.Writer
	Err io.Writer
}

// globals are the flags of every subcommand.
type globals struct {
	Streams
	getenv  func(string) string
	journal string
	config  string
	plain   bool
	ascii   bool
	quiet   bool
	theme   string
	lessons string // auto, on or off
	noColor bool
	keeps   bool                 // a second process keeps the terminal
	whole   bool                 // this run has the process for itself
	called  *keeper              // it was called and is not needed yet
	observe func(incident.State) // of the tests
}

// exit is an error that carries only an exit code: everything was said already.
type exit int

func (e exit) Error() string { return fmt.Sprintf("exit %d", int(e)) }

// Run carries out one command line and gives the exit code.
func Run(ctx context.Context, args []string, s Streams, getenv func(string) string) int {
	// A limit on the size of files is an error of the write like a full disk,
	// and no reason to die.
	defer deafTo(syscall.SIGXFSZ)()
	return run(ctx, args, &globals{Streams: s, getenv: getenv, keeps: true, whole: true})
}

func run(ctx context.Context, args []string, g *globals) int {
	root := newRoot(g)
	root.SetArgs(args)
	root.SetIn(g.In)
	root.SetOut(g.Out)
	root.SetErr(g.Err)
	err := root.ExecuteContext(ctx)
	g.dismissKeeper()
	var code exit
	switch {
	case err == nil:
		return 0
	case errors.As(err, &code):
		return int(code)
	}
	fmt.Fprintf(g.Err, "relight: %v\n", err)
	return 2
}

func newRoot(g *globals) *cobra.Command {
	root := &cobra.Command{
		Use:   "relight [INCIDENT]",
		Short: "A cockpit for the commander of an incident",
		Long: "relight walks the commander of an incident through checklists, shows live what is up,\n" +
			"runs the recovery commands over SSH and posts the right words with one keystroke.",
		Args:          cobra.MaximumNArgs(1),
		SilenceUsage:  true,
		SilenceErrors: true,
		PersistentPreRunE: func(*cobra.Command, []string) error {
			_, err := tui.ThemeFor(g.theme, g.getenv)
			return err
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return runLive(cmd.Context(), g, strings.Join(args, ""))
		},
	}
	f := root.PersistentFlags()
	f.StringVar(&g.journal, "journal", "", "where records are kept (default: the XDG state folder)")
	f.StringVar(&g.config, "config", "", "configuration (default: $RELIGHT_CONFIG, ./relight.toml, the XDG config folder)")
	f.BoolVar(&g.plain, "plain", false, "lines instead of a screen")
	f.BoolVar(&g.ascii, "ascii", false, "no glyphs outside ASCII")
	f.BoolVar(&g.quiet, "quiet", false, "no bell")
	f.StringVar(&g.theme, "theme", "auto", "auto, light, dark, mono or colour-blind (16 ANSI colours by role)")
	f.BoolVar(&g.noColor, "no-color", false, "no colours")
	root.AddCommand(newDrill(g), newDeclare(g), newStatus(g), newLog(g), newReport(g), newLint(g), newImport(g), newPrint(g), newKeep(g))
	return root
}

// journalDir is where records are kept.
func (g *globals) journalDir() (string, error) {
	if g.journal != "" {
		return filepath.Abs(g.journal)
	}
	if d := g.getenv("XDG_STATE_HOME"); d != "" {
		return filepath.Join(d, "relight"), nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("no place for records: %w; give --journal DIR", err)
	}
	return filepath.Join(home, ".local", "state", "relight"), nil
}

// load reads the configuration and prints its warnings.
func (g *globals) load() (config.Config, error) {
	path, err := config.Find(g.config, g.getenv)
	if err != nil {
		return config.Config{}, err
	}
	cfg, err := config.Load(path, config.Options{})
	if err != nil {
		return config.Config{}, err
	}
	for _, w := range cfg.Warnings {
		fmt.Fprintln(g.Err, w.String())
	}
	return cfg, nil
}

// person is who sits here: the name of [people] whose login is typing, else
// the login itself.
func (g *globals) person(f config.Fleet) string {
	login := g.getenv("USER")
	if login == "" {
		if u, err := user.Current(); err == nil {
			login = u.Username
		}
	}
	if login == "" {
		login = "commander"
	}
	if p, ok := f.Person(login); ok {
		return p.Name
	}
	return login
}

// onTerminal says that a screen can be drawn: both ends are a terminal that
// understands escapes.
func (g *globals) onTerminal() bool { return !g.plain && g.noScreen() == "" }

// noScreen is why no screen can be drawn, "" when one can.
func (g *globals) noScreen() string {
	switch {
	case !isTerminal(g.In):
		return "Standard input is no terminal"
	case !isTerminal(g.Out):
		return "Standard output is no terminal"
	case g.getenv("TERM") == "":
		return "TERM is not set"
	case tui.NeedsPlain(g.getenv):
		return "TERM is " + safe.Short(g.getenv("TERM"), 20)
	}
	return ""
}

func isTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// sayLines says why there are lines where a person may have expected a screen.
func (g *globals) sayLines() {
	if why := g.noScreen(); why != "" && !g.plain {
		fmt.Fprintf(g.Err, "relight: %s: lines instead of a screen. Each line typed is a command; \"help\" lists them, the end of the input leaves.\n", why)
	}
}

// sayLoose warns a person at a terminal that nothing keeps.
func (g *globals) sayLoose(drill bool) {
	if g.holder() == "" && isTerminal(g.In) && isTerminal(g.Out) {
		fmt.Fprintln(g.Err, "relight: "+words.Loose(drill))
	}
}
