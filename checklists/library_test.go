package checklists

import "testing"

func TestLibraryParsesWithoutProblems(t *testing.T) {
	entries, err := libraryFiles.ReadDir("library")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		src, err := libraryFiles.ReadFile("library/" + e.Name())
		if err != nil {
			t.Fatal(err)
		}
		b, problems := Parse("library/"+e.Name(), src, nil)
		for _, p := range problems {
			t.Error(p)
		}
		if b.ID+".md" != e.Name() {
			t.Errorf("%s has the id %q: file and id should agree", e.Name(), b.ID)
		}
		if _, err := Find(b.ID); err != nil || !Ships(b.ID) {
			t.Error(err)
		}
	}
}

// The headers say of each shipped runbook what the whole says.
func TestHeaders(t *testing.T) {
	whole, err := Library()
	if err != nil {
		t.Fatal(err)
	}
	heads, err := Headers()
	if err != nil || len(heads) != len(whole) || len(IDs()) != len(whole) {
		t.Fatal(len(heads), len(whole), err)
	}
	for i, h := range heads {
		b := whole[i]
		if h.ID != b.ID || h.Title != b.Title || h.ReviewBy != b.ReviewBy || h.Component != b.Component || (h.Schedule == nil) != (b.Schedule == nil) || len(h.Params) != len(b.Params) {
			t.Errorf("%s: %+v", b.ID, h)
		}
	}
}
