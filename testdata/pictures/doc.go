// Command pictures flies the first drill in a real tmux and writes the screen
// as pictures to docs/pictures, for the README.
//
// In: bin/relight and tmux. Out: one SVG for each moment. It must never draw
// anything that the terminal did not show.
package main
