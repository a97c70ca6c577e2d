package checklists

import (
	"fmt"
	"strings"
	"testing"
)

// includable is a book of one phase, by the lines below its heading.
func includable(t *testing.T, id, header string, lines ...string) Book {
	t.Helper()
	text := "# Book " + id + "\n\n```toml runbook\nid = \"" + id + "\"\n" + header + "```\n\n## During: work\n\n" + strings.Join(lines, "\n") + "\n"
	b, problems := Parse(id+".md", []byte(text), nil)
	if Failed(problems) {
		t.Fatal(problems)
	}
	return b
}

func shelfOf(books ...Book) func(string) (Book, error) {
	return func(id string) (Book, error) {
		for _, b := range books {
			if b.ID == id {
				return b, nil
			}
		}
		return Book{}, fmt.Errorf("no book %q", id)
	}
}

func TestIncludedBooks(t *testing.T) {
	words := "- [ ] **Say it** `{id=say}`\n\n  ```text comms {template=status-activated}\n  Words.\n  ```\n"
	inner := includable(t, "inner", "[[param]]\nname = \"n\"\ntype = \"int\"\nprompt = \"How many?\"\n",
		"- [ ] **One** `{id=one}`\n", words, "- [ ] **Two** `{id=two needs=one}`\n")
	outer := includable(t, "outer", "", "- [ ] **First** `{id=first}`\n", "- [ ] **Fly it** `{id=fly needs=first book=inner.md}`\n", "- [ ] **Last** `{id=last needs=fly}`\n")
	b, err := Include(outer, shelfOf(inner))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range b.Steps() {
		got = append(got, s.ID+"<"+strings.Join(s.Needs, ","))
	}
	if want := "first< fly<first fly/one<first fly/two<first,fly/one last<fly"; strings.Join(got, " ") != want {
		t.Errorf("%v\nnot %s", got, want)
	}
	if _, ok := b.Param("n"); !ok || b.SHA256 == outer.SHA256 {
		t.Errorf("params %v, sum %s", b.Params, b.SHA256)
	}
	if again, _ := Include(outer, shelfOf(inner)); again.SHA256 != b.SHA256 {
		t.Error("the sum differs from time to time")
	}
	if alone, _ := Include(inner, shelfOf()); alone.SHA256 != inner.SHA256 {
		t.Error("a book that flies none has another sum")
	}
}

func TestIncludedIntoAnOption(t *testing.T) {
	inner := includable(t, "inner", "", "- [ ] **One** `{id=one}`\n")
	options := func(book string) Book {
		return includable(t, "outer", "", "### Option A: this\n", "- [ ] **Fly it** `{id=fly book="+book+".md}`\n", "### Option B: that\n", "- [ ] **Wait** `{id=wait}`\n")
	}
	b, err := Include(options("inner"), shelfOf(inner))
	if err != nil {
		t.Fatal(err)
	}
	if g := b.groups()[0]; g.Letter != "A" || len(g.Steps) != 2 || g.Steps[1].ID != "fly/one" {
		t.Errorf("%+v", g)
	}
	own := options("inner")
	own.ID = "choosy"
	if _, err := Include(options("choosy"), shelfOf(own, inner)); err == nil || !strings.Contains(err.Error(), "options of its own") {
		t.Errorf("options inside an option: %v", err)
	}
}

func TestIncludedBooksThatDoNotFit(t *testing.T) {
	a := includable(t, "a", "", "- [ ] **Fly it** `{id=fly book=b.md}`\n")
	b := includable(t, "b", "", "- [ ] **Fly it back** `{id=back book=a.md}`\n")
	if _, err := Include(a, shelfOf(a, b)); err == nil || !strings.Contains(err.Error(), "a flies b flies a") {
		t.Errorf("a circle: %v", err)
	}
	if _, err := Include(a, shelfOf(a)); err == nil || !strings.Contains(err.Error(), `step fly of a: no book "b"`) {
		t.Errorf("a book that is not there: %v", err)
	}
	param := func(kind string) string {
		return "[[param]]\nname = \"n\"\ntype = \"" + kind + "\"\nprompt = \"What?\"\n"
	}
	c := includable(t, "a", param("int"), "- [ ] **Fly it** `{id=fly book=b.md}`\n")
	d := includable(t, "b", param("string"), "- [ ] **One** `{id=one}`\n")
	if _, err := Include(c, shelfOf(d)); err == nil || !strings.Contains(err.Error(), "another name") {
		t.Errorf("one name, two types: %v", err)
	}
}
