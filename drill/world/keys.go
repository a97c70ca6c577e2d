package world

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// Key is a consensus key pair as CometBFT names it: the address is the first
// 20 bytes of the SHA-256 of the public key, in upper-case hex.
type Key struct {
	Address string
	Pub     ed25519.PublicKey
	Priv    ed25519.PrivateKey
}

// PubB64 is the public key as CometBFT writes it.
func (k Key) PubB64() string { return base64.StdEncoding.EncodeToString(k.Pub) }

func (w *World) deriveKey(parts ...string) Key {
	d := w.digest(append([]string{"key"}, parts...)...)
	priv := ed25519.NewKeyFromSeed(d[:])
	pub := priv.Public().(ed25519.PublicKey)
	return Key{Address: addressOf(pub), Pub: pub, Priv: priv}
}

func addressOf(pub []byte) string {
	d := sha256.Sum256(pub)
	return upperHex(d[:20])
}

type typed struct {
	Type  string `json:"type"`
	Value string `json:"value"`
}

type keyFile struct {
	Address string `json:"address"`
	PubKey  typed  `json:"pub_key"`
	PrivKey typed  `json:"priv_key"`
}

// KeyFile is the text of a priv_validator_key.json.
func (k Key) KeyFile() string {
	return pretty(keyFile{k.Address,
		typed{"tendermint/PubKeyEd25519", k.PubB64()},
		typed{"tendermint/PrivKeyEd25519", base64.StdEncoding.EncodeToString(k.Priv)}})
}

// ParseKeyFile reads a priv_validator_key.json. The address is computed from
// the public key: what the file claims is not believed.
func ParseKeyFile(text string) (Key, error) {
	var f keyFile
	if err := json.Unmarshal([]byte(text), &f); err != nil {
		return Key{}, fmt.Errorf("reading the key file: %w", err)
	}
	pub, err := base64.StdEncoding.DecodeString(f.PubKey.Value)
	if err != nil || len(pub) != ed25519.PublicKeySize {
		return Key{}, fmt.Errorf("reading the key file: pub_key is no ed25519 key")
	}
	priv, err := base64.StdEncoding.DecodeString(f.PrivKey.Value)
	if err != nil || len(priv) != ed25519.PrivateKeySize {
		return Key{}, fmt.Errorf("reading the key file: priv_key is no ed25519 key")
	}
	return Key{Address: addressOf(pub), Pub: pub, Priv: priv}, nil
}

// Mark is the highest vote a signer has given: height, round, step (1 propose,
// 2 prevote, 3 precommit).
type Mark struct {
	Height int64 `json:"height"`
	Round  int32 `json:"round"`
	Step   int8  `json:"step"`
}

// Less compares as integers, height first.
func (m Mark) Less(o Mark) bool {
	if m.Height != o.Height {
		return m.Height < o.Height
	}
	if m.Round != o.Round {
		return m.Round < o.Round
	}
	return m.Step < o.Step
}

// allows says whether a signer with this mark may still vote at h. A prevote
// given at h may be followed by its precommit; a mark that was raised to h by
// hand (step 0) bars h itself, as measured.
func (m Mark) allows(h int64) bool { return m.Height < h || m.Height == h && m.Step == 2 }

// The file has the height as a string and the rest as numbers.
type stateFile struct {
	Height    string `json:"height"`
	Round     int32  `json:"round"`
	Step      int8   `json:"step"`
	Signature string `json:"signature,omitempty"`
	SignBytes string `json:"signbytes,omitempty"`
}

// StateFile is the text of a priv_validator_state.json.
func (m Mark) StateFile() string { return m.stateFile("", "") }

func (m Mark) stateFile(sig, bytes string) string {
	return pretty(stateFile{strconv.FormatInt(m.Height, 10), m.Round, m.Step, sig, bytes})
}

// ParseStateFile reads a priv_validator_state.json.
func ParseStateFile(text string) (Mark, error) {
	var f stateFile
	if err := json.Unmarshal([]byte(text), &f); err != nil {
		return Mark{}, fmt.Errorf("reading the sign state: %w", err)
	}
	h, err := strconv.ParseInt(f.Height, 10, 64)
	if err != nil || h < 0 {
		return Mark{}, fmt.Errorf("reading the sign state: height %q is no height", f.Height)
	}
	return Mark{Height: h, Round: f.Round, Step: f.Step}, nil
}

func pretty(v any) string {
	b, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		panic(fmt.Sprintf("world: a plain struct is always JSON: %v", err))
	}
	return string(b)
}

const (
	sealHead = "-----BEGIN PGP MESSAGE-----\n\n"
	sealTail = "-----END PGP MESSAGE-----\n"
)

// seal makes a file that only gpg on a host of this world opens. It hides the
// text from cat and grep; it is no cryptography and needs none, as the keys in
// it are worth nothing.
func (w *World) seal(text string) string {
	b := base64.StdEncoding.EncodeToString(w.mask([]byte(text)))
	var out strings.Builder
	out.WriteString(sealHead)
	for len(b) > 64 {
		out.WriteString(b[:64] + "\n")
		b = b[64:]
	}
	out.WriteString(b + "\n" + sealTail)
	return out.String()
}

// Unseal opens what seal closed; ok is false for anything else.
func (w *World) Unseal(text string) (plain string, ok bool) {
	body, found := strings.CutPrefix(text, sealHead)
	body, end := strings.CutSuffix(body, sealTail)
	if !found || !end {
		return "", false
	}
	b, err := base64.StdEncoding.DecodeString(strings.ReplaceAll(body, "\n", ""))
	if err != nil {
		return "", false
	}
	return string(w.mask(b)), true
}

func (w *World) mask(b []byte) []byte {
	out := make([]byte, len(b))
	var pad [32]byte
	for i := range b {
		if i%32 == 0 {
			pad = w.digest("seal", strconv.Itoa(i/32))
		}
		out[i] = b[i] ^ pad[i%32]
	}
	return out
}
