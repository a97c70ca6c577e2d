package cli

import (
	"context"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/virtengine/relight/incident"
)

// The test's binary is relight itself when RELIGHT_PANIC is set, with an error
// of its own: it panics once the record holds the word.
func TestMain(m *testing.M) {
	word := os.Getenv("RELIGHT_PANIC")
	if word == "" {
		os.Exit(m.Run())
	}
	ctx, stop := Until(context.Background(), syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	g := &globals{Streams: Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr}, getenv: os.Getenv, keeps: true}
	g.observe = func(s incident.State) {
		for _, l := range s.Log {
			if strings.Contains(l.Text, word) {
				panic("met " + word + " with the token " + os.Getenv("RELIGHT_PANIC_SECRET"))
			}
		}
		for _, st := range s.Steps {
			if st.Step.ID == word && st.Status == incident.Done {
				panic("met " + word)
			}
		}
	}
	os.Exit(run(ctx, os.Args[1:], g))
}
