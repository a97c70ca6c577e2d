//go:build !race

package checklists

// raced: the race detector watches.
const raced = false
