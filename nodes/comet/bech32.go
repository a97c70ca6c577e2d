package comet

import (
	"encoding/hex"
	"fmt"
	"strings"
)

// bech32Set is the alphabet of BIP 173.
const bech32Set = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"

// Valcons writes an address of 40 hex digits as bech32 with the given prefix,
// like "virtenginevalcons": the form in which the Cosmos SDK names consensus
// addresses.
func Valcons(prefix, address string) (string, error) {
	raw, err := hex.DecodeString(address)
	if err != nil || len(raw) != 20 {
		return "", fmt.Errorf("%.48q is no address of 40 hex digits", address)
	}
	if prefix == "" || len(prefix) > 40 || strings.Trim(prefix, "abcdefghijklmnopqrstuvwxyz0123456789_") != "" {
		return "", fmt.Errorf("%.48q is no bech32 prefix: lower-case letters and digits", prefix)
	}
	data := fives(raw)
	var b strings.Builder
	b.WriteString(prefix)
	b.WriteByte('1')
	for _, v := range append(data, checksum(prefix, data)...) {
		b.WriteByte(bech32Set[v])
	}
	return b.String(), nil
}

// fives cuts bytes into groups of five bits, the last filled up with zeros.
func fives(raw []byte) []byte {
	var out []byte
	acc, bits := uint32(0), 0
	for _, b := range raw {
		acc = acc<<8 | uint32(b)
		for bits += 8; bits >= 5; {
			bits -= 5
			out = append(out, byte(acc>>bits&31))
		}
	}
	if bits > 0 {
		out = append(out, byte(acc<<(5-bits)&31))
	}
	return out
}

// checksum is the BCH code of BIP 173.
func checksum(prefix string, data []byte) []byte {
	var in []byte
	for _, c := range []byte(prefix) {
		in = append(in, c>>5)
	}
	in = append(in, 0)
	for _, c := range []byte(prefix) {
		in = append(in, c&31)
	}
	in = append(append(in, data...), 0, 0, 0, 0, 0, 0)
	p := polymod(in) ^ 1
	out := make([]byte, 6)
	for i := range out {
		out[i] = byte(p >> (5 * (5 - i)) & 31)
	}
	return out
}

func polymod(values []byte) uint32 {
	gen := [5]uint32{0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3}
	c := uint32(1)
	for _, v := range values {
		top := c >> 25
		c = c&0x1ffffff<<5 ^ uint32(v)
		for i, g := range gen {
			if top>>i&1 == 1 {
				c ^= g
			}
		}
	}
	return c
}
