package cockpit

import (
	"strings"
	"testing"

	"github.com/virtengine/relight/checklists"
)

func TestADeclarationFitsTheConfiguration(t *testing.T) {
	c, _, _ := sit(t)
	book := checklists.Book{ID: "failover", Params: []checklists.Param{{Name: "key", Type: "key"}, {Name: "failed", Type: "host", From: "holders($key)"}, {Name: "standby", Type: "host", From: "standbys($key)"}}}
	for values, want := range map[string]string{
		"val-2 val-2 val-2s": "",
		"val-2 val-1 val-2s": "failed is val-1, and the key val-2 is on val-2 and val-2s",
		"val-2 val-2 val-9s": "standby is val-9s",
		"val-9 val-1 val-2s": "", // nothing is known of that key
	} {
		v := strings.Fields(values)
		err := c.misfit(book, map[string]string{"key": v[0], "failed": v[1], "standby": v[2]})
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", values, err)
		}
	}
}
