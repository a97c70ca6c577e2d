package comms

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/virtengine/relight/comms/outbox"
	"github.com/virtengine/relight/lazy"
)

// discordBot posts as a bot; its nonce keeps a second copy away for some
// minutes, and a look-up reads the channel.
type discordBot struct{ link }

// discordHook posts to a webhook: it gets an id, and cannot look anything up
// without one.
type discordHook struct{ link }

var snowflake = lazy.Pattern(`^\d{5,20}$`)

// discordBody is the request of both.
type discordBody struct {
	Content         string          `json:"content"`
	Nonce           string          `json:"nonce,omitempty"`
	EnforceNonce    bool            `json:"enforce_nonce,omitempty"`
	AllowedMentions discordMentions `json:"allowed_mentions"`
	Flags           int             `json:"flags,omitempty"`
}

// discordMentions lets nobody be called unless named here. parse must be [], for
// null means everybody.
type discordMentions struct {
	Parse []string `json:"parse"`
	Users []string `json:"users,omitempty"`
	Roles []string `json:"roles,omitempty"`
}

func (discordBody) requestBody() {}

// suppressEmbeds keeps link previews away.
const suppressEmbeds = 1 << 2

// discordAgent is what Discord demands of every client.
const discordAgent = "DiscordBot (https://github.com/virtengine/relight, 1)"

// discordText is the row's text as it will stand there, and whom it may call.
func discordText(ch ChannelConfig, p Post) (string, discordMentions) {
	title, body := announced(p.Row.Drill, p.Row.Title, p.Row.Body)
	text := strings.TrimSpace(outbox.Row{Title: title, Body: body}.Text())
	m := discordMentions{Parse: []string{}}
	if !p.Mention || ch.Mention == "" {
		return text, m
	}
	id := strings.Trim(ch.Mention, "<@&>")
	switch {
	case strings.HasPrefix(ch.Mention, "<@&"):
		m.Roles = []string{id}
	case strings.HasPrefix(ch.Mention, "<@"):
		m.Users = []string{id}
	default: // @everyone and @here are one permission
		m.Parse = []string{"everyone"}
	}
	return ch.Mention + "\n" + text, m
}

func (d discordBot) Send(ctx context.Context, p Post) outbox.Outcome {
	s, err := d.open()
	if err != nil {
		return outbox.Outcome{Class: outbox.ClassNotSent, Reason: err.Error()}
	}
	text, mentions := discordText(d.ch, p)
	req, err := s.discord(ctx, http.MethodPost, "/channels/"+d.ch.Target+"/messages",
		discordBody{Content: text, Nonce: p.Row.Marker, EnforceNonce: p.Row.Marker != "",
			AllowedMentions: mentions, Flags: suppressEmbeds})
	if err != nil {
		return outbox.Outcome{Class: outbox.ClassRejected, Reason: err.Error(), Fix: fixOf(0)}
	}
	return s.classify(do(d.client, req), s.readDiscord)
}

// discord builds a request of the bot.
func (s session) discord(ctx context.Context, method, path string, body jsonBody) (*http.Request, error) {
	req, err := s.request(ctx, method, s.ch.URL+path, body)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bot "+s.token)
	req.Header.Set("User-Agent", discordAgent)
	return req, nil
}

// readDiscord reads a message, or an error's code and message.
func (s session) readDiscord(body []byte) reading {
	var a struct {
		ID        string `json:"id"`
		ChannelID string `json:"channel_id"`
		Code      int    `json:"code"`
		Message   string `json:"message"`
	}
	if json.Unmarshal(body, &a) != nil {
		return reading{reason: "the answer is not Discord's"}
	}
	id, channel := s.id(a.ID, snowflake), s.id(a.ChannelID, snowflake)
	if id == "" || channel == "" {
		r := reading{reason: s.say(a.Message), fix: discordFix(a.Code)}
		if a.Code != 0 {
			r.reason = strings.TrimSpace(fmt.Sprintf("%d %s", a.Code, r.reason))
		}
		return r
	}
	return reading{class: outbox.ClassDelivered, remote: outbox.Remote{ID: id, Channel: channel}}
}

func discordFix(code int) string {
	switch code {
	case 10003:
		return "check the channel's target, then retry"
	case 10015:
		return "the webhook was deleted: make a new one, then retry"
	case 50001, 50013:
		return "give the bot View Channel, Send Messages and Read Message History there, then retry"
	case 220001:
		return "the target is a forum: name a text channel, then retry"
	}
	return ""
}

const (
	discordPage  = 100
	discordPages = 5
	// discordEpoch is the first millisecond of 2015, where snowflakes begin.
	discordEpoch = 1420070400000
)

// snowflakeAt is the smallest id of a message stored at t.
func snowflakeAt(t time.Time) string {
	return strconv.FormatInt(max(0, t.UnixMilli()-discordEpoch)<<22, 10)
}

// discordMessage is a listed message, as far as it is needed.
type discordMessage struct {
	ID      string          `json:"id"`
	Content string          `json:"content"`
	Nonce   json.RawMessage `json:"nonce"`
	Author  struct {
		Bot bool `json:"bot"`
	} `json:"author"`
}

// is says that the message is the row. Discord need not list the nonce; then a
// bot's message of the same text counts, unless it is another row of the lane.
func (m discordMessage) is(p Post, text string) bool {
	var nonce string
	if json.Unmarshal(m.Nonce, &nonce) == nil && nonce != "" {
		return nonce == p.Row.Marker
	}
	return m.Author.Bot && strings.TrimSpace(m.Content) == text && !slices.Contains(p.Taken, m.ID)
}

// Lookup lists what was posted since the first attempt, oldest first.
func (d discordBot) Lookup(ctx context.Context, p Post) outbox.LookupResult {
	s, err := d.open()
	if err != nil {
		return outbox.LookupResult{Class: outbox.Failed, Reason: err.Error()}
	}
	text, _ := discordText(d.ch, p)
	from := since(p, time.Time{})
	after := snowflakeAt(from)
	saw := false
	for range discordPages {
		page, x := s.messages(ctx, "after="+after+"&limit="+strconv.Itoa(discordPage))
		if page == nil {
			return s.missed(x, s.readDiscord)
		}
		saw = saw || len(page) > 0
		newest := after
		for _, m := range page {
			if m.is(p, text) {
				return outbox.LookupResult{Class: outbox.Found,
					Remote: outbox.Remote{ID: s.id(m.ID, snowflake), Channel: d.ch.Target}}
			}
			if snowflake.MatchString(m.ID) && (len(m.ID) > len(newest) || len(m.ID) == len(newest) && m.ID > newest) {
				newest = m.ID
			}
		}
		if earlier := since(p, dateOf(x)); earlier.Before(from) {
			from, after = earlier, snowflakeAt(earlier) // our clock is ahead: read again from earlier
			continue
		}
		if len(page) < discordPage || newest == after {
			if !saw && p.Now.Sub(p.Row.SentAt) > nonceLives {
				return s.emptyOrBlind(ctx)
			}
			return outbox.LookupResult{Class: outbox.Absent}
		}
		after = newest
	}
	return outbox.LookupResult{Class: outbox.Failed, Reason: "the channel has too many messages to read them all"}
}

// nonceLives is how long Discord surely keeps a second copy of one nonce away:
// as long, a wrong "absent" does no harm.
const nonceLives = 2 * time.Minute

// emptyOrBlind tells an empty channel from a bot without Read Message History,
// to which Discord lists nothing and says OK. Only a channel in which something
// can be seen may say absent.
func (s session) emptyOrBlind(ctx context.Context) outbox.LookupResult {
	page, x := s.messages(ctx, "limit=1")
	switch {
	case page == nil:
		return s.missed(x, s.readDiscord)
	case len(page) == 0:
		return outbox.LookupResult{Class: outbox.Failed, Reason: "Discord lists nothing: the bot may lack Read Message History"}
	}
	return outbox.LookupResult{Class: outbox.Absent}
}

// messages reads one page of the channel. It is nil unless Discord answered in
// full.
func (s session) messages(ctx context.Context, query string) ([]discordMessage, exchange) {
	req, err := s.discord(ctx, http.MethodGet, "/channels/"+s.ch.Target+"/messages?"+query, nil)
	if err != nil {
		return nil, exchange{err: err}
	}
	x := do(s.client, req)
	var page []discordMessage
	if x.status != http.StatusOK || x.err != nil || json.Unmarshal(x.body, &page) != nil {
		return nil, x
	}
	return page, x
}

func (d discordBot) Name(ctx context.Context) (string, error) {
	s, err := d.open()
	if err != nil {
		return "", err
	}
	req, err := s.discord(ctx, http.MethodGet, "/channels/"+d.ch.Target, nil)
	if err != nil {
		return "", fmt.Errorf("channel %s: %w", d.ch.Name, err)
	}
	return s.discordName(do(d.client, req), "#")
}

func (s session) discordName(x exchange, mark string) (string, error) {
	var a struct {
		Name string `json:"name"`
	}
	if x.status == http.StatusOK && json.Unmarshal(x.body, &a) == nil && a.Name != "" {
		return mark + s.say(a.Name), nil
	}
	return "", s.nameless(x, s.readDiscord)
}

// hook builds a request to the webhook's own address, which is the token.
func (s session) hook(ctx context.Context, method, query string, body jsonBody) (*http.Request, error) {
	address, why := s.hookAddress("/webhooks/" + s.ch.Target)
	if why != "" {
		return nil, fmt.Errorf("%s", why)
	}
	req, err := s.request(ctx, method, address+query, body)
	if err != nil {
		return nil, err
	}
	req.Header.Set("User-Agent", discordAgent)
	return req, nil
}

func (d discordHook) Send(ctx context.Context, p Post) outbox.Outcome {
	s, err := d.open()
	if err != nil {
		return outbox.Outcome{Class: outbox.ClassNotSent, Reason: err.Error()}
	}
	text, mentions := discordText(d.ch, p)
	req, err := s.hook(ctx, http.MethodPost, "?wait=true",
		discordBody{Content: text, AllowedMentions: mentions, Flags: suppressEmbeds})
	if err != nil {
		return outbox.Outcome{Class: outbox.ClassRejected, Reason: err.Error(), Fix: "correct the channel's token, then retry"}
	}
	return s.classify(do(d.client, req), s.readDiscord)
}

func (discordHook) Lookup(context.Context, Post) outbox.LookupResult {
	return outbox.LookupResult{Class: outbox.Impossible, Reason: "a webhook cannot list its channel"}
}

func (d discordHook) Name(ctx context.Context) (string, error) {
	s, err := d.open()
	if err != nil {
		return "", err
	}
	req, err := s.hook(ctx, http.MethodGet, "", nil)
	if err != nil {
		return "", fmt.Errorf("channel %s: %w", d.ch.Name, err)
	}
	return s.discordName(do(d.client, req), "webhook ")
}
