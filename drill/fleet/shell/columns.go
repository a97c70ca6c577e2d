package shell

import (
	"fmt"
	"sort"
	"strconv"
	"strings"
)

func cmdSort(c *call, f flags) int {
	var all []string
	code := c.inputs(f.rest, func(_, text string) { all = append(all, lines(text)...) })
	field, err := 0, error(nil)
	if k := f.last("k"); k != "" {
		k, _, _ = strings.Cut(strings.TrimRight(k, "nr"), ",")
		if field, err = strconv.Atoi(k); err != nil {
			return c.usage("invalid number at field start: %s", k)
		}
	}
	key := func(s string) string {
		parts := strings.Fields(s)
		if t := f.last("t"); t != "" {
			parts = strings.Split(s, t)
		}
		switch {
		case field == 0:
			return s
		case field <= len(parts):
			return strings.Join(parts[field-1:], " ")
		}
		return ""
	}
	numeric := f.has("n") || strings.Contains(f.last("k"), "n")
	sort.SliceStable(all, func(i, j int) bool {
		a, b := key(all[i]), key(all[j])
		if f.has("r") {
			a, b = b, a
		}
		if numeric {
			return leadingNumber(a) < leadingNumber(b)
		}
		return a < b
	})
	for i, l := range all {
		if f.has("u") && i > 0 && l == all[i-1] {
			continue
		}
		c.outf("%s\n", l)
	}
	return code
}

func leadingNumber(s string) float64 {
	s = strings.TrimSpace(s)
	end := 0
	for end < len(s) && (s[end] >= '0' && s[end] <= '9' || s[end] == '.' || s[end] == '-' && end == 0) {
		end++
	}
	v, err := strconv.ParseFloat(s[:end], 64)
	if err != nil {
		return 0
	}
	return v
}

func cmdUniq(c *call, f flags) int {
	return c.inputs(f.rest, func(_, text string) {
		all := lines(text)
		for i := 0; i < len(all); {
			j := i
			for j < len(all) && all[j] == all[i] {
				j++
			}
			switch {
			case f.has("d") && j-i < 2, f.has("u") && j-i > 1:
			case f.has("c"):
				c.outf("%7d %s\n", j-i, all[i])
			default:
				c.outf("%s\n", all[i])
			}
			i = j
		}
	})
}

// ranges reads 1,3-5,7- into a test.
func ranges(spec string) (func(int) bool, error) {
	type span struct{ lo, hi int }
	var spans []span
	for _, part := range strings.Split(spec, ",") {
		lo, hi, dash := strings.Cut(part, "-")
		s := span{1, 1 << 30}
		var err error
		if lo != "" {
			if s.lo, err = strconv.Atoi(lo); err != nil {
				return nil, fmt.Errorf("invalid field value '%s'", part)
			}
		}
		switch {
		case !dash:
			s.hi = s.lo
		case hi != "":
			if s.hi, err = strconv.Atoi(hi); err != nil {
				return nil, fmt.Errorf("invalid field value '%s'", part)
			}
		}
		spans = append(spans, s)
	}
	return func(i int) bool {
		for _, s := range spans {
			if s.lo <= i && i <= s.hi {
				return true
			}
		}
		return false
	}, nil
}

func cmdCut(c *call, f flags) int {
	spec := f.last("f", "c")
	in, err := ranges(spec)
	if spec == "" || err != nil {
		return c.fail("you must specify a list of bytes, characters, or fields")
	}
	sep := "\t"
	if d := f.last("d"); d != "" {
		sep = d
	}
	return c.inputs(f.rest, func(_, text string) {
		for _, l := range lines(text) {
			parts, join := strings.Split(l, sep), sep
			if f.has("c") {
				parts, join = splitKeep(l+" ", true)[:len(l)], ""
			} else if len(parts) == 1 {
				if !f.has("s") {
					c.outf("%s\n", l)
				}
				continue
			}
			var keep []string
			for i, p := range parts {
				if in(i + 1) {
					keep = append(keep, p)
				}
			}
			c.outf("%s\n", strings.Join(keep, join))
		}
	})
}

// charSet expands a-z, \n, [:upper:] and their like.
func charSet(s string) string {
	s = strings.NewReplacer("[:upper:]", "A-Z", "[:lower:]", "a-z", "[:digit:]", "0-9", "[:space:]", " \t\n\r", "[:alnum:]", "A-Za-z0-9",
		`\n`, "\n", `\t`, "\t", `\r`, "\r", `\\`, "\\").Replace(s)
	var out strings.Builder
	for i := 0; i < len(s); i++ {
		if i+2 < len(s) && s[i+1] == '-' && s[i] <= s[i+2] {
			for b := int(s[i]); b <= int(s[i+2]); b++ {
				out.WriteByte(byte(b))
			}
			i += 2
			continue
		}
		out.WriteByte(s[i])
	}
	return out.String()
}

func cmdTr(c *call, f flags) int {
	if len(f.rest) == 0 {
		return c.fail("missing operand")
	}
	from := charSet(f.rest[0])
	in := func(b byte) bool { return strings.IndexByte(from, b) >= 0 != f.has("c") }
	to := ""
	if len(f.rest) > 1 {
		to = charSet(f.rest[1])
	}
	var out []byte
	squeeze := f.has("s")
	for _, b := range []byte(c.readAll()) {
		hit := in(b)
		switch {
		case hit && f.has("d"):
			continue
		case hit && to != "":
			i := strings.IndexByte(from, b)
			b = to[min(max(i, 0), len(to)-1)]
		}
		if squeeze && hit && len(out) > 0 && out[len(out)-1] == b {
			continue
		}
		out = append(out, b)
	}
	c.outf("%s", out)
	return 0
}
