//go:build !race

package cli

// raced: the race detector watches.
const raced = false
