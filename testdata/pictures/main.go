package main

import (
	"bytes"
	"embed"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"sort"
	"strings"
	"sync"
	"syscall"
	"time"
)

//go:embed flights/*.txt
var flightFiles embed.FS

//go:embed runbooks/*.md
var runbookFiles embed.FS

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "pictures:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	fs := flag.NewFlagSet("pictures", flag.ContinueOnError)
	only := fs.String("only", "", "fly only the flights whose name this pattern finds")
	out := fs.String("out", filepath.Join("docs", "pictures"), "folder of the pictures")
	reels := fs.String("reels", "", "folder that keeps the films' recordings")
	reel := fs.String("reel", "", "draw from this recording; nothing is flown")
	still := fs.Int("still", -1, "with -reel: only this take, as a picture that stands, on standard output")
	if err := fs.Parse(args); err != nil {
		return err
	}
	if *reel != "" {
		return redraw(*reel, *out, *still)
	}
	flights, err := library()
	if err != nil {
		return err
	}
	pick, err := regexp.Compile(*only)
	if err != nil {
		return fmt.Errorf("-only: %w", err)
	}
	var chosen []flight
	for _, f := range flights {
		if pick.MatchString(f.name) {
			chosen = append(chosen, f)
		}
	}
	return flyAll(chosen, *out, *reels)
}

// library is all flights.
func library() ([]flight, error) {
	files, err := flightFiles.ReadDir("flights")
	if err != nil {
		return nil, err
	}
	var out []flight
	for _, file := range files {
		text, err := flightFiles.ReadFile("flights/" + file.Name())
		if err != nil {
			return nil, err
		}
		f, err := parse(strings.TrimSuffix(file.Name(), ".txt"), string(text))
		if err != nil {
			return nil, err
		}
		out = append(out, f)
	}
	// The longest first: nobody waits for it at the end.
	sort.SliceStable(out, func(i, j int) bool { return len(out[i].acts) > len(out[j].acts) })
	return out, nil
}

// flyAll flies them. What cannot be drawn with this relight is
// said; what fails does not keep the rest from being drawn.
func flyAll(flights []flight, out, reels string) error {
	home, err := os.MkdirTemp("", "relight-pictures-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(home)
	if reels == "" {
		reels = home
	}
	for _, dir := range []string{out, reels} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return err
		}
	}
	s := setting{out: out, reels: reels, private: private(home)}
	if s.bin, err = filepath.Abs(filepath.Join("bin", "relight")); err != nil {
		return err
	}
	if s.themes, err = themes(s.bin); err != nil {
		return err
	}
	if s.server, err = up(home); err != nil {
		return err
	}
	defer s.down()
	defer s.onInterrupt(home)()
	errs := make([]error, len(flights))
	sem := make(chan struct{}, atOnce)
	var wg sync.WaitGroup
	for i, f := range flights {
		wg.Go(func() {
			sem <- struct{}{}
			defer func() { <-sem }()
			errs[i] = s.tell(f)
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}

// onInterrupt leaves nothing behind when a person ends the run.
func (s setting) onInterrupt(home string) (end func()) {
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, os.Interrupt, syscall.SIGTERM)
	go func() {
		if _, ok := <-stop; ok {
			s.down()
			os.RemoveAll(home)
			os.Exit(130)
		}
	}()
	return func() { signal.Stop(stop); close(stop) }
}

// atOnce is how many flights are in the air together: they wait most of the
// time, and more would make the clocks of each other late.
const atOnce = 3

// tell flies, and says what this relight cannot show.
func (s setting) tell(f flight) error {
	start := time.Now()
	err := s.fly(f)
	fmt.Printf("%-28s %4.0f s\n", f.name, time.Since(start).Seconds())
	var left leftOut
	if errors.As(err, &left) {
		fmt.Printf("NOT DRAWN: %s: %v\n", strings.Join(f.pictures(), ", "), left)
		return nil
	}
	return err
}

// themes is what relight's help says about --theme.
func themes(bin string) (string, error) {
	out, err := exec.Command(bin, "--help").Output()
	if err != nil {
		return "", fmt.Errorf("%s --help: %w; make build first", bin, err)
	}
	for _, line := range strings.Split(string(out), "\n") {
		if strings.Contains(line, "--theme") {
			return line, nil
		}
	}
	return "", nil
}

// private are the words of this machine and of the one who draws.
func private(home string) []string {
	out := []string{home}
	if dir, err := os.Getwd(); err == nil && len(dir) > 4 {
		out = append(out, dir)
	}
	if dir, err := os.UserHomeDir(); err == nil && len(dir) > 4 {
		out = append(out, dir+"/")
	}
	if name, err := os.Hostname(); err == nil && len(name) > 4 && name != "localhost" {
		out = append(out, name)
	}
	return out
}

// redraw draws a film, or one take of it, from its recording.
func redraw(path, out string, still int) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var r recording
	if err := json.NewDecoder(bytes.NewReader(data)).Decode(&r); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	takes := cutFilm(r)
	if still < 0 {
		fmt.Printf("%d takes, %.1f s\n", len(takes), takes[len(takes)-1].to.Seconds())
		return os.WriteFile(filepath.Join(out, file(r.Name, r.W, r.H)), []byte(Film(r, dark())), 0o644)
	}
	if still >= len(takes) {
		return fmt.Errorf("-still %d: the film has the takes 0 to %d", still, len(takes)-1)
	}
	_, err = os.Stdout.WriteString(Still(r, takes[still], dark()))
	return err
}
