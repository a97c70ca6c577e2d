package config

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestSecretResolve(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string, mode os.FileMode) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		return path
	}
	t.Setenv("RELIGHT_TEST_SECRET", " opaque-value \n")
	for _, c := range []struct {
		name   string
		secret Secret
		want   string
		err    error
		says   string
	}{
		{"environment", EnvSecret("RELIGHT_TEST_SECRET"), "opaque-value", nil, ""},
		{"environment unset", EnvSecret("RELIGHT_TEST_UNSET"), "", ErrSecretUnset, "RELIGHT_TEST_UNSET"},
		{"file", FileSecret(file("good", "opaque-value\n", 0o600)), "opaque-value", nil, ""},
		{"stricter file", FileSecret(file("strict", "opaque-value", 0o400)), "opaque-value", nil, ""},
		{"shared file", FileSecret(file("shared", "opaque-value", 0o640)), "", ErrSecretShared, "chmod 600"},
		{"empty file", FileSecret(file("empty", " \n", 0o600)), "", ErrSecretUnset, "empty"},
		{"huge file", FileSecret(file("huge", strings.Repeat("opaque-value", 10000), 0o600)), "", ErrSecretUnset, "longer"},
		{"no file", FileSecret(filepath.Join(dir, "none")), "", ErrSecretUnset, "none"},
		{"a folder", FileSecret(dir), "", ErrSecretUnset, "regular"},
		{"nothing", Secret{}, "", ErrNoSecret, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := c.secret.Resolve()
			if got != c.want || !errors.Is(err, c.err) {
				t.Fatalf("Resolve = %q, %v", got, err)
			}
			if err != nil && (!strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "opaque")) {
				t.Errorf("error %q", err)
			}
		})
	}
}

func TestSecretIsNeverPrinted(t *testing.T) {
	t.Setenv("RELIGHT_TEST_SECRET", "opaque-value")
	c := Channel{Name: "slack", Token: EnvSecret("RELIGHT_TEST_SECRET")}
	text, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{fmt.Sprintf("%v %+v %#v %s %q %x %d", c, c, c, c.Token, c.Token, c.Token, c.Token), string(text), c.Token.GoString()} {
		if strings.Contains(s, "opaque") || !strings.Contains(s, "secret(env RELIGHT_TEST_SECRET)") {
			t.Errorf("printed %s", s)
		}
	}
}

// Wherever a person puts a secret by mistake, and whatever one slip of the hand
// does to the file, no finding shows it.
func TestFindingsNeverShowSecrets(t *testing.T) {
	kit, err := os.ReadFile("../testdata/config/good.toml")
	if err != nil {
		t.Fatal(err)
	}
	const token = `token = { env = "RELIGHT_SLACK_TOKEN" }`
	const opaque = "Zq7-opaque-Zq7"
	places := []string{
		`token = "` + opaque + `"`, `token = '` + opaque + `'`, `token = """` + opaque + `"""`, `token = ` + opaque,
		`token = { env = "` + opaque + `" }`, `token = { file = "` + opaque + `" }`, `token = { value = "` + opaque + `" }`,
		"token = [\n  \"" + opaque + "\",\n]", `token.env = "` + opaque + `"`, `tokken = "` + opaque + `"`, "[channel.token]\nenv = \"" + opaque + `"`,
		`url = "https://bot:` + opaque + `@example.com"` + "\n" + token, `url = "bot:` + opaque + `@example.com"` + "\n" + token,
		"token = \"" + opaque + "\"\ntoken = \"" + opaque + `"`, `token = {env = "X"} # ` + "\n[[database]]\nname = \"d\"\ndsn = \"" + opaque + `"`,
	}
	home := t.TempDir()
	path := write(t, "")
	rapid.Check(t, func(r *rapid.T) {
		place := rapid.SampledFrom(places).Draw(r, "place")
		text := []byte(strings.Replace(string(kit), token, place, 1))
		at := strings.Index(string(text), place)
		// The slip happens near the secret, where it can do harm, but leaves
		// the secret whole: what is gone cannot be shown.
		off := at + rapid.IntRange(-20, len(place)+5).Draw(r, "offset")
		off = min(max(off, 0), len(text)-1)
		switch slip := rapid.SampledFrom([]string{"", "delete", "insert", "replace"}).Draw(r, "slip"); slip {
		case "delete":
			text = append(text[:off:off], text[off+1:]...)
		case "insert", "replace":
			c := rapid.SampledFrom([]byte("\"'=[]{}#,.\n\r\t \\a0")).Draw(r, "byte")
			rest := text[off:]
			if slip == "replace" {
				rest = rest[1:]
			}
			text = append(append(text[:off:off], c), rest...)
		}
		if err := os.WriteFile(path, text, 0o600); err != nil {
			r.Fatal(err)
		}
		c, err := Load(path, Options{Getenv: fakeEnv(home)})
		said := fmt.Sprintf("%v\n%+v\n%#v\n%+v", err, err, err, c.Warnings.Error())
		if strings.Contains(said, "opaque") {
			r.Fatalf("shown after a slip in:\n%s\n\n%s", text[max(0, at-60):min(len(text), at+len(place)+30)], said)
		}
	})
}
