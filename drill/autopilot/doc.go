// Package autopilot is a commander for rehearsals, scripted from what it sees.
//
// In: the View of a cockpit. Out: the same requests a person would make with
// keys. It acts only when nothing else is under way, one thing at a time, so
// that a flight with the same seed always tells the same story.
//
// It must never see the rehearsal world: it imports the cockpit and what the
// View is made of, and a test holds it to that.
package autopilot
