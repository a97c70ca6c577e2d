//go:build !unix

package shell

import "github.com/virtengine/relight/drill/world"

func sysOf(world.File) any { return nil }
