// Package paper prints what a commander needs when there is no screen.
//
// In: a runbook with the values of its parameters (Runbook), or an incident
// folded from its record (Incident), and what the configuration knows of hosts,
// people and the plan. Out: a Sheet, and from it plain text of 80 columns with
// page breaks (Text) or one HTML file that needs nothing else (HTML).
//
// Paper cannot ask, so it says more than a screen: what each assertion means
// and how it is looked at by hand, what a start must wait for, which variables
// a command wants. Whatever is not known is a line to write on.
//
// It must never print a secret, run anything, read a clock or a file, or make
// what is unknown look good. All text from outside passes package safe.
package paper
