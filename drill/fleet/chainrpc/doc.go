// Package chainrpc answers as a chain node does: CometBFT 0.38 RPC (26657) and
// the few routes of the SDK's REST service (1317) that a commander needs.
//
// In: the world, a host whose node is up, one HTTP request. Out: status code
// and body, with the shapes and the lies of the real thing: 64-bit numbers are
// strings, an absent signature has no address, the commit at the tip is not
// canonical and may miss a late vote, catching_up is false on a node that
// stands still, /health only says that the server runs.
//
// It must never change the world, and it knows nothing of connections: that a
// node is down or hung is the caller's business.
package chainrpc
