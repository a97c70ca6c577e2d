package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/charmbracelet/x/ansi"
)

// recording is what happened at a terminal: what stood there since when, and
// what a person pressed.
type recording struct {
	Name   string  `json:"name"`
	Title  string  `json:"title"`
	W      int     `json:"w"`
	H      int     `json:"h"`
	Frames []frame `json:"frames"`
	Beats  []beat  `json:"beats"`
	Poster int     `json:"poster"` // the frame that stands for the film where nothing moves
}

// frame is the screen with its colours, from At after the start on.
type frame struct {
	At   time.Duration `json:"at"`
	Text string        `json:"text"`
}

// beat is a key press and what follows, until the next one. Hold is how long it
// is to be seen.
type beat struct {
	At   time.Duration `json:"at"`
	Keys string        `json:"keys"`
	Say  string        `json:"say"`
	Hold time.Duration `json:"hold"`
}

// How long a beat is seen when the flight does not say it.
const (
	beatHold  = 1100 * time.Millisecond
	armHold   = 800 * time.Millisecond
	shortHold = 500 * time.Millisecond
)

// recorder looks at a screen until its end.
type recorder struct {
	screen *screen
	start  time.Time
	stop   chan struct{}
	done   chan struct{}

	mu  sync.Mutex
	rec recording
	err error
}

// record begins a film of the screen.
func record(s *screen, name, title string) *recorder {
	r := &recorder{screen: s, start: time.Now(), stop: make(chan struct{}), done: make(chan struct{}),
		rec: recording{Name: name, Title: title, W: s.w, H: s.h}}
	r.rec.Beats = []beat{{Hold: beatHold}}
	go r.watch()
	return r
}

// watch keeps each screen that stands for two looks: none is caught half drawn.
func (r *recorder) watch() {
	defer close(r.done)
	tick := time.NewTicker(25 * time.Millisecond)
	defer tick.Stop()
	before, since := "", time.Duration(0)
	for {
		out, err := r.screen.raw()
		at := time.Since(r.start)
		r.mu.Lock()
		r.err = errors.Join(r.err, err)
		switch {
		case out != before:
			before, since = out, at
		case len(r.rec.Frames) == 0 || r.rec.Frames[len(r.rec.Frames)-1].Text != out:
			r.rec.Frames = append(r.rec.Frames, frame{At: since, Text: out})
		}
		r.mu.Unlock()
		select {
		case <-r.stop:
			return
		case <-tick.C:
		}
	}
}

// beat begins the next beat.
func (r *recorder) beat(b beat) {
	r.mu.Lock()
	defer r.mu.Unlock()
	b.At = time.Since(r.start)
	r.rec.Beats = append(r.rec.Beats, b)
}

// poster takes the last frame as the one that stands for the film.
func (r *recorder) poster() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.rec.Poster = max(0, len(r.rec.Frames)-1)
}

// end stops looking and gives what was recorded.
func (r *recorder) end() (recording, error) {
	select {
	case <-r.stop:
	default:
		close(r.stop)
	}
	<-r.done
	if r.err == nil && len(r.rec.Frames) == 0 {
		r.err = errors.New("the film has no frame")
	}
	return r.rec, r.err
}

// beat begins a beat of the film, if one is made.
func (p *pilot) beat(keys string, hold time.Duration) {
	b := beat{Keys: keys, Say: p.cue.say, Hold: hold}
	if p.cue.hold > 0 {
		b.Hold = p.cue.hold
	}
	p.cue = cue{}
	if p.film != nil {
		p.film.beat(b)
	}
}

// quietBeat is a beat without a key, for what is said or held while a person
// only looks.
func (p *pilot) quietBeat() {
	if p.cue != (cue{}) {
		p.beat("", beatHold)
	}
}

// cut ends the film and keeps it.
func (p *pilot) cut() error {
	time.Sleep(calm)
	rec, err := p.film.end()
	p.film = nil
	if err != nil {
		return err
	}
	name := file(rec.Name, rec.W, rec.H)
	for _, f := range rec.Frames {
		if err := p.mayShow(name, ansi.Strip(f.Text)); err != nil {
			return err
		}
	}
	data, err := json.Marshal(rec)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(p.reels, rec.Name+".json"), data, 0o644); err != nil {
		return fmt.Errorf("keeping the film's recording: %w", err)
	}
	return p.keep(name, Film(rec, p.theme))
}
