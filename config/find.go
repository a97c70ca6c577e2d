package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// ErrNone says that no configuration was named and none lies where one is
// looked for.
var ErrNone = errors.New("no configuration found")

// Find is the path of the configuration: explicit (--config), else
// $RELIGHT_CONFIG, else ./relight.toml, else relight/relight.toml in the XDG
// configuration folder. A file that was named and is not there is an error, and
// the search does not go on: who names a fleet must not get another one.
func Find(explicit string, getenv func(string) string) (path string, err error) {
	for _, named := range []struct{ path, by string }{{explicit, "--config"}, {getenv("RELIGHT_CONFIG"), "$RELIGHT_CONFIG"}} {
		if named.path == "" {
			continue
		}
		if _, err := os.Stat(named.path); err != nil {
			return "", &OpenError{named.path, err, fmt.Sprintf("it was named by %s; %s", named.by, startHint)}
		}
		return named.path, nil
	}
	looked := []string{"relight.toml"}
	if folder := xdgFolder(getenv); folder != "" {
		looked = append(looked, filepath.Join(folder, "relight", "relight.toml"))
	}
	for _, path := range looked {
		_, err := os.Stat(path)
		if err == nil {
			return path, nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			// It may be there: going on to the next would pick another fleet.
			return "", &OpenError{path, err, "make it readable, or name another with --config"}
		}
	}
	return "", fmt.Errorf("%w: there is no %s; %s", ErrNone, strings.Join(looked, " and no "), startHint)
}

// xdgFolder ignores a relative $XDG_CONFIG_HOME, as its specification asks.
func xdgFolder(getenv func(string) string) string {
	if dir := getenv("XDG_CONFIG_HOME"); filepath.IsAbs(dir) {
		return dir
	}
	if home := getenv("HOME"); home != "" {
		return filepath.Join(home, ".config")
	}
	return ""
}
