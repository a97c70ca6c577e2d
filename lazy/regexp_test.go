package lazy

import (
	"sync"
	"testing"
)

func TestManyAskAtOnce(t *testing.T) {
	p := Pattern(`^([a-z]+)-(\d+)$`)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if m := p.FindStringSubmatch("val-2"); len(m) != 3 || m[1] != "val" || m[2] != "2" {
				t.Errorf("%q", m)
			}
		})
	}
	all.Wait()
}
