// Package plain is the line mode of relight, for screen readers, dumb
// terminals, pipes and scripts.
//
// What it is for: the same cockpit without a screen. One event is one line:
// the time in UTC, the time since the declaration, a word in capitals, a text.
// Nothing is ever redrawn; a line is written only when something changed.
// Questions are ASK lines that name the word to be typed.
//
// In: the View of a cockpit and lines typed by a person. Out: lines, and
// requests to the cockpit. Acting needs its typed word on a line of its own.
// When the input ends the incident stays open, and the last line says how to
// come back.
//
// It must never move the cursor, colour anything, decide a rule, or act on a
// word that was not asked for.
package plain
