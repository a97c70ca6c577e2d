package cockpit

import (
	"context"
	"strings"

	"github.com/virtengine/relight/actions/fence"
	"github.com/virtengine/relight/config"
)

// backupScript prints every file that the patterns name, each after a line
// with its path. Patterns come as one variable, one a line; they are globs, so
// they are expanded and not quoted.
const backupScript = `IFS='
'
for file in $patterns; do
  [ -f "$file" ] || sudo -n test -f "$file" || continue
  echo "== $file"
  cat "$file" 2>/dev/null || sudo -n cat "$file"
  echo
done
echo "== end"
`

// readBackups reads the copies of a key's sign state on all its holders. A host
// that does not answer adds nothing: a copy can only raise the mark, and the
// state in place is what the verdict asks for.
func (c *Cockpit) readBackups(ctx context.Context, k config.Key) []fence.StateSeen {
	if len(k.StateBackups) == 0 {
		return nil
	}
	env := []Var{{Name: "patterns", Value: strings.Join(k.StateBackups, "\n")}}
	var out []fence.StateSeen
	for _, h := range k.Hosts {
		text, err := c.o.Runner.Output(ctx, h, backupScript, env)
		if err != nil {
			continue
		}
		at := c.clk.Now()
		for _, part := range strings.Split("\n"+text, "\n== ")[1:] {
			path, body, _ := strings.Cut(part, "\n")
			if s, err := fence.ParseSignState([]byte(body)); err == nil {
				out = append(out, fence.StateSeen{Where: h + ":" + path, State: s, At: at})
			}
		}
	}
	return out
}
