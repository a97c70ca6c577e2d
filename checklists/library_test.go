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
