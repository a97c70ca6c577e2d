// Package mail is the lab's letter boxes: Slack, Discord and a status page that
// answer as the vendors do, on loopback, so that a drill on the lab says its
// messages for real and to nobody.
//
// In: HTTP requests of the drivers. Out: the rehearsal fleet's receivers
// (drill/fleet/receivers), kept in a world value that serves as a box and is
// never brought forward; GET /lab/messages on any port lists what arrived. It
// must never pass anything on.
package mail

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/virtengine/relight/drill/fleet/receivers"
	"github.com/virtengine/relight/drill/world"
)

// Services are the letter boxes, in the order of their ports.
func Services() []string { return []string{"slack", "discord", "statuspage"} }

// Token is what a box wants to see. It opens nothing but that box.
func Token(service string) string {
	if service == "slack" {
		return "xoxb-lab-0000-not-a-secret"
	}
	return "lab-token-of-" + service
}

// Base is what follows the port in a driver's base address.
func Base(service string) string {
	return map[string]string{"slack": "/api", "discord": "/api/v10", "statuspage": "/v1"}[service]
}

type box struct {
	mu sync.Mutex
	w  world.World
}

// Serve answers on one address per service until ctx ends.
func Serve(ctx context.Context, listen map[string]string) error {
	b := &box{w: world.New(1, time.Now())}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	failed := make(chan error, len(listen))
	for service, handler := range receivers.All(b.do) {
		addr := listen[service]
		if addr == "" {
			continue
		}
		l, err := net.Listen("tcp", addr)
		if err != nil {
			return fmt.Errorf("letter box %s: %w", service, err)
		}
		mux := http.NewServeMux()
		mux.Handle("/", handler)
		mux.HandleFunc("GET /lab/messages", b.list)
		srv := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
		context.AfterFunc(ctx, func() { _ = srv.Close() })
		go func() { failed <- srv.Serve(l) }()
	}
	select {
	case <-ctx.Done():
		return nil
	case err := <-failed:
		if errors.Is(err, http.ErrServerClosed) {
			return nil
		}
		return fmt.Errorf("letter boxes: %w", err)
	}
}

func (b *box) do(change func(*world.World, receivers.Moment)) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	change(&b.w, receivers.Moment{Now: time.Now().UTC(), Token: Token})
	return nil
}

func (b *box) list(w http.ResponseWriter, _ *http.Request) {
	b.mu.Lock()
	list := receivers.Messages(&b.w)
	b.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(list)
}
