package receivers

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/virtengine/relight/drill/world"
)

// Slack's hard limit of a text; it splits from 4,000 on.
const slackMax = 40_000

type slackError struct {
	OK    bool   `json:"ok"`
	Error string `json:"error"`
}

func slackNo(code string) reply { return ok(slackError{Error: code}) }

type slackMessage struct {
	Type     string          `json:"type"`
	Text     string          `json:"text"`
	TS       string          `json:"ts"`
	BotID    string          `json:"bot_id"`
	Thread   string          `json:"thread_ts,omitempty"`
	Metadata json.RawMessage `json:"metadata,omitempty"`
}

func slackView(p world.Post, metadata bool) slackMessage {
	m := slackMessage{Type: "message", Text: p.Text, TS: p.ID, BotID: "B0DRILL", Thread: p.Thread}
	if metadata {
		m.Metadata = p.Metadata
	}
	return m
}

// SlackChannels are the names of the drill's channels.
func SlackChannels() []string {
	return []string{"drill-incident", "drill-engineering", "drill-leadership"}
}

// SlackID is the id of a channel by its name; an id stays what it is. Reading
// a channel's history needs the id.
func SlackID(name string) string {
	name = strings.TrimPrefix(name, "#")
	if len(name) > 8 && name[0] == 'C' && strings.ToUpper(name) == name {
		return name
	}
	var sum uint64 = 14695981039346656037
	for _, b := range []byte(name) {
		sum = (sum ^ uint64(b)) * 1099511628211
	}
	return fmt.Sprintf("C%09d", sum%1_000_000_000)
}

// slackTarget is the name of a channel given by name or id, "" for none.
func slackTarget(s string) string {
	for _, name := range SlackChannels() {
		if SlackID(name) == s {
			return name
		}
	}
	return strings.TrimPrefix(s, "#")
}

func slack(w *world.World, in Moment, r request) reply {
	method := r.path[strings.LastIndexByte(r.path, '/')+1:]
	token := strings.TrimPrefix(r.header.Get("Authorization"), "Bearer ")
	if token == "" {
		token = r.form["token"]
	}
	switch {
	case token == "":
		return slackNo("not_authed")
	case token != in.Token("slack"):
		return slackNo("invalid_auth")
	}
	switch method {
	case "chat.postMessage", "chat.update":
		if limited(w, "slack") {
			return reply{status: http.StatusTooManyRequests, header: map[string]string{"Retry-After": strconv.Itoa(retryAfter)},
				body: slackError{Error: "ratelimited"}}
		}
		rep := slackPost(w, in, r, method == "chat.update")
		rep.lost = rep.lost || isPosted(rep) && loses(w, "slack")
		return rep
	case "conversations.history":
		return slackHistory(w, r)
	case "conversations.info":
		return ok(struct {
			OK      bool         `json:"ok"`
			Channel slackChannel `json:"channel"`
		}{true, slackChannel{SlackID(r.form["channel"]), slackTarget(r.form["channel"]), true, true}})
	case "conversations.list":
		out := struct {
			OK       bool           `json:"ok"`
			Channels []slackChannel `json:"channels"`
		}{OK: true}
		for _, name := range SlackChannels() {
			out.Channels = append(out.Channels, slackChannel{SlackID(name), name, true, true})
		}
		return ok(out)
	case "chat.getPermalink":
		return ok(struct {
			OK   bool   `json:"ok"`
			Link string `json:"permalink"`
		}{true, "https://drill.slack.example/archives/" + SlackID(r.form["channel"]) + "/p" + strings.ReplaceAll(r.form["message_ts"], ".", "")})
	case "auth.test":
		return ok(struct {
			OK     bool   `json:"ok"`
			URL    string `json:"url"`
			Team   string `json:"team"`
			User   string `json:"user"`
			TeamID string `json:"team_id"`
			UserID string `json:"user_id"`
			BotID  string `json:"bot_id"`
		}{true, "https://drill.slack.example/", "Drill", "relight", "T0DRILL", "U0DRILL", "B0DRILL"})
	}
	return slackNo("unknown_method")
}

type slackChannel struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Chan   bool   `json:"is_channel"`
	Member bool   `json:"is_member"`
}

type slackPosted struct {
	OK      bool         `json:"ok"`
	Channel string       `json:"channel"`
	TS      string       `json:"ts"`
	Text    string       `json:"text,omitempty"`
	Message slackMessage `json:"message"`
}

func isPosted(rep reply) bool {
	_, is := rep.body.(slackPosted)
	return is
}

func slackPost(w *world.World, in Moment, r request, update bool) reply {
	channel, text := slackTarget(r.form["channel"]), r.form["text"]
	switch {
	case channel == "":
		return slackNo("channel_not_found")
	case text == "" && r.form["blocks"] == "" && r.form["attachments"] == "" && r.form["markdown_text"] == "":
		return slackNo("no_text")
	case len([]rune(text)) > slackMax:
		return slackNo("msg_too_long")
	}
	if text == "" {
		text = r.form["markdown_text"]
	}
	if update {
		for i, p := range w.Posts {
			if p.Service == "slack" && p.ID == r.form["ts"] && p.Channel == channel {
				w.Posts[i].Text, w.Posts[i].Edits = text, p.Edits+1
				return ok(slackPosted{true, SlackID(channel), p.ID, text, slackView(w.Posts[i], true)})
			}
		}
		return slackNo("message_not_found")
	}
	p := world.Post{Service: "slack", Channel: channel, At: in.Now, Text: text, Thread: r.form["thread_ts"],
		// The microseconds are a counter: no two posts have the same ts.
		ID: fmt.Sprintf("%d.%06d", in.Now.Unix(), len(w.Posts)+1)}
	if m := r.form["metadata"]; m != "" {
		if !json.Valid([]byte(m)) {
			return slackNo("invalid_metadata_format")
		}
		p.Metadata = json.RawMessage(m)
	}
	w.Posts = append(w.Posts, p)
	return ok(slackPosted{OK: true, Channel: SlackID(channel), TS: p.ID, Message: slackView(p, true)})
}

func slackHistory(w *world.World, r request) reply {
	channel := slackTarget(r.form["channel"])
	oldest, latest := stamp(r.form["oldest"], 0), stamp(r.form["latest"], 1<<53)
	inclusive := r.form["inclusive"] == "true" || r.form["inclusive"] == "1"
	meta := r.form["include_all_metadata"] == "true" || r.form["include_all_metadata"] == "1"
	limit, err := strconv.Atoi(r.form["limit"])
	if err != nil || limit <= 0 {
		limit = 100
	}
	out := struct {
		OK       bool           `json:"ok"`
		Messages []slackMessage `json:"messages"`
		More     bool           `json:"has_more"`
	}{OK: true, Messages: []slackMessage{}}
	for i := len(w.Posts) - 1; i >= 0; i-- {
		p := w.Posts[i]
		ts := stamp(p.ID, 0)
		inside := ts > oldest && ts < latest || inclusive && (ts == oldest || ts == latest)
		if p.Service != "slack" || p.Channel != channel || !inside {
			continue
		}
		if len(out.Messages) == limit {
			out.More = true
			break
		}
		out.Messages = append(out.Messages, slackView(p, meta))
	}
	return ok(out)
}

// stamp is a ts in microseconds.
func stamp(ts string, none int64) int64 {
	sec, micro, _ := strings.Cut(ts, ".")
	s, err := strconv.ParseInt(sec, 10, 64)
	if err != nil {
		return none
	}
	m, err := strconv.ParseInt((micro + "000000")[:6], 10, 64)
	if err != nil {
		m = 0
	}
	return s*1_000_000 + m
}
