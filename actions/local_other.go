//go:build !unix

package actions

import (
	"context"
	"errors"

	relightssh "github.com/virtengine/relight/actions/ssh"
)

// runLocal: without process groups a script cannot be stopped as a whole.
func runLocal(context.Context, relightssh.Command) (relightssh.Result, error) {
	return relightssh.Result{Class: relightssh.NotStarted}, errors.New("scripts on this machine need a unix")
}
