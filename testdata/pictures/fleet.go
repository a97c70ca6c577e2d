package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// fleet starts a drill whose fleet others can reach: a second relight flies on
// it, with its own runbooks, as on any fleet of a configuration. A flight names
// that configuration @fleet.
func (p *pilot) fleet(args string) error {
	other := &pilot{setting: p.setting, look: p.look, screen: screen{server: p.server, name: p.screen.name + "-fleet", w: 100, h: 30}}
	if err := other.start(args); err != nil {
		return err
	}
	if err := other.see("UTC"); err != nil {
		return err
	}
	pattern := filepath.Join(p.home, other.screen.name, "*", "fleet", "relight.toml")
	var found []string
	for end := time.Now().Add(patience); len(found) == 0; time.Sleep(glance) {
		if found, _ = filepath.Glob(pattern); time.Now().After(end) {
			return fmt.Errorf("the fleet wrote no %s", pattern)
		}
	}
	text, err := os.ReadFile(found[0])
	if err != nil {
		return err
	}
	books, err := p.books()
	if err != nil {
		return err
	}
	// Its own drill has made the fault already.
	text = fmt.Appendf(nil, "[library]\nrunbooks = [%q]\n\n%s\n[drill.faults.process-crash]\nmake = [{ host = \"local\", run = \"true\" }]\nmend = []\n", books, text)
	return os.WriteFile(p.config(), text, 0o600)
}

// config is where the configuration of the flight's fleet stands.
func (p *pilot) config() string { return filepath.Join(p.home, p.screen.name+".toml") }

// books writes the runbooks of the pictures where relight reads them.
func (p *pilot) books() (string, error) {
	dir := filepath.Join(p.home, "runbooks")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	names, err := fs.Glob(runbookFiles, "runbooks/*.md")
	if err != nil {
		return "", err
	}
	for _, name := range names {
		text, err := runbookFiles.ReadFile(name)
		if err != nil {
			return "", err
		}
		if err := os.WriteFile(filepath.Join(dir, filepath.Base(name)), text, 0o600); err != nil {
			return "", err
		}
	}
	return dir, nil
}

// meant puts the fleet's configuration in the place of its name.
func (p *pilot) meant(args string) string { return strings.ReplaceAll(args, "@fleet", p.config()) }
