// Command pictures flies drills in a real tmux, by keys, and writes the screen
// as pictures to docs/pictures, for the README: stills, and one film of the
// first drill that moves by itself.
//
//	go run ./testdata/pictures [-only PATTERN] [-out DIR] [-reels DIR]
//	go run ./testdata/pictures -reel DIR/first-drill.json [-still N > N.svg]
//
// In: bin/relight and tmux; the flights in flights/, one act a line. Out: one
// SVG for each shot, named by its size in cells. -reels keeps a film's
// recording, from which it, or take N of it, can be drawn again.
//
// The acts of a flight:
//
//	window WxH     the terminal's size, also in flight
//	theme NAME     relight's --theme; without it in this build nothing is drawn
//	start ARGS     relight; NAME=VALUE before them is its environment
//	fleet ARGS     another drill, whose fleet start reaches by --config @fleet
//	kill           relight loses its power
//	see A | B      wait until one of the texts stands on the screen
//	at TITLE       wait until the cursor is on it; mark TITLE goes there
//	press KEYS     as tmux names them; insist KEY = TEXT until it answers
//	type TEXT
//	tick TITLE = NOTE, arm TITLE = WORD
//	wait 2s        when there is no word to wait for
//	shot NAME = WHAT IT SHOWS
//	film NAME = WHAT IT SHOWS, cut; say TEXT and hold 2s are for the next key;
//	               poster is the moment that stands where nothing moves
//
// A word that does not come within a minute ends the flight with the last
// screen. The rehearsal clock, the seed and the person are the same each time,
// so only the seconds differ from run to run.
//
// It must never draw anything that the terminal did not show, and never a word
// of this machine: it refuses the picture. Its tmux server is its own; it ends
// that one and no other.
package main
