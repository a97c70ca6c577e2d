package cockpit

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/virtengine/relight/checklists"
	"github.com/virtengine/relight/incident"
)

func (r *rooms) Ask(_ context.Context, db, sql string) (string, error) {
	if db != "db-1" {
		return "", errors.New("ask " + db + ": connection refused")
	}
	return strings.TrimSpace(strings.TrimPrefix(sql, "select ")), nil
}

// A block of SQL holds by the first line of its answer; without an answer, or
// without saying what it must be, it is unknown.
func TestSQLReadings(t *testing.T) {
	c, _, _ := sit(t)
	for _, x := range []struct {
		block checklists.Block
		want  incident.Truth
		why   string
	}{
		{checklists.Block{Lang: "sql", Host: "db-1", Text: "select t\n", Match: "^t$"}, incident.True, ""},
		{checklists.Block{Lang: "sql", Host: "db-1", Text: "select f\n", Match: "^t$"}, incident.False, "f"},
		{checklists.Block{Lang: "sql", Host: "db-1", Text: "select t\n"}, incident.NotKnown, "match= is missing"},
		{checklists.Block{Lang: "sql", Host: "db-1", Text: "select t\n", Match: "("}, incident.NotKnown, "missing closing"},
		{checklists.Block{Lang: "sql", Host: "db-2", Text: "select t\n", Match: "^t$"}, incident.NotKnown, "connection refused"},
		{checklists.Block{Lang: "sql", Host: "$nobody", Text: "select t\n", Match: "^t$"}, incident.NotKnown, "no database"},
	} {
		got := c.askShell(context.Background(), x.block)
		if got.Truth != x.want || !strings.Contains(got.Why, x.why) || got.At.IsZero() || !strings.HasPrefix(got.Text, "query on ") {
			t.Errorf("%+v: %+v, want %s %q", x.block, got, x.want, x.why)
		}
	}
}
