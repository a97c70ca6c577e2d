package main

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// Where the pictures lie, seen from here.
const (
	readme = "../../README.md"
	folder = "../../docs/pictures"
)

func kept(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%s: %v, %d files", folder, err, len(files))
	}
	for i := range files {
		files[i] = filepath.Base(files[i])
	}
	return files
}

func TestReadmeNamesOnlyPicturesThatAreThere(t *testing.T) {
	text, err := os.ReadFile(readme)
	if err != nil {
		t.Fatal(err)
	}
	have := kept(t)
	named := regexp.MustCompile(`docs/pictures/([^)\s"'>]+)`).FindAllStringSubmatch(string(text), -1)
	if len(named) == 0 {
		t.Error("the README shows no picture: the test has lost its eyes")
	}
	for _, n := range named {
		if !slices.Contains(have, n[1]) {
			t.Errorf("the README names %s, which is not there: make pictures", n[1])
		}
	}
}

// Every picture is one that a flight draws, and every flight's pictures are
// there: nothing old stays, nothing is missing.
func TestPicturesAreThoseOfTheFlights(t *testing.T) {
	flights, err := library()
	if err != nil {
		t.Fatal(err)
	}
	var drawn []string
	for _, f := range flights {
		drawn = append(drawn, f.pictures()...)
	}
	slices.Sort(drawn)
	if two := slices.Compact(slices.Clone(drawn)); len(two) != len(drawn) {
		t.Errorf("two flights draw one picture: %v", drawn)
	}
	have := kept(t)
	for _, name := range have {
		if !slices.Contains(drawn, name) {
			t.Errorf("no flight draws %s: remove it, or give it a flight", name)
		}
	}
	for _, name := range drawn {
		if !slices.Contains(have, name) {
			t.Errorf("%s was never drawn: make pictures", name)
		}
	}
}

func TestEveryPictureIsWhole(t *testing.T) {
	for _, name := range kept(t) {
		text, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			t.Fatal(err)
		}
		if err := whole(name, string(text)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// heaviest is how many bytes a picture may have.
const heaviest = 600_000

var (
	sized   = regexp.MustCompile(`-(\d+)x(\d+)\.svg$`)
	ofOurs  = regexp.MustCompile(`/root/|/Users/|/var/folders/|relight-pictures|[A-Z]:\\`)
	homes   = regexp.MustCompile(`/home/[^/\s]+`)
	foreign = []string{"<script", "<image", "<foreignObject", "href", "url(", "@import", "@font-face"}
)

// whole says what is wrong with a picture's file.
func whole(name, text string) error {
	root, words, err := readSVG(text)
	if err != nil {
		return err
	}
	m := sized.FindStringSubmatch(name)
	if m == nil {
		return errors.New("the name does not say its size in cells")
	}
	var w, h int
	fmt.Sscan(m[1], &w)
	fmt.Sscan(m[2], &h)
	w, h = w*cellW+2*margin, h*cellH+2*margin
	if strings.Contains(text, `class="bar"`) {
		h += stripH
	}
	if root["width"] != fmt.Sprint(w) || root["height"] != fmt.Sprint(h) || root["viewBox"] != fmt.Sprintf("0 0 %d %d", w, h) {
		return fmt.Errorf("it is %s by %s pixels, its name says %d by %d", root["width"], root["height"], w, h)
	}
	if len(text) > heaviest {
		return fmt.Errorf("%d bytes are too heavy for a page", len(text))
	}
	for _, f := range foreign {
		if strings.Contains(text, f) {
			return fmt.Errorf("it holds %q: a page shows only what stands in one file", f)
		}
	}
	if at := ofOurs.FindString(words); at != "" {
		return fmt.Errorf("it shows %q of the machine that drew it", at)
	}
	for _, at := range homes.FindAllString(words, -1) {
		if at != "/home/validator" { // the rehearsal fleet's own
			return fmt.Errorf("it shows %q of the machine that drew it", at)
		}
	}
	if !strings.Contains(words, "DRILL") {
		return errors.New("it does not show the badge: is it relight's screen?")
	}
	return nil
}

// readSVG reads all of a picture: the attributes of its root and its words.
func readSVG(text string) (map[string]string, string, error) {
	root := map[string]string{}
	var words strings.Builder
	title := false
	d := xml.NewDecoder(strings.NewReader(text))
	for depth := 0; ; {
		tok, err := d.Token()
		if err == io.EOF {
			if !title {
				return nil, "", errors.New("it has no title for those who do not see it")
			}
			return root, words.String(), nil
		}
		if err != nil {
			return nil, "", fmt.Errorf("it is not well-formed: %w", err)
		}
		switch tok := tok.(type) {
		case xml.StartElement:
			if depth == 0 && tok.Name.Local != "svg" {
				return nil, "", fmt.Errorf("its root is %s", tok.Name.Local)
			}
			for _, a := range tok.Attr {
				if depth == 0 {
					root[a.Name.Local] = a.Value
				}
			}
			title = title || tok.Name.Local == "title"
			depth++
		case xml.EndElement:
			depth--
			words.WriteString("\n")
		case xml.CharData:
			words.Write(tok)
		}
	}
}

func TestBrokenPicturesAreFound(t *testing.T) {
	good := SVG(" DRILL ", "a drill", 20, 2, dark())
	if err := whole("x-20x2.svg", good); err != nil {
		t.Fatal(err)
	}
	for what, svg := range map[string]string{
		"well-formed":   strings.Replace(good, "</text>", "", 1),
		"its name says": strings.Replace(good, `width="176"`, `width="177"`, 1),
		"no title":      regexp.MustCompile(`<title>.*</title>`).ReplaceAllString(good, ""),
		"/root/":        SVG("DRILL /root/relight", "t", 20, 2, dark()),
		"/home/mira":    SVG("DRILL /home/mira/x", "t", 20, 2, dark()),
		"badge":         SVG("bash$", "t", 20, 2, dark()),
		"<script":       strings.Replace(good, "</svg>", "<script/></svg>", 1),
	} {
		if err := whole("x-20x2.svg", svg); err == nil || !strings.Contains(err.Error(), what) {
			t.Errorf("%s: %v", what, err)
		}
	}
}
