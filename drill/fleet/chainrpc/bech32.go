package chainrpc

import (
	"encoding/hex"
	"fmt"
	"strings"
)

// ConsPrefix is the human part of consensus addresses.
const ConsPrefix = "virtenginevalcons"

const bechChars = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"

// ConsAddress is a hex consensus address as the SDK writes it (BIP 173).
func ConsAddress(address string) (string, error) {
	b, err := hex.DecodeString(address)
	if err != nil || len(b) != 20 {
		return "", fmt.Errorf("consensus address %q is not 40 hex digits", address)
	}
	return bech32(ConsPrefix, b), nil
}

func bech32(prefix string, data []byte) string {
	words := regroup(data)
	var sum []byte
	for _, c := range []byte(prefix) {
		sum = append(sum, c>>5)
	}
	sum = append(sum, 0)
	for _, c := range []byte(prefix) {
		sum = append(sum, c&31)
	}
	sum = append(append(sum, words...), 0, 0, 0, 0, 0, 0)
	mod := polymod(sum) ^ 1
	var out strings.Builder
	out.WriteString(prefix + "1")
	for _, v := range words {
		out.WriteByte(bechChars[v])
	}
	for i := range 6 {
		out.WriteByte(bechChars[mod>>(5*(5-i))&31])
	}
	return out.String()
}

// regroup turns bytes into groups of five bits, the last filled with zeros.
func regroup(data []byte) []byte {
	var out []byte
	acc, bits := uint32(0), 0
	for _, b := range data {
		acc, bits = acc<<8|uint32(b), bits+8
		for bits >= 5 {
			bits -= 5
			out = append(out, byte(acc>>bits&31))
		}
	}
	if bits > 0 {
		out = append(out, byte(acc<<(5-bits)&31))
	}
	return out
}

func polymod(values []byte) uint32 {
	gen := [5]uint32{0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3}
	sum := uint32(1)
	for _, v := range values {
		top := sum >> 25
		sum = sum&0x1ffffff<<5 ^ uint32(v)
		for i, g := range gen {
			if top>>i&1 == 1 {
				sum ^= g
			}
		}
	}
	return sum
}
