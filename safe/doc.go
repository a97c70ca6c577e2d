// Package safe makes text from outside safe to draw and safe to keep.
//
// In: anything that relight did not write itself: output of hosts, answers of
// RPC endpoints (monikers are chosen by strangers), bodies of API errors,
// configuration, pasted text. Out: text that moves no cursor, rings no bell,
// opens no escape sequence and hides nothing (Clean), and text in which known
// secrets are replaced (Redactor).
//
// It must never decide what is shown, and it never returns more runes than it
// was given plus one mark.
package safe
