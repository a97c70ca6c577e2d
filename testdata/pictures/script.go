package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// act is one line of a flight: a verb and what it is done with.
type act struct {
	line int
	verb string
	arg  string
	word string // what stands behind " = "
	w, h int
	d    time.Duration
}

// flight is a story: what a person does, and when a picture is taken.
type flight struct {
	name string
	acts []act
}

// pictures are the names of the files that the flight draws.
func (f flight) pictures() []string {
	var out []string
	w, h := 0, 0
	for _, a := range f.acts {
		switch a.verb {
		case "window":
			w, h = a.w, a.h
		case "shot", "film":
			out = append(out, file(a.arg, w, h))
		}
	}
	return out
}

// file is the name of a picture's file.
func file(name string, w, h int) string { return fmt.Sprintf("%s-%dx%d.svg", name, w, h) }

// form says what a verb takes.
type form int

const (
	nothing form = iota
	words        // anything
	pair         // A = B
	cells        // 120x40
	span         // 1.5s
)

func verbs() map[string]form {
	return map[string]form{
		"start": words, "fleet": words, "kill": nothing, "window": cells, "theme": words,
		"see": words, "at": words, "wait": span,
		"press": words, "type": words, "mark": words,
		"tick": pair, "arm": pair, "insist": pair,
		"shot": pair, "film": pair, "cut": nothing, "say": words, "hold": span, "poster": nothing,
	}
}

// parse reads a flight: one act a line; what begins with # is a remark.
func parse(name, text string) (flight, error) {
	f := flight{name: name}
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		a, err := parseAct(line)
		if err != nil {
			return f, fmt.Errorf("%s:%d: %w", name, i+1, err)
		}
		a.line = i + 1
		f.acts = append(f.acts, a)
	}
	return f, nil
}

func parseAct(line string) (act, error) {
	a := act{}
	a.verb, a.arg, _ = strings.Cut(line, " ")
	a.arg = strings.TrimSpace(a.arg)
	f, ok := verbs()[a.verb]
	if !ok {
		return a, fmt.Errorf("there is no act %q", a.verb)
	}
	if (f == nothing) != (a.arg == "") {
		return a, fmt.Errorf("%q: too much or too little stands behind %s", line, a.verb)
	}
	var err error
	switch f {
	case pair:
		var both bool
		if a.arg, a.word, both = strings.Cut(a.arg, " = "); !both {
			return a, fmt.Errorf("%q: write %s A = B", line, a.verb)
		}
	case cells:
		w, h, _ := strings.Cut(a.arg, "x")
		if a.w, err = strconv.Atoi(w); err == nil {
			a.h, err = strconv.Atoi(h)
		}
		if err != nil || a.w < 1 || a.h < 1 {
			return a, fmt.Errorf("%q: write %s 120x40", line, a.verb)
		}
	case span:
		if a.d, err = time.ParseDuration(a.arg); err != nil {
			return a, fmt.Errorf("%q: write %s 1.5s", line, a.verb)
		}
	}
	return a, nil
}
