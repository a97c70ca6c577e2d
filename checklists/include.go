package checklists

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path"
	"slices"
	"strings"
)

// Include puts the books that b's steps fly (book=other.md) into b, and theirs
// into them. find gives a book by its id.
//
// Such a step stays, of kind Inner; the steps of its book follow it, with the
// carrying step's id and a slash before their ids and whatever the carrying
// step needs added to their own needs. In an option they stay within it, so a
// book that is flown there has no options of its own. Parameters and clocks are
// joined by name. The words of the inner book are left out: one incident has one
// voice, that of the book which was declared.
func Include(b Book, find func(id string) (Book, error)) (Book, error) {
	return include(b, find, []string{b.ID})
}

func include(b Book, find func(string) (Book, error), above []string) (Book, error) {
	sums := b.SHA256 + "\n"
	out := b
	out.Clocks, out.Params, out.Phases = slices.Clone(b.Clocks), slices.Clone(b.Params), slices.Clone(b.Phases)
	for i := range out.Phases {
		var groups []Group
		for _, g := range out.Phases[i].Groups {
			put, err := spread(g, &out, &sums, find, above)
			if err != nil {
				return Book{}, err
			}
			groups = append(groups, put...)
		}
		out.Phases[i].Groups = groups
	}
	if sums != b.SHA256+"\n" {
		sum := sha256.Sum256([]byte(sums))
		out.SHA256 = hex.EncodeToString(sum[:])
	}
	return out, nil
}

// spread is a group with the books of its steps put in after them.
func spread(g Group, into *Book, sums *string, find func(string) (Book, error), above []string) ([]Group, error) {
	var out []Group
	head := g
	head.Steps = nil
	for _, s := range g.Steps {
		head.Steps = append(head.Steps, s)
		if s.Book == "" || s.Book == "@procedure" {
			continue
		}
		inner, err := fetched(s, find, above)
		if err == nil {
			err = into.join(inner)
		}
		if err != nil {
			return nil, fmt.Errorf("step %s of %s: %w", s.ID, above[len(above)-1], err)
		}
		*sums += inner.SHA256 + "\n"
		groups := carried(s, inner)
		if g.Letter != "" {
			for _, ig := range groups {
				if ig.Letter != "" {
					return nil, fmt.Errorf("step %s of %s: %s has options of its own and cannot be flown inside an option", s.ID, above[len(above)-1], inner.ID)
				}
				head.Steps = append(head.Steps, ig.Steps...)
			}
			continue
		}
		out = append(append(out, head), groups...)
		head.Steps, head.Prose, head.Suggest = nil, "", nil
	}
	if len(head.Steps) > 0 || len(out) == 0 {
		out = append(out, head)
	}
	return out, nil
}

// fetched is the book that a step flies, with what that one flies itself.
func fetched(s Step, find func(string) (Book, error), above []string) (Book, error) {
	id := strings.TrimSuffix(path.Base(s.Book), ".md")
	if slices.Contains(above, id) {
		return Book{}, fmt.Errorf("%s flies itself in the end: %s", id, strings.Join(append(slices.Clone(above), id), " flies "))
	}
	inner, err := find(id)
	if err != nil {
		return Book{}, err
	}
	return include(inner, find, append(slices.Clone(above), id))
}

// join adds the parameters and clocks of an inner book.
func (b *Book) join(inner Book) error {
	for _, q := range inner.Params {
		r, both := b.Param(q.Name)
		switch {
		case !both:
			b.Params = append(b.Params, q)
		case r.Type != q.Type:
			return fmt.Errorf("$%s is a %s here and a %s in %s: give one of them another name", q.Name, r.Type, q.Type, inner.ID)
		}
	}
	for _, c := range inner.Clocks {
		d, both := b.Clock(c.Name)
		switch {
		case !both:
			b.Clocks = append(b.Clocks, c)
		case d.Component != c.Component:
			return fmt.Errorf("the clock %q counts %s here and %s in %s: give one of them another name", c.Name, d.Component, c.Component, inner.ID)
		}
	}
	return nil
}

// carried are the groups of an inner book as they follow the step that carries
// it.
func carried(carrier Step, inner Book) []Group {
	prefix := carrier.ID + "/"
	var out []Group
	for _, g := range inner.groups() {
		if g.Choice != "" {
			g.Choice = carrier.ID + "." + g.Choice
		}
		if g.Title == "" {
			g.Title = inner.Title
		}
		var steps []Step
		for _, s := range g.Steps {
			if s.Kind() == Message {
				continue
			}
			s.ID = prefix + s.ID
			needs := slices.Clone(carrier.Needs)
			for _, n := range s.Needs {
				if !spoken(inner, n) {
					needs = append(needs, prefix+n)
				}
			}
			s.Needs = needs
			steps = append(steps, s)
		}
		if g.Steps = steps; len(steps) > 0 {
			out = append(out, g)
		}
	}
	return out
}

// spoken says that a step of the book is a message, which is left out.
func spoken(b Book, id string) bool {
	for _, s := range b.Steps() {
		if s.ID == id {
			return s.Kind() == Message
		}
	}
	return false
}
