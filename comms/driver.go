package comms

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/virtengine/relight/comms/outbox"
	"github.com/virtengine/relight/lazy"
)

// The names of the drivers in the configuration.
const (
	Slack          = "slack"           // bot token; target: the channel's id
	SlackWebhook   = "slack-webhook"   // token: the webhook's address
	Discord        = "discord"         // bot token; target: the channel's id
	DiscordWebhook = "discord-webhook" // token: the webhook's address, or its last part with target its id
	Statuspage     = "statuspage"      // API key; target: the page's id
)

// Driver speaks to one channel. It is safe for use by several goroutines, holds
// no queue and retries nothing. Every call ends within ten seconds, a look-up
// that reads several pages within half a minute.
type Driver interface {
	// Send posts once and says what became of it. It never says delivered
	// without the channel's own confirmation.
	Send(ctx context.Context, p Post) outbox.Outcome
	// Lookup searches the channel for p's marker. Absent means that the channel
	// answered in full.
	Lookup(ctx context.Context, p Post) outbox.LookupResult
	// Name resolves the destination to the name people know it by.
	Name(ctx context.Context) (string, error)
}

// Post is one row on its way to its channel, with what the driver cannot see
// in the row itself.
type Post struct {
	Row    outbox.Row
	Opens  bool          // nothing was said in this lane before: only then a remote incident may be created
	Parent outbox.Remote // the remote incident to update
	// IncidentKey is the opaque key of the incident in remote metadata.
	IncidentKey string
	// Mention asks for the channel's configured mention, once per incident.
	Mention bool
	// Impact of a status page's incident: none, minor, major, critical.
	Impact string
	// Components are a status page's component ids and their new status:
	// operational, degraded_performance, partial_outage, major_outage.
	Components map[string]string
	// Taken are the remote ids of the lane's other rows: a look-up that has to
	// compare texts does not take them for this one.
	Taken []string
	// Now is the domain clock's time, to correct a machine whose clock is wrong.
	Now time.Time
}

// PostOf is row as it is sent now: the first word of its lane, or an update of
// the remote incident that the lane's first row opened.
func PostOf(rows []outbox.Row, row outbox.Row, now time.Time) Post {
	p := Post{Row: row, Opens: outbox.Opens(rows, row), IncidentKey: outbox.Opaque("incident", row.Incident), Now: now}
	p.Parent, _ = outbox.Parent(rows, row)
	for _, o := range rows {
		if o.Lane == row.Lane && o.ID != row.ID && o.Remote.ID != "" {
			p.Taken = append(p.Taken, o.Remote.ID)
		}
	}
	return p
}

// ImpactOf is the status page's impact of a severity: sev1 is critical.
func ImpactOf(severity string) string {
	s := strings.ToLower(strings.ReplaceAll(severity, "-", ""))
	return map[string]string{"sev1": "critical", "sev2": "major", "sev3": "minor", "sev4": "none"}[s]
}

// ChannelConfig is what a driver needs of a configured channel.
type ChannelConfig struct {
	Name     string                 // the lane
	Driver   string                 // one of the driver names
	URL      string                 // the API's base; empty: the vendor's
	Target   string                 // the id of the channel or page there
	Token    func() (string, error) // read at each use, never kept
	Audience outbox.Audience
	Mention  string // "<!here>", "<@&ROLE>", …; empty: nobody is ever mentioned
}

// Dial opens connections. The rehearsal fleet and tests give their own.
type Dial func(ctx context.Context, network, addr string) (net.Conn, error)

// ErrByHand says that the driver is not built: the channel's messages are
// posted by hand. ErrConfig says that the channel cannot work as configured.
var (
	ErrByHand = errors.New("posted by hand")
	ErrConfig = errors.New("channel configuration")
)

// New makes the driver of a channel. Unknown drivers give ErrByHand; a nil dial
// is the machine's own.
func New(ch ChannelConfig, dial Dial) (Driver, error) {
	fail := func(why string) (Driver, error) {
		return nil, fmt.Errorf("channel %s: %s: %w", ch.Name, why, ErrConfig)
	}
	base, known := vendorURL(ch.Driver)
	if !known {
		return nil, fmt.Errorf("channel %s: no driver %q: %w", ch.Name, ch.Driver, ErrByHand)
	}
	if ch.Token == nil {
		return fail("no token")
	}
	if ch.URL == "" {
		ch.URL = base
	}
	ch.URL = strings.TrimRight(ch.URL, "/")
	if why := unsafeURL(ch.URL); why != "" {
		return fail("url: " + why)
	}
	if !strings.HasSuffix(ch.Driver, "-webhook") && !targetID.MatchString(ch.Target) {
		return fail("target: want the id of the channel or page, letters and digits")
	}
	if ch.Mention != "" && !mentionable(ch.Driver).MatchString(ch.Mention) {
		return fail("mention: want one mention as the channel itself writes it, such as <!here> or <@&123>")
	}
	link := link{ch: ch, client: newClient(dial)}
	switch ch.Driver {
	case Slack:
		return slackBot{link}, nil
	case SlackWebhook:
		return slackHook{link}, nil
	case Discord:
		return discordBot{link}, nil
	case DiscordWebhook:
		return discordHook{link}, nil
	}
	return statuspage{link}, nil
}

// targetID keeps a target from bending a request's path.
var targetID = lazy.Pattern(`^#?[0-9A-Za-z][0-9A-Za-z_-]{0,79}$`)

func vendorURL(driver string) (string, bool) {
	u, ok := map[string]string{
		Slack:          "https://slack.com/api",
		SlackWebhook:   "https://hooks.slack.com/services",
		Discord:        "https://discord.com/api/v10",
		DiscordWebhook: "https://discord.com/api/v10",
		Statuspage:     "https://api.statuspage.io/v1",
	}[driver]
	return u, ok
}

// mentionable is what a mention may look like: one, and nothing beside it.
func mentionable(driver string) *regexp.Regexp {
	switch driver {
	case Slack, SlackWebhook:
		return regexp.MustCompile(`^<(!(here|channel|everyone)|@[A-Z0-9]+|!subteam\^[A-Z0-9]+)>$`)
	case Discord, DiscordWebhook:
		return regexp.MustCompile(`^(@everyone|@here|<@&?\d{1,20}>)$`)
	}
	return regexp.MustCompile(`^$`)
}

// unsafeURL says why a token may not be sent to this address, or "".
func unsafeURL(raw string) string {
	u, err := url.Parse(raw)
	switch {
	case err != nil || u.Host == "":
		return "not an address" // never the text itself: it may hold a token
	case u.User != nil:
		return "holds a password: use the token"
	case u.Scheme == "https":
		return ""
	case u.Scheme == "http" && loopback(u.Hostname()):
		return ""
	}
	return "want https: the token would travel in the clear"
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
