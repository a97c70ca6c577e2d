// Package lazy holds regular expressions that are compiled when they are first
// asked, not when the program starts.
//
// In: an expression that stands in the code. Out: the answers of package regexp.
// relight has some 150 of them, most for runbooks, messages and configuration
// that a start does not touch; compiled at once they cost 5 ms and 2 MB before
// the first letter is on the screen, and as much again in the process that keeps
// the terminal.
//
// It must never hold an expression from outside, which has to be refused when it
// is read: a wrong one here ends the program, and the test that compiles every
// expression of the code is what stands before that.
package lazy
