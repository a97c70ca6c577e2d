package cli

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/virtengine/relight/cockpit"
	"github.com/virtengine/relight/report"
)

func newReport(g *globals) *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use:   "report [INCIDENT]",
		Short: "Print the post-incident report (default: the newest)",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			_, entries, head, err := g.readRecord(args)
			if err != nil {
				return err
			}
			record, err := cockpit.Decode(entries)
			if err != nil {
				return err
			}
			switch format {
			case "md":
				_, err = fmt.Fprint(g.Out, report.Markdown(record, head))
				return err
			case "json":
				enc := json.NewEncoder(g.Out)
				enc.SetIndent("", "  ")
				return enc.Encode(cockpit.Fold(record))
			}
			return fmt.Errorf("format %q: use md or json", format)
		},
	}
	cmd.Flags().StringVar(&format, "format", "md", "md or json")
	return cmd
}

// writeReport puts the report beside the record and gives its path.
func writeReport(c *cockpit.Cockpit, dir string) (string, error) {
	path := filepath.Join(dir, "report.md")
	v := c.View()
	if err := os.WriteFile(path, []byte(report.Markdown(c.Log(), v.Head)), 0o600); err != nil {
		return "", fmt.Errorf("the report could not be written: %w", err)
	}
	return path, nil
}
