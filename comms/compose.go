package comms

import (
	"fmt"
	"strings"
	"unicode/utf16"

	"github.com/virtengine/relight/comms/outbox"
)

// DrillMark stands before everything that is said in a drill: drills are
// announced.
const DrillMark = "[DRILL] "

// Limit is how many characters one message of a driver may have: Slack shows
// longer ones twice, Discord refuses them, a status page takes 25,000.
func Limit(driver string) int {
	switch driver {
	case Discord, DiscordWebhook:
		return 2000
	case Statuspage:
		return 25000
	}
	return 4000
}

// Compose is the message as rows for one channel: one, or several parts labelled
// (1/2) when it is too long. The base row gives everything but the text; the
// caller gives each row its own id and queues them in this order.
func Compose(m Message, driver string, base outbox.Row) []outbox.Row {
	title, body := announced(base.Drill, m.Title, m.Body)
	chunks := split(driver, title, body)
	out := make([]outbox.Row, 0, len(chunks))
	for i, chunk := range chunks {
		r := base
		r.Title, r.Body, r.ID, r.Marker = title, chunk, "", ""
		if r.StatusState == "" {
			r.StatusState = m.State
		}
		if len(chunks) > 1 {
			r.Part, r.Parts = i+1, len(chunks)
			r.Title, r.Body = labelled(title, chunk, i+1, len(chunks))
		}
		out = append(out, r)
	}
	return out
}

// announced puts the drill's mark before the title, or before the body of a
// message without one. Twice changes nothing.
func announced(drill bool, title, body string) (string, string) {
	switch {
	case !drill || strings.HasPrefix(title+body, DrillMark):
		return title, body
	case title != "":
		return DrillMark + title, body
	}
	return title, DrillMark + body
}

func labelled(title, body string, n, of int) (string, string) {
	label := fmt.Sprintf("(%d/%d)", n, of)
	if title == "" {
		return "", label + " " + body
	}
	return title + " " + label, body
}

// labelRoom is kept free in each part for "(12/34)", the blank, the empty line
// after the title, and a mention before it.
const labelRoom = 64

// split cuts the body so that title and part fit into one message. It cuts
// between lines; a line that is too long alone between words; and only a word
// that no message could hold inside it.
func split(driver, title, body string) []string {
	room := Limit(driver) - labelRoom
	if driver != Statuspage { // there the title is a field of its own
		room -= size(driver, title)
	}
	room = max(room, 200)
	if size(driver, body) <= room {
		return []string{body}
	}
	var parts []string
	part := ""
	add := func(piece, glue string) {
		switch {
		case part == "" && len(parts) > 0 && strings.TrimSpace(piece) == "":
		case part == "":
			part = piece
		case size(driver, part+glue+piece) <= room:
			part += glue + piece
		default:
			parts = append(parts, strings.TrimSpace(part))
			part = strings.TrimLeft(piece, "\n")
		}
	}
	for _, line := range strings.Split(body, "\n") {
		for i, piece := range fitting(driver, line, room) {
			if i == 0 {
				add(piece, "\n")
			} else {
				add(piece, " ")
			}
		}
	}
	if strings.TrimSpace(part) != "" {
		parts = append(parts, strings.TrimSpace(part))
	}
	return parts
}

// fitting is a line as pieces that each fit.
func fitting(driver, line string, room int) []string {
	if size(driver, line) <= room {
		return []string{line}
	}
	var out []string
	piece := ""
	for _, w := range strings.Fields(line) {
		for size(driver, w) > room {
			if piece != "" {
				out, piece = append(out, piece), ""
			}
			cut := []rune(w)
			n := min(len(cut), room)
			for size(driver, string(cut[:n])) > room {
				n--
			}
			out, w = append(out, string(cut[:n])), string(cut[n:])
		}
		switch {
		case piece == "":
			piece = w
		case size(driver, piece+" "+w) <= room:
			piece += " " + w
		default:
			out, piece = append(out, piece), w
		}
	}
	if piece != "" {
		out = append(out, piece)
	}
	return out
}

// size is the length of a text as a channel may count it at worst: in UTF-16
// units, for Slack after escaping.
func size(driver, s string) int {
	n := 0
	for _, r := range s {
		n += max(1, utf16.RuneLen(r))
		if driver == Slack || driver == SlackWebhook {
			switch r {
			case '&':
				n += len("&amp;") - 1
			case '<', '>':
				n += len("&lt;") - 1
			}
		}
	}
	return n
}
