package world

import (
	"encoding/json"
	"time"
)

// Receiver is what is wrong with a chat service or status page.
type Receiver struct {
	Limit     int  `json:"limit,omitempty"`      // posts still to be answered "too many"
	LoseReply int  `json:"lose_reply,omitempty"` // posts still to be kept without an answer
	Down      bool `json:"down,omitempty"`
}

// Post is a message that a chat service took.
type Post struct {
	Service  string          `json:"service"` // slack, discord
	Channel  string          `json:"channel"`
	ID       string          `json:"id"` // Slack's ts, Discord's snowflake
	At       time.Time       `json:"at"`
	Text     string          `json:"text"`
	Nonce    string          `json:"nonce,omitempty"`
	Metadata json.RawMessage `json:"metadata,omitempty"`
	Thread   string          `json:"thread,omitempty"`
	Edits    int             `json:"edits,omitempty"`
}

// PageIncident is an incident on the status page.
type PageIncident struct {
	Page       string            `json:"page"`
	ID         string            `json:"id"`
	Name       string            `json:"name"`
	Status     string            `json:"status"`
	Impact     string            `json:"impact"`
	Created    time.Time         `json:"created"`
	Updated    time.Time         `json:"updated"`
	Resolved   time.Time         `json:"resolved,omitzero"`
	Metadata   json.RawMessage   `json:"metadata,omitempty"`
	Components map[string]string `json:"components,omitempty"`
	Updates    []PageUpdate      `json:"updates,omitempty"`
}

// PageUpdate is one update of a PageIncident.
type PageUpdate struct {
	ID     string    `json:"id"`
	Status string    `json:"status"`
	Body   string    `json:"body"`
	At     time.Time `json:"at"`
}
