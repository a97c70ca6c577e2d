// Package scenario says what goes wrong in a drill, and when.
//
// In: fault names of the configuration, a runbook id and a seed. Out: faults
// with their targets and their times after the start, made and mended in a
// world. The story of a fault (what a person sees, what it is good for) stands
// here, so that an instructor can choose; how it is done stands in world.
//
// It must never touch anything but the world: on a fleet of real machines the
// configuration's own commands make the faults.
package scenario
