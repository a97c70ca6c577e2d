package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"
)

// setting is what all flights of a run share.
type setting struct {
	server
	bin     string   // relight
	out     string   // folder of the pictures
	reels   string   // folder of the films' recordings
	themes  string   // what relight's help says about --theme
	private []string // words of this machine that no picture may show
}

// pilot flies one flight.
type pilot struct {
	setting
	screen screen
	look   string // relight's theme
	theme  theme
	film   *recorder
	cue    cue
}

// cue is what the next beat of a film is to be.
type cue struct {
	say  string
	hold time.Duration
}

// leftOut says why a flight cannot be flown with this relight.
type leftOut string

func (l leftOut) Error() string { return string(l) }

// fly carries out a flight, and names the line that failed.
func (s setting) fly(f flight) error {
	p := &pilot{setting: s, theme: dark(), look: "dark", screen: screen{server: s.server, name: f.name, w: 120, h: 40}}
	defer p.stop()
	for _, a := range f.acts {
		if err := p.do(a); err != nil {
			if _, ok := err.(leftOut); ok {
				return err
			}
			return fmt.Errorf("%s:%d: %s %s: %w", f.name, a.line, a.verb, a.arg, err)
		}
	}
	return nil
}

func (p *pilot) stop() {
	if p.film != nil {
		_, _ = p.film.end() // the flight failed: nobody wants it
	}
	for _, name := range []string{p.screen.name, p.screen.name + "-fleet"} {
		_, _ = p.tmux("kill-session", "-t", "="+name)
	}
}

func (p *pilot) do(a act) error {
	switch a.verb {
	case "start":
		return p.start(a.arg)
	case "fleet":
		return p.fleet(a.arg)
	case "kill":
		if err := p.screen.kill(); err != nil {
			return err
		}
		return p.see("[exit")
	case "window":
		return p.window(a.w, a.h)
	case "theme":
		return p.dress(a.arg)
	case "wait":
		p.quietBeat()
		time.Sleep(a.d)
		return nil
	case "see":
		p.quietBeat()
		return p.see(a.arg)
	case "at":
		return p.at(a.arg)
	case "say":
		p.cue.say = a.arg
		return nil
	case "hold":
		p.cue.hold = a.d
		return nil
	case "shot":
		return p.shot(a.arg, a.word)
	case "film":
		p.film = record(&p.screen, a.arg, a.word)
		return nil
	case "poster":
		time.Sleep(calm)
		p.film.poster()
		return nil
	case "cut":
		return p.cut()
	}
	return p.keys(a)
}

// keys are the acts at the keyboard.
func (p *pilot) keys(a act) error {
	switch a.verb {
	case "press":
		return p.press(a.arg, beatHold)
	case "type":
		time.Sleep(calm)
		p.beat(a.arg, beatHold)
		return p.spell(a.arg)
	case "insist":
		return p.insist(a.arg, a.word)
	case "mark":
		for range 30 {
			if p.screen.until(a.arg, calm, func(f screenful) bool { return f.on(a.arg) }) == nil {
				return nil
			}
			if err := p.press("j", shortHold); err != nil {
				return err
			}
		}
		return p.at(a.arg)
	case "tick":
		if err := p.at(a.arg); err != nil {
			return err
		}
		if err := p.press("Space", shortHold); err != nil {
			return err
		}
		if err := p.enter(a.word); err != nil {
			return err
		}
		return p.screen.until("the tick", patience, func(f screenful) bool { return !f.on(a.arg) })
	case "arm":
		return p.arm(a.arg, a.word)
	}
	return fmt.Errorf("nobody knows how to do %q", a.verb)
}

// start runs relight: NAME=VALUE words before its arguments are its environment.
func (p *pilot) start(line string) error {
	env, args := "", strings.Fields(p.meant(line))
	for len(args) > 0 && strings.Contains(args[0], "=") {
		env, args = env+"'"+args[0]+"' ", args[1:]
	}
	if strings.Contains(p.themes, p.look) {
		args = append(args, "--theme", p.look)
	}
	args = append(args, "--journal", filepath.Join(p.home, p.screen.name))
	if env != "" {
		env = "env " + env
	}
	return p.screen.start(env + "'" + p.bin + "' '" + strings.Join(args, "' '") + "'")
}

// window changes the size of the terminal, also before there is one.
func (p *pilot) window(w, h int) error {
	if _, err := p.tmux("has-session", "-t", "="+p.screen.name); err != nil {
		p.screen.w, p.screen.h = w, h
		return nil
	}
	if err := p.screen.resize(w, h); err != nil {
		return err
	}
	return p.screen.until(fmt.Sprintf("a screen %d wide", w), patience, func(f screenful) bool {
		first, _, _ := strings.Cut(string(f), "\n")
		return ansi.StringWidth(strings.TrimRight(first, " ")) >= w-2 && strings.HasSuffix(strings.TrimRight(first, " "), "UTC")
	})
}

// dress takes a theme of relight and the terminal that goes with it.
func (p *pilot) dress(name string) error {
	if !strings.Contains(p.themes, name) {
		return leftOut("this relight has no --theme " + name)
	}
	p.look, p.theme = name, dark()
	if name == "light" {
		p.theme = light()
	}
	return nil
}

func (p *pilot) see(words string) error {
	return p.screen.until(words, patience, func(f screenful) bool { return f.has(words) })
}

func (p *pilot) seen(words string, within time.Duration) bool {
	return p.screen.until(words, within, func(f screenful) bool { return f.has(words) }) == nil
}

func (p *pilot) at(title string) error {
	return p.screen.until("the cursor on "+title, patience, func(f screenful) bool { return f.on(title) })
}

// press sends keys, as a person does: not while the screen is fresh.
func (p *pilot) press(keys string, hold time.Duration) error {
	if keys == "P" || keys == "D" {
		time.Sleep(stands) // what they act on must have stood there
	} else {
		time.Sleep(calm)
	}
	p.beat(strings.NewReplacer("Escape", "Esc", "C-", "Ctrl+").Replace(keys), hold)
	return p.screen.press(strings.Fields(keys)...)
}

// enter types a text and ends it. In a film the letters come one by one.
func (p *pilot) enter(text string) error {
	time.Sleep(calm)
	hold := p.cue
	p.cue = cue{say: hold.say}
	p.beat(text, shortHold)
	if err := p.spell(text); err != nil {
		return err
	}
	if err := p.see(text[:min(len(text), 12)]); err != nil {
		return err
	}
	p.cue = hold
	time.Sleep(calm / 2)
	p.beat(text+" ⏎", beatHold)
	return p.screen.press("Enter")
}

func (p *pilot) spell(text string) error {
	if p.film == nil {
		return p.screen.spell(text)
	}
	for _, r := range text {
		if err := p.screen.spell(string(r)); err != nil {
			return err
		}
		time.Sleep(40 * time.Millisecond)
	}
	return nil
}

// insist presses a key until the screen answers it: what acts is not taken
// while the text it acts on is fresh.
func (p *pilot) insist(key, words string) error {
	for end := time.Now().Add(patience); time.Now().Before(end); {
		if err := p.press(key, beatHold); err != nil {
			return err
		}
		if p.seen(words, 4*time.Second) {
			return nil
		}
	}
	return p.screen.until(words, calm, func(f screenful) bool { return f.has(words) })
}

var isArmed = regexp.MustCompile(`armed +\d`)

// arm arms the step under the cursor and types its word.
func (p *pilot) arm(title, word string) error {
	if err := p.at(title); err != nil {
		return err
	}
	hold := p.cue
	p.cue = cue{say: hold.say}
	if err := p.press("x", armHold); err != nil {
		return err
	}
	if err := p.screen.until("the armed prompt", patience, func(f screenful) bool { return isArmed.MatchString(string(f)) }); err != nil {
		return err
	}
	p.cue = hold
	if err := p.enter(word); err != nil {
		return err
	}
	return p.screen.until("the armed word's end", patience, func(f screenful) bool { return !isArmed.MatchString(string(f)) })
}

// shot keeps the screen as a picture.
func (p *pilot) shot(name, title string) error {
	time.Sleep(calm)
	out, err := p.screen.whole()
	if err != nil {
		return err
	}
	name = file(name, p.screen.w, p.screen.h)
	if err := p.mayShow(name, ansi.Strip(out)); err != nil {
		return err
	}
	return p.keep(name, SVG(out, title, p.screen.w, p.screen.h, p.theme))
}

// mayShow refuses words of this machine.
func (p *pilot) mayShow(name, words string) error {
	for _, w := range p.private {
		if strings.Contains(words, w) {
			return fmt.Errorf("%s shows %q, which is of this machine:\n%s", name, w, words)
		}
	}
	return nil
}

func (p *pilot) keep(name, svg string) error {
	if err := os.WriteFile(filepath.Join(p.out, name), []byte(svg), 0o644); err != nil {
		return err
	}
	fmt.Printf("%-32s %4d kB\n", name, (len(svg)+1023)/1024)
	return nil
}
