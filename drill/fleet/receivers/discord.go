package receivers

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/virtengine/relight/drill/world"
)

const (
	discordMax   = 2000
	discordEpoch = 1_420_070_400_000 // of snowflakes, Unix milliseconds
	// nonceFor is how long a nonce is remembered: Discord says "the past few
	// minutes".
	nonceFor = 2 * time.Minute
)

type discordError struct {
	Message string `json:"message"`
	Code    int    `json:"code"`
}

func discordNo(status, code int, message string) reply {
	return reply{status: status, body: discordError{message, code}}
}

type discordUser struct {
	ID   string `json:"id"`
	Name string `json:"username"`
	Bot  bool   `json:"bot"`
}

type discordMessage struct {
	ID          string      `json:"id"`
	Channel     string      `json:"channel_id"`
	Content     string      `json:"content"`
	Time        string      `json:"timestamp"`
	Author      discordUser `json:"author"`
	Nonce       string      `json:"nonce,omitempty"`
	Type        int         `json:"type"`
	Embeds      []string    `json:"embeds"`
	Attachments []string    `json:"attachments"`
	Mentions    []string    `json:"mentions"`
	Pinned      bool        `json:"pinned"`
	TTS         bool        `json:"tts"`
}

func discordView(p world.Post) discordMessage {
	return discordMessage{ID: p.ID, Channel: p.Channel, Content: p.Text, Time: p.At.UTC().Format("2006-01-02T15:04:05.000000+00:00"), Nonce: p.Nonce,
		Author: discordUser{"1000000000000000001", "relight", true}, Embeds: []string{}, Attachments: []string{}, Mentions: []string{}}
}

func snowflake(in Moment, n int) string {
	return strconv.FormatInt((in.Now.UnixMilli()-discordEpoch)<<22|int64(n&0x3fffff), 10)
}

// discordBody is what a message may carry, as far as it matters here.
type discordBody struct {
	Content string            `json:"content"`
	Embeds  []json.RawMessage `json:"embeds"`
	Nonce   json.RawMessage   `json:"nonce"`
	Enforce bool              `json:"enforce_nonce"`
}

func (b discordBody) nonce() string { return strings.Trim(string(b.Nonce), `"`) }

func discord(w *world.World, in Moment, r request) reply {
	_, route, found := strings.Cut(r.path, "/api/v10/")
	if !found {
		return discordNo(http.StatusNotFound, 0, "404: Not Found")
	}
	parts := strings.Split(route, "/")
	if parts[0] == "webhooks" && len(parts) >= 3 {
		return discordWebhook(w, in, r, parts)
	}
	if r.header.Get("Authorization") != "Bot "+in.Token("discord") {
		return discordNo(http.StatusUnauthorized, 0, "401: Unauthorized")
	}
	switch {
	case route == "users/@me":
		return ok(discordUser{"1000000000000000001", "relight", true})
	case parts[0] != "channels" || len(parts) < 2:
		return discordNo(http.StatusNotFound, 0, "404: Not Found")
	case strings.Trim(parts[1], "0123456789") != "":
		return discordNo(http.StatusBadRequest, 50035, "Invalid Form Body")
	case len(parts) == 2:
		return ok(struct {
			ID   string `json:"id"`
			Type int    `json:"type"`
			Name string `json:"name"`
		}{parts[1], 0, discordNames(parts[1])})
	case len(parts) == 3 && parts[2] == "messages" && r.method == http.MethodGet:
		return discordList(w, parts[1], r)
	case len(parts) == 3 && parts[2] == "messages" && r.method == http.MethodPost:
		return discordPost(w, in, parts[1], r, true)
	case len(parts) == 4 && parts[2] == "messages":
		return discordOne(w, parts[1], parts[3], r)
	}
	return discordNo(http.StatusMethodNotAllowed, 0, "405: Method Not Allowed")
}

// discordNames are the channels of the drill.
func discordNames(id string) string {
	switch id {
	case ValidatorsChannel:
		return "drill-validators"
	case ProvidersChannel:
		return "drill-providers"
	}
	return "channel-" + id
}

// The Discord channels of the drill.
const (
	ValidatorsChannel = "1100000000000000001"
	ProvidersChannel  = "1100000000000000002"
)

func discordWebhook(w *world.World, in Moment, r request, parts []string) reply {
	if parts[2] != in.Token("discord") {
		return discordNo(http.StatusNotFound, 10015, "Unknown Webhook")
	}
	rep := reply{status: http.StatusMethodNotAllowed, body: discordError{"405: Method Not Allowed", 0}}
	switch {
	case r.method == http.MethodPost && len(parts) == 3:
		rep = discordPost(w, in, parts[1], r, false)
		if rep.status == http.StatusOK && r.form["wait"] != "true" {
			rep.status, rep.body = http.StatusNoContent, nil
		}
	case len(parts) == 5 && parts[3] == "messages":
		rep = discordOne(w, parts[1], parts[4], r)
	}
	return rep
}

func discordPost(w *world.World, in Moment, channel string, r request, bot bool) reply {
	if limited(w, "discord") {
		s := strconv.Itoa(retryAfter)
		return reply{status: http.StatusTooManyRequests,
			header: map[string]string{"Retry-After": s, "X-RateLimit-Limit": "5", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset-After": s + ".0",
				"X-RateLimit-Bucket": "drill", "X-RateLimit-Scope": "user"},
			body: struct {
				Message string  `json:"message"`
				After   float64 `json:"retry_after"`
				Global  bool    `json:"global"`
			}{"You are being rate limited.", retryAfter, false}}
	}
	var b discordBody
	if err := json.Unmarshal(r.body, &b); err != nil {
		return discordNo(http.StatusBadRequest, 50109, "The request body contains invalid JSON.")
	}
	switch {
	case b.Content == "" && len(b.Embeds) == 0:
		return discordNo(http.StatusBadRequest, 50006, "Cannot send an empty message")
	case len([]rune(b.Content)) > discordMax, len(b.nonce()) > 25:
		return discordNo(http.StatusBadRequest, 50035, "Invalid Form Body")
	}
	if bot && b.Enforce && b.nonce() != "" {
		for _, p := range w.Posts {
			if p.Service == "discord" && p.Channel == channel && p.Nonce == b.nonce() && in.Now.Sub(p.At) <= nonceFor {
				return ok(discordView(p))
			}
		}
	}
	p := world.Post{Service: "discord", Channel: channel, ID: snowflake(in, len(w.Posts)+1), At: in.Now, Text: b.Content}
	if bot {
		p.Nonce = b.nonce()
	}
	w.Posts = append(w.Posts, p)
	rep := ok(discordView(p))
	rep.lost = loses(w, "discord")
	return rep
}

func discordList(w *world.World, channel string, r request) reply {
	limit := 50
	if s := r.form["limit"]; s != "" {
		v, err := strconv.Atoi(s)
		if err != nil || v < 1 || v > 100 {
			return discordNo(http.StatusBadRequest, 50035, "Invalid Form Body")
		}
		limit = v
	}
	after, _ := strconv.ParseInt(r.form["after"], 10, 64)
	before, err := strconv.ParseInt(r.form["before"], 10, 64)
	if err != nil {
		before = 1<<63 - 1
	}
	out := []discordMessage{}
	for _, p := range w.Posts {
		id, err := strconv.ParseInt(p.ID, 10, 64)
		if p.Service == "discord" && p.Channel == channel && err == nil && id > after && id < before {
			out = append(out, discordView(p))
		}
	}
	// With after the oldest come first into the limit, else the newest.
	if len(out) > limit {
		if after > 0 {
			out = out[:limit]
		} else {
			out = out[len(out)-limit:]
		}
	}
	for i, j := 0, len(out)-1; i < j; i, j = i+1, j-1 {
		out[i], out[j] = out[j], out[i]
	}
	return ok(out)
}

func discordOne(w *world.World, channel, id string, r request) reply {
	for i, p := range w.Posts {
		if p.Service != "discord" || p.Channel != channel || p.ID != id {
			continue
		}
		switch r.method {
		case http.MethodGet:
			return ok(discordView(p))
		case http.MethodPatch:
			var b discordBody
			if err := json.Unmarshal(r.body, &b); err != nil || b.Content == "" || len([]rune(b.Content)) > discordMax {
				return discordNo(http.StatusBadRequest, 50035, "Invalid Form Body")
			}
			w.Posts[i].Text, w.Posts[i].Edits = b.Content, p.Edits+1
			return ok(discordView(w.Posts[i]))
		}
		return discordNo(http.StatusMethodNotAllowed, 0, "405: Method Not Allowed")
	}
	return discordNo(http.StatusNotFound, 10008, fmt.Sprintf("Unknown Message"))
}
