// Package comet reads the answers of a CometBFT RPC endpoint (0.37, 0.38 and
// 1.0, which share the shapes used here) and of the Cosmos SDK REST server.
//
// In: a Getter that fetches one path. Out: small values with the needed
// fields alone, checked: heights and powers that fit, addresses of 40
// upper-case hex digits, hashes in upper-case hex, text safe to draw.
//
// It must never trust a body: every decoder takes arbitrary bytes and returns
// a value or an error. It knows no fleet, keeps no state and opens no
// connection.
package comet
