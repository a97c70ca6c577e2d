package cli

import (
	"context"
	"fmt"

	"github.com/virtengine/relight/comms"
	"github.com/virtengine/relight/comms/outbox"
	"github.com/virtengine/relight/config"
)

// mouth sends messages through the drivers of the configuration.
type mouth struct {
	drivers map[string]comms.Driver
	why     map[string]string // channels that cannot work, and why
}

func newMouth(f config.Fleet, d dial) mouth {
	m := mouth{drivers: map[string]comms.Driver{}, why: map[string]string{}}
	for _, ch := range f.Channels {
		if ch.ByHand() {
			continue
		}
		drv, err := comms.New(comms.ChannelConfig{Name: ch.Name, Driver: ch.Driver, URL: ch.URL, Target: ch.Target,
			Token: ch.Token.Resolve, Audience: outbox.Audience(ch.Audience), Mention: ch.Mention}, comms.Dial(d))
		if err != nil {
			m.why[ch.Name] = err.Error()
			continue
		}
		m.drivers[ch.Name] = drv
	}
	return m
}

// Drives says whether a channel is relight's to post to.
func (m mouth) Drives(channel string) bool {
	_, broken := m.why[channel]
	return m.drivers[channel] != nil || broken
}

// Send posts once.
func (m mouth) Send(ctx context.Context, p comms.Post) outbox.Outcome {
	d, ok := m.drivers[p.Row.Lane]
	if !ok {
		return outbox.Outcome{Class: outbox.ClassRejected, Reason: fmt.Sprintf("channel %s: %s", p.Row.Lane, m.why[p.Row.Lane]),
			Fix: "mend the channel in the configuration, or post by hand and say so"}
	}
	return d.Send(ctx, p)
}

// Lookup searches for a message whose reply was lost.
func (m mouth) Lookup(ctx context.Context, p comms.Post) outbox.LookupResult {
	d, ok := m.drivers[p.Row.Lane]
	if !ok {
		return outbox.LookupResult{Class: outbox.Impossible, Reason: m.why[p.Row.Lane]}
	}
	return d.Lookup(ctx, p)
}
