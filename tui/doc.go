// Package tui is the screen: what the commander of an incident sees and
// presses. It is the only room that imports Bubble Tea.
//
// What it is for: to show one View of a cockpit so that the next thing to do
// is obvious, and to turn keys into requests. Looking is free; acting is armed
// and typed.
//
// In: Views of a Cockpit, keys, the size of the window. Out: frames, and calls
// of the Cockpit's methods, each in a command of its own.
//
// How it is built: one tea.Model. Panes are plain structs with SetSize,
// setters and View, and no Update of their own. All that is drawn is made of
// spans, and a span passes package safe when it is fitted to its place, so
// nothing from outside reaches the terminal raw. One pure function, arrange,
// lays out the window. The machine's clock is read for what belongs to the
// screen alone (an armed key, a text that must have stood still, the age of
// what is shown); the incident's time comes with the View.
//
// What lights up: while all is well home and the nodes are counted lines, and
// panes that come with an incident are not there. What is wrong is told in full
// and explains itself in one key. Memory items stand above the prompt until their
// cause ends. While the chain stands the nodes are the table of its validators.
// A list keeps its order under the person's hand.
//
// It must never do I/O in Update, decide a rule, poll, or write to the
// terminal past its frames (one bell for a new alert excepted).
package tui
