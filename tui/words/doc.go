// Package words turns what a cockpit knows into the words a commander reads.
//
// What it is for: the screen and the plain lines say the same thing in the
// same words. Which alert is the worst, what a step's state is called, how
// much time a clock has left, what is to be done next: each has one function
// here.
//
// In: a cockpit.View and the time it is drawn at. Out: short texts, marks and
// levels. Every text made from something that came from outside has passed
// package safe.
//
// It must never draw, colour, cut to a width, read a key or decide a rule of
// the incident.
package words
