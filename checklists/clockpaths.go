package checklists

import "fmt"

// clockPaths demands that every started clock is stopped on every way through
// the options, in every mode. The choices are independent of each other, so it
// is enough to ask each of them for one option without a stop.
func (p *reader) clockPaths() {
	for _, c := range p.book.Clocks {
		started := false
		for i, sp := range p.spots {
			if !contains(p.stepAt(sp).Start, c.Name) {
				continue
			}
			started = true
			for _, mode := range []string{"incident", "drill"} {
				if only := p.stepAt(sp).Only; only != "" && only != mode {
					continue
				}
				if escape := p.escape(c.Name, i, mode); escape != "" {
					p.err(sp.line, sp.col("clock"), "clock-runs-on", fmt.Sprintf("the clock %q is started here and not stopped %s", c.Name, escape), "stop it by clock=stop:"+c.Name+" in a later step that every path flies, is not optional and has a verification or a person's word")
					break
				}
			}
		}
		if !started && p.stops(c.Name) {
			p.err(p.headerAt("clock", 0), 1, "clock-never", fmt.Sprintf("the clock %q is stopped and never started", c.Name), "start it by clock=start:"+c.Name)
		}
	}
}

func (p *reader) stops(clock string) bool {
	for _, sp := range p.spots {
		if contains(p.stepAt(sp).Stop, clock) {
			return true
		}
	}
	return false
}

// escape says on which path the clock started by step start runs on, or "".
func (p *reader) escape(clock string, start int, mode string) string {
	stopping := map[string]bool{} // choice:letter with a stop
	letters := map[string][]string{}
	for i, sp := range p.spots {
		g, s := p.groupAt(sp), p.stepAt(sp)
		if g.Letter != "" && !contains(letters[g.Choice], g.Letter) {
			letters[g.Choice] = append(letters[g.Choice], g.Letter)
		}
		if i < start || !contains(s.Stop, clock) || s.Optional || s.Only != "" && s.Only != mode {
			continue
		}
		if g.Letter == "" {
			return ""
		}
		stopping[g.Choice+":"+g.Letter] = true
	}
	from := p.groupAt(p.spots[start])
	if from.Letter != "" && stopping[from.Choice+":"+from.Letter] {
		return ""
	}
	where := "anywhere"
	for choice, ls := range letters {
		free := ""
		for _, l := range ls {
			if !stopping[choice+":"+l] && (choice != from.Choice || l == from.Letter) {
				free = l
			}
		}
		if free == "" && choice != from.Choice {
			return ""
		}
		for _, l := range ls {
			if stopping[choice+":"+l] {
				where = fmt.Sprintf("when option %s of %s is chosen", free, choice)
			}
		}
	}
	if mode == "drill" && where == "anywhere" {
		return "on every path of a drill"
	}
	return where
}
