package comms

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"github.com/virtengine/relight/comms/outbox"
	"github.com/virtengine/relight/lazy"
)

// slackBot posts with a bot token. slack-go writes the requests; the answers
// are read here, because its client takes {} for success, calls a 429 without
// Retry-After something else, and can post twice when asked to retry.
type slackBot struct{ link }

var (
	slackTS      = lazy.Pattern(`^\d{1,12}\.\d{1,8}$`)
	slackChannel = lazy.Pattern(`^[CGD][A-Z0-9]{2,20}$`)
	slackCode    = lazy.Pattern(`^[a-z0-9_]{1,60}$`)
)

// slackEvent is the metadata event type; its payload carries the marker alone,
// for every app of the workspace can read it.
const slackEvent = "relight_message"

// recorder is the HTTP client given to slack-go: it sends once and keeps what
// it saw.
type recorder struct {
	client *http.Client
	seen   exchange
}

func (r *recorder) Do(req *http.Request) (*http.Response, error) {
	r.seen = do(r.client, req)
	if r.seen.status == 0 {
		return nil, errors.New("no answer")
	}
	return &http.Response{StatusCode: r.seen.status, Header: r.seen.header, Request: req,
		Body: io.NopCloser(bytes.NewReader(r.seen.body))}, nil
}

// api is a client for one call.
func (s session) api() (*slack.Client, *recorder) {
	rec := &recorder{client: s.client}
	return slack.New(s.token, slack.OptionAPIURL(s.ch.URL+"/"), slack.OptionHTTPClient(rec)), rec
}

func (d slackBot) Send(ctx context.Context, p Post) outbox.Outcome {
	s, err := d.open()
	if err != nil {
		return outbox.Outcome{Class: outbox.ClassNotSent, Reason: err.Error()}
	}
	api, rec := s.api()
	// The error is the library's view; what was seen is judged below.
	_, _, _ = api.PostMessageContext(ctx, d.ch.Target,
		slack.MsgOptionText(slackText(d.ch, p), false),
		slack.MsgOptionParse(false), // parse=none
		slack.MsgOptionLinkNames(false),
		slack.MsgOptionDisableLinkUnfurl(),
		slack.MsgOptionDisableMediaUnfurl(),
		slack.MsgOptionMetadata(slack.SlackMetadata{EventType: slackEvent,
			EventPayload: map[string]any{"key": p.Row.Marker}}),
	)
	return s.classify(rec.seen, s.readSlack)
}

// slackText is the row's text with Slack's three special characters escaped, so
// that nothing in it can call a channel together; only the configured mention
// stands before it as it is.
func slackText(ch ChannelConfig, p Post) string {
	title, body := announced(p.Row.Drill, p.Row.Title, p.Row.Body)
	text := outbox.Row{Title: title, Body: body}.Text()
	text = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(text)
	if p.Mention && ch.Mention != "" {
		text = ch.Mention + "\n" + text
	}
	return text
}

// slackAnswer is what all Slack answers share.
type slackAnswer struct {
	OK      *bool  `json:"ok"`
	Error   string `json:"error"`
	Needed  string `json:"needed"`
	TS      string `json:"ts"`
	Channel string `json:"channel"`
}

// readSlack reads the answer to a post.
func (s session) readSlack(body []byte) reading {
	var a slackAnswer
	if json.Unmarshal(body, &a) != nil || a.OK == nil {
		return reading{reason: "the answer is not Slack's"}
	}
	if !*a.OK {
		return s.slackError(a)
	}
	ts, channel := s.id(a.TS, slackTS), s.id(a.Channel, slackChannel)
	if ts == "" || channel == "" {
		return reading{}
	}
	return reading{class: outbox.ClassDelivered, remote: outbox.Remote{ID: ts, Channel: channel}}
}

// slackError reads ok:false. Three words do not say whether the message was
// stored; every other is Slack's refusal.
func (s session) slackError(a slackAnswer) reading {
	if s.id(a.Error, slackCode) == "" {
		return reading{reason: "Slack refused without a word"}
	}
	switch a.Error {
	case "rate_limited", "ratelimited":
		return reading{class: outbox.ClassRateLimited, reason: a.Error}
	case "fatal_error", "internal_error", "request_timeout", "service_unavailable":
		return reading{reason: a.Error}
	}
	r := reading{class: outbox.ClassRejected, reason: a.Error, fix: slackFix(a.Error, s.ch.Name)}
	if a.Error == "missing_scope" && a.Needed != "" {
		r.fix = "give the Slack app the scope " + s.say(a.Needed) + " and install it again, then retry"
	}
	return r
}

func slackFix(code, channel string) string {
	switch code {
	case "not_in_channel":
		return "invite the bot to #" + channel + ", then retry"
	case "channel_not_found":
		return "check the channel's target (its id, as C0123ABCD) and invite the bot, then retry"
	case "is_archived":
		return "unarchive the channel or name another, then retry"
	case "invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired":
		return "renew the Slack token, then retry"
	case "missing_scope":
		return "give the Slack app the scope chat:write, then retry"
	case "msg_too_long", "msg_blocks_too_long":
		return "shorten the text"
	}
	return "post it by hand, or mend the cause and retry"
}

const (
	slackPage  = 200 // Slack's own advice
	slackPages = 5
)

// Lookup reads the channel's history since the first attempt and compares the
// metadata's key.
func (d slackBot) Lookup(ctx context.Context, p Post) outbox.LookupResult {
	s, err := d.open()
	if err != nil {
		return outbox.LookupResult{Class: outbox.Failed, Reason: err.Error()}
	}
	if !slackChannel.MatchString(d.ch.Target) {
		return outbox.LookupResult{Class: outbox.Impossible,
			Reason: "the history needs the channel's id as target (C0123ABCD), not its name"}
	}
	from := since(p, time.Time{})
	cursor := ""
	for range slackPages {
		api, rec := s.api()
		_, _ = api.GetConversationHistoryContext(ctx, &slack.GetConversationHistoryParameters{
			ChannelID: d.ch.Target, Oldest: fmt.Sprintf("%d.%06d", max(0, from.Unix()), from.Nanosecond()/1000),
			Inclusive: true, Limit: slackPage, IncludeAllMetadata: true, Cursor: cursor})
		page, ok := slackHistory(rec.seen)
		if !ok {
			return s.missed(rec.seen, s.readSlack)
		}
		for _, m := range page.Messages {
			if m.Metadata.EventType == slackEvent && m.Metadata.EventPayload.Key == p.Row.Marker && p.Row.Marker != "" {
				return outbox.LookupResult{Class: outbox.Found,
					Remote: outbox.Remote{ID: s.id(m.TS, slackTS), Channel: d.ch.Target}}
			}
		}
		if earlier := since(p, dateOf(rec.seen)); earlier.Before(from) {
			from, cursor = earlier, "" // our clock is ahead: read again from earlier
			continue
		}
		if cursor = page.Metadata.Cursor; !page.HasMore || cursor == "" {
			return outbox.LookupResult{Class: outbox.Absent}
		}
	}
	return outbox.LookupResult{Class: outbox.Failed, Reason: "the channel has too many messages to read them all"}
}

// slackPageBody is one page of conversations.history, as far as it is needed.
type slackPageBody struct {
	OK       bool `json:"ok"`
	HasMore  bool `json:"has_more"`
	Messages []struct {
		TS       string `json:"ts"`
		Metadata struct {
			EventType    string `json:"event_type"`
			EventPayload struct {
				Key string `json:"key"`
			} `json:"event_payload"`
		} `json:"metadata"`
	} `json:"messages"`
	Metadata struct {
		Cursor string `json:"next_cursor"`
	} `json:"response_metadata"`
}

// slackHistory is a page, or false if the answer was not a whole one: only a
// whole one may say that a message is absent.
func slackHistory(x exchange) (slackPageBody, bool) {
	var page slackPageBody
	if x.status != http.StatusOK || x.err != nil || json.Unmarshal(x.body, &page) != nil {
		return page, false
	}
	return page, page.OK && page.Messages != nil
}

func (d slackBot) Name(ctx context.Context) (string, error) {
	s, err := d.open()
	if err != nil {
		return "", err
	}
	api, rec := s.api()
	_, _ = api.GetConversationInfoContext(ctx, &slack.GetConversationInfoInput{ChannelID: d.ch.Target})
	var a struct {
		OK      bool `json:"ok"`
		Channel struct {
			Name string `json:"name"`
		} `json:"channel"`
	}
	if rec.seen.status == http.StatusOK && json.Unmarshal(rec.seen.body, &a) == nil && a.OK && a.Channel.Name != "" {
		return "#" + s.say(a.Channel.Name), nil
	}
	return "", s.nameless(rec.seen, s.readSlack)
}

// slackHook posts to an incoming webhook: no id, no look-up, no name.
type slackHook struct{ link }

type slackHookBody struct {
	Text        string `json:"text"`
	UnfurlLinks bool   `json:"unfurl_links"`
	UnfurlMedia bool   `json:"unfurl_media"`
}

func (slackHookBody) requestBody() {}

func (d slackHook) Send(ctx context.Context, p Post) outbox.Outcome {
	s, err := d.open()
	if err != nil {
		return outbox.Outcome{Class: outbox.ClassNotSent, Reason: err.Error()}
	}
	address, why := s.hookAddress("")
	if why != "" {
		return outbox.Outcome{Class: outbox.ClassRejected, Reason: why, Fix: "correct the channel's token, then retry"}
	}
	req, err := s.request(ctx, http.MethodPost, address, slackHookBody{Text: slackText(d.ch, p)})
	if err != nil {
		return outbox.Outcome{Class: outbox.ClassRejected, Reason: err.Error(), Fix: "correct the channel's token, then retry"}
	}
	return s.classify(do(d.client, req), func(body []byte) reading {
		word := strings.TrimSpace(string(body))
		if word == "ok" {
			return reading{class: outbox.ClassDelivered}
		}
		if slackCode.MatchString(word) {
			return reading{reason: s.say(word), fix: slackFix(word, d.ch.Name)}
		}
		return reading{}
	})
}

func (slackHook) Lookup(context.Context, Post) outbox.LookupResult {
	return outbox.LookupResult{Class: outbox.Impossible, Reason: "a webhook cannot read its channel"}
}

func (d slackHook) Name(context.Context) (string, error) {
	return "", fmt.Errorf("channel %s: a Slack webhook does not say where it posts: prefer a bot token", d.ch.Name)
}

// hookAddress is a webhook's address: the token itself when it is an address,
// else under the configured one.
func (s session) hookAddress(below string) (address, why string) {
	if strings.Contains(s.token, "://") {
		if why := unsafeURL(s.token); why != "" {
			return "", "the webhook's address: " + why
		}
		return strings.TrimRight(s.token, "/"), ""
	}
	return s.ch.URL + below + "/" + strings.Trim(s.token, "/"), ""
}

// nameless is the error of a destination that did not say its name.
func (s session) nameless(x exchange, read func([]byte) reading) error {
	o := s.classify(x, read)
	if o.Fix != "" {
		return fmt.Errorf("channel %s: %s: %s", s.ch.Name, o.Reason, o.Fix)
	}
	return fmt.Errorf("channel %s: %s", s.ch.Name, o.Reason)
}
