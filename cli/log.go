package cli

import (
	"encoding/json"
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/virtengine/relight/cockpit"
	"github.com/virtengine/relight/incident"
	"github.com/virtengine/relight/journal"
	"github.com/virtengine/relight/report"
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
				fmt.Fprintf(g.Out, "%s: the hash chain of %d events holds; head %s\n", id, len(entries), head)
				return nil
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
	cmd.Flags().BoolVar(&verify, "verify", false, "check the hash chain and print its head")
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
	} else if id, err = newestRecord(dir); err != nil {
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
		return id, nil, "", fmt.Errorf("there is no record %s in %s; `relight log` without a name takes the newest", id, dir)
	}
	return id, entries, head, nil
}

// newestRecord is the newest folder that holds a record.
func newestRecord(dir string) (string, error) {
	ids, err := journal.List(dir, "")
	if err != nil {
		return "", err
	}
	for _, id := range ids {
		if entries, _, err := journal.Read(filepath.Join(dir, id)); err != nil || len(entries) > 0 {
			return id, nil
		}
	}
	return "", fmt.Errorf("there is no record in %s yet; `relight drill` makes one", dir)
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
			text = "(" + r.Event.Kind() + ")"
		}
		fmt.Fprintf(g.Out, "%s UTC  %s\n", r.At.UTC().Format("15:04:05"), text)
	}
	return nil
}
