// Package receivers answers as the services do that an incident speaks
// through: Slack's Web API, Discord's REST API and Statuspage's.
//
// In: HTTP requests. Out: the services' answers, and what they took, kept in
// the world value (Posts, Incidents). They can be told to have too many posts,
// to keep a post and lose the answer, or to be down (world.Receiver).
//
// They are as strict as the vendors where being lax would hide a bug: unknown
// tokens, empty texts, texts that are too long, metadata that the vendor
// refuses. Times and ids come from the domain clock, so that the same drill
// gives the same ids. They never move the world's time.
package receivers
