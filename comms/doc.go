// Package comms is what is said during an incident: the templates, their
// rendering, and one driver per channel.
//
// What flows in: a template and the fields of the incident (Render), a rendered
// message to be cut to a channel's size (Compose), a recorded outbox row to be
// sent or looked up (Driver). What flows out: text that may be posted or the
// reasons why not, and for each attempt one outbox.Outcome.
//
// The order of a message: Render → a person sees it → Compose → outbox.Enqueue,
// outbox.Started, the record is written → Driver.Send → outbox.Ended.
//
// Drivers own no retry and no queue. A ready-made retry posts twice: whether to
// send again is the decision of comms/outbox alone, and so is every wait.
// One table (classify) turns what was seen of a request into an outcome, for
// every channel alike.
//
// It must never know the screen or the incident's rules, never post what
// Render refused, and never let a secret into an error, an outcome or an id:
// *url.Error carries webhook tokens, and a hostile server may echo what it was
// sent.
package comms
