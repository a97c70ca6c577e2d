package cli

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/virtengine/relight/cockpit"
	"github.com/virtengine/relight/incident"
	"github.com/virtengine/relight/journal"
	"github.com/virtengine/relight/lazy"
	"github.com/virtengine/relight/report"
	"github.com/virtengine/relight/safe"
)

func newLog(g *globals) *cobra.Command {
	var verify, asJSON bool
	cmd := &cobra.Command{
		Use:   "log [INCIDENT]",
		Short: "Print the record (default: the newest)",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			id, entries, head, err := g.readRecord(args)
			if err != nil {
				return err
			}
			switch {
			case verify:
				return g.verify(id, entries, head)
			case asJSON:
				enc := json.NewEncoder(g.Out)
				for _, e := range entries {
					if err := enc.Encode(e); err != nil {
						return err
					}
				}
				return nil
			}
			return g.printLog(entries)
		},
	}
	cmd.Flags().BoolVar(&verify, "verify", false, "check the hash chain, the kept outputs and the report's head")
	cmd.Flags().BoolVar(&asJSON, "json", false, "one JSON object a line")
	return cmd
}

// readRecord reads the named record, or the newest.
func (g *globals) readRecord(args []string) (id string, entries []journal.Entry, head string, err error) {
	dir, err := g.journalDir()
	if err != nil {
		return "", nil, "", err
	}
	if len(args) > 0 {
		id = args[0]
	} else if id, err = g.newestRecord(dir); err != nil {
		return "", nil, "", err
	}
	if filepath.Base(id) != id {
		return "", nil, "", fmt.Errorf("%q is no incident id; ids look like INC-20261123-001", id)
	}
	entries, head, err = journal.Read(filepath.Join(dir, id))
	if err != nil {
		return id, nil, "", fmt.Errorf("%s: %w", id, err)
	}
	if len(entries) == 0 {
		return id, nil, "", fmt.Errorf("there is no record %s in %s; `%s` without a name takes the newest", id, dir, g.onRecords("relight log"))
	}
	return id, entries, head, nil
}

// newestRecord is the newest folder that holds a record.
func (g *globals) newestRecord(dir string) (string, error) {
	ids, err := journal.List(dir, "")
	if err != nil {
		return "", err
	}
	for _, id := range ids {
		if entries, _, err := journal.Read(filepath.Join(dir, id)); err != nil || len(entries) > 0 {
			return id, nil
		}
	}
	return "", fmt.Errorf("there is no record in %s yet; `%s` makes one", dir, g.onRecords("relight drill"))
}

func (g *globals) printLog(entries []journal.Entry) error {
	record, err := cockpit.Decode(entries)
	if err != nil {
		return err
	}
	var s incident.State
	for _, r := range record {
		before := s
		s = incident.Apply(s, r)
		text := report.Line(before, s, r)
		if text == "" {
			text = report.Quiet(before, r)
		}
		fmt.Fprintf(g.Out, "%s UTC  %s\n", r.At.UTC().Format("15:04:05"), text)
	}
	return nil
}

// verify checks what lies beside a record whose hash chain holds: the kept
// outputs, and the report. What does not agree is an error that names it all.
func (g *globals) verify(id string, entries []journal.Entry, head string) error {
	dir, err := g.journalDir()
	if err != nil {
		return err
	}
	dir = filepath.Join(dir, id)
	record, err := cockpit.Decode(entries)
	if err != nil {
		return err
	}
	said, wrong, err := checkReport(dir, entries, head)
	if err != nil {
		return err
	}
	n, open, bad, err := checkOutputs(filepath.Join(dir, "out"), record)
	if err != nil {
		return err
	}
	if wrong = append(wrong, bad...); len(wrong) > 0 {
		return fmt.Errorf("%s: the hash chain of %d events holds, head %s, but %s", id, len(entries), head, strings.Join(wrong, "; "))
	}
	fmt.Fprintf(g.Out, "%s: the hash chain of %d events holds; head %s\n", id, len(entries), head)
	fmt.Fprintf(g.Out, "%d kept outputs are as recorded\n", n)
	for _, name := range open {
		fmt.Fprintf(g.Out, "out/%s has no hash in the record: its run has no end there\n", name)
	}
	fmt.Fprintln(g.Out, said)
	return nil
}

// reportHead is the report's line on the record it was made of.
var reportHead = lazy.Pattern(`(?m)^\| Record \| (\d{1,9}) events, head ([0-9a-f]{64}) \|\r?$`)

// checkReport compares the head that the report shows with the record. The
// chain alone cannot tell that its end was cut off; the report can. A record
// may have gone on after the report.
func checkReport(dir string, entries []journal.Entry, head string) (said string, wrong []string, err error) {
	text, err := os.ReadFile(filepath.Join(dir, "report.md"))
	if errors.Is(err, fs.ErrNotExist) {
		return "there is no report.md to compare the head with", nil, nil
	}
	if err != nil {
		return "", nil, fmt.Errorf("the report: %w", err)
	}
	m := reportHead.FindSubmatch(text)
	if m == nil {
		return "report.md names no head to compare with", nil, nil
	}
	n, err := strconv.Atoi(string(m[1]))
	if err != nil {
		return "", nil, fmt.Errorf("the report: %w", err)
	}
	if n > len(entries) {
		return "", []string{fmt.Sprintf("the record is shorter than report.md says: %d events of %d; its end is missing", len(entries), n)}, nil
	}
	at := head
	if n < len(entries) {
		at = entries[n].Prev // the hash of line n
	}
	if at != string(m[2]) {
		return "", []string{fmt.Sprintf("report.md shows head %.12s… after %d events, the record has %.12s… there: one of them was replaced", m[2], n, at)}, nil
	}
	if more := len(entries) - n; more > 0 {
		return fmt.Sprintf("report.md agrees; %d events came after it", more), nil, nil
	}
	return "report.md agrees", nil, nil
}

// keptWhole is the size up to which an output is kept as it was: of a larger
// one its middle is left out, and only the hash is that of the file.
const keptWhole = 64 << 20

// checkOutputs compares the files in dir with the record: how many are as
// recorded, which belong to a run whose end was not recorded, and what is
// missing, changed or not in the record.
func checkOutputs(dir string, record []incident.Recorded) (n int, open, wrong []string, err error) {
	ended := map[string]incident.HostEnded{}
	var names []string
	for _, r := range record {
		if e, ok := r.Event.(incident.HostEnded); ok && e.SHA256 != "" {
			name := keptName(e.Effect, e.Host)
			if old, twice := ended[name]; twice && old != e {
				wrong = append(wrong, fmt.Sprintf("out/%s was recorded twice", name))
			} else if !twice {
				names = append(names, name)
			}
			ended[name] = e
		}
	}
	runs := map[string]bool{} // files of runs, ended or not
	for id, run := range cockpit.Fold(record).Runs {
		for _, h := range run.Hosts {
			runs[keptName(id, h.Host)] = true
		}
	}
	for _, name := range names {
		why, err := changed(filepath.Join(dir, name), ended[name])
		if err != nil {
			return 0, nil, nil, fmt.Errorf("out/%s: %w", name, err)
		}
		if why != "" {
			wrong = append(wrong, "out/"+name+" "+why)
			continue
		}
		n++
	}
	list, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return 0, nil, nil, fmt.Errorf("the outputs: %w", err)
	}
	for _, f := range list {
		name := f.Name()
		if _, known := ended[name]; known {
			continue
		}
		// The tail of a large output lies in two files until the run ends.
		whole := strings.TrimSuffix(strings.TrimSuffix(name, ".tail0"), ".tail1")
		if _, done := ended[whole]; runs[whole] && !done && f.Type().IsRegular() {
			open = append(open, name)
			continue
		}
		wrong = append(wrong, "out/"+safe.Short(name, 120)+" is not in the record")
	}
	slices.Sort(open)
	return n, open, wrong, nil
}

// changed says how a kept file differs from its record, "" when it does not.
func changed(path string, e incident.HostEnded) (string, error) {
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "is missing", nil
	case err != nil:
		return "", err
	case !info.Mode().IsRegular():
		return "is no plain file", nil
	case e.Size <= keptWhole && info.Size() != e.Size:
		return fmt.Sprintf("was changed: %d bytes, recorded were %d", info.Size(), e.Size), nil
	}
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	if hex.EncodeToString(h.Sum(nil)) != e.SHA256 {
		return "was changed: it has another sha256 than the record", nil
	}
	return "", nil
}

// keptName is the name under which the runner keeps an output: EFFECT-HOST,
// anything but plain characters replaced.
func keptName(effect, host string) string {
	plain := func(s string) string {
		s = strings.Map(func(r rune) rune {
			if r < 128 && (r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_.", r)) {
				return r
			}
			return '_'
		}, s)
		if strings.HasPrefix(s, ".") || s == "" {
			return "_" + s
		}
		return s
	}
	return plain(effect) + "-" + plain(host)
}
