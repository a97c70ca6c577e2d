package main

import "time"

// longest is how long a film may play.
const longest = 29 * time.Second

const (
	first = 400 * time.Millisecond // of a beat, at its own speed
	least = 90 * time.Millisecond  // that a frame is seen
)

// take is one frame of the cut film: which one, in which beat, and from when
// until when it is seen.
type take struct {
	frame, beat int
	from, to    time.Duration
}

// cutFilm lays a recording into playing time. A beat that lasted longer than it
// is to be seen runs fast after its first moment; one that was shorter stands.
// Beats too short for any change are kept: they show what was pressed.
func cutFilm(r recording) []take {
	scale := 1.0
	if all := length(r.Beats); all > longest {
		scale = float64(longest) / float64(all)
	}
	var out []take
	at := time.Duration(0)
	for i, b := range r.Beats {
		end := r.Frames[len(r.Frames)-1].At + time.Second
		if i+1 < len(r.Beats) {
			end = r.Beats[i+1].At
		}
		hold := time.Duration(float64(b.Hold) * scale)
		out = append(out, cutBeat(r, i, end, at, hold)...)
		at += hold
	}
	return out
}

func length(beats []beat) time.Duration {
	var all time.Duration
	for _, b := range beats {
		all += b.Hold
	}
	return all
}

// cutBeat lays the frames of one beat, which lasted until end, into hold from
// at on.
func cutBeat(r recording, i int, end, at, hold time.Duration) []take {
	lasted := end - r.Beats[i].At
	place := func(offset time.Duration) time.Duration {
		if lasted <= hold || offset <= min(first, hold/2) {
			return offset
		}
		slow := min(first, hold/2)
		return slow + time.Duration(float64(offset-slow)*float64(hold-slow)/float64(lasted-slow))
	}
	out := []take{{frame: at0(r.Frames, r.Beats[i].At), beat: i, from: at}}
	for n := out[0].frame + 1; n < len(r.Frames) && r.Frames[n].At < end; n++ {
		from := at + place(r.Frames[n].At-r.Beats[i].At)
		last := &out[len(out)-1]
		if from-last.from < least && len(out) > 1 || at+hold-from < least {
			last.frame = n // too short to be seen: the later one stands for both
			continue
		}
		out = append(out, take{frame: n, beat: i, from: from})
	}
	for n := range out {
		out[n].to = at + hold
		if n+1 < len(out) {
			out[n].to = out[n+1].from
		}
	}
	return out
}

// at0 is the frame that stands at a time.
func at0(frames []frame, at time.Duration) int {
	n := 0
	for n+1 < len(frames) && frames[n+1].At <= at {
		n++
	}
	return n
}
