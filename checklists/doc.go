// Package checklists reads runbooks: Markdown files that a person reads on a
// code host and the cockpit flies.
//
// In: the bytes of one file, and an Inventory that knows the names of the
// configuration (or nil). Out: a Book, which is a plain value, and a sorted
// list of Problems, each with file, line, column, a stable rule id and what to
// write instead. A Book with an error among its problems must not be flown.
//
// The danger of the format is silence: one wrong byte turns a step into prose.
// So the file is read twice. Goldmark says what a code host will show; a scan
// over the raw lines (cross.go) then demands that every line that looks like a
// step, a fence or attributes was claimed by the first reading. What nobody
// claimed is an error, never prose. A test edits the shipped runbooks byte by
// byte and counts what was lost without a word.
//
// It must never run anything, read a second file, know an incident, or write
// into a runbook.
package checklists
