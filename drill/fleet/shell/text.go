package shell

import (
	"bufio"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"path"
	"sort"
	"strconv"
	"strings"
)

func textCommand(name string) command {
	switch name {
	case "grep", "egrep", "fgrep":
		return with("q E F o c v i n w x s h H l m= e= r A= B= a regexp=", cmdGrep)
	case "sed":
		return with("n E r e= i s", cmdSed)
	case "head", "tail":
		return cmdHeadTail
	case "wc":
		return with("l c w m", cmdWc)
	case "sort":
		return with("u r n k= t= V", cmdSort)
	case "uniq":
		return with("c d u", cmdUniq)
	case "cut":
		return with("d= f= c= s", cmdCut)
	case "tr":
		return with("d s c", cmdTr)
	case "tee":
		return with("a", cmdTee)
	case "basename":
		return cmdBasename
	case "dirname":
		return func(c *call) int {
			for _, a := range c.args {
				c.outf("%s\n", path.Dir(a))
			}
			return 0
		}
	case "sha256sum":
		return with("c b t status", cmdSha)
	case "cmp", "diff":
		return with("q s u", cmdCmp)
	case "seq":
		return cmdSeq
	case "base64":
		return with("d w=", cmdBase64)
	}
	return nil
}

// inputs gives f every operand's text, or standard input.
func (c *call) inputs(names []string, f func(name, text string)) int {
	if len(names) == 0 {
		names = []string{"-"}
	}
	code := 0
	for _, name := range names {
		text, err := c.text(name)
		if err != nil {
			code = c.fail("%s: %v", name, err)
			continue
		}
		f(name, text)
	}
	return code
}

// lines splits text; a last line without its newline counts.
func lines(text string) []string {
	if text == "" {
		return nil
	}
	return strings.Split(strings.TrimSuffix(text, "\n"), "\n")
}

func cmdHeadTail(c *call) int {
	args := c.args
	if len(args) > 0 && len(args[0]) > 1 && args[0][0] == '-' && strings.Trim(args[0][1:], "0123456789") == "" {
		args = append([]string{"-n", args[0][1:]}, args[1:]...)
	}
	f, err := parseFlags(args, "n= c= q v f F lines= bytes=")
	if err != nil {
		return c.usage("%v", err)
	}
	spec, n := f.last("n", "c", "lines", "bytes"), 10
	if spec != "" {
		if n, err = strconv.Atoi(strings.TrimLeft(spec, "+-")); err != nil {
			return c.fail("invalid number of lines: '%s'", spec)
		}
	}
	code := 0
	if c.name == "head" && len(f.rest) == 0 && !f.has("c", "bytes") && !strings.HasPrefix(spec, "-") {
		// Take no more lines than asked for, so that the writer stops.
		return c.headStream(n)
	}
	code = c.inputs(f.rest, func(name, text string) {
		if len(f.rest) > 1 && !f.has("q") {
			c.outf("==> %s <==\n", name)
		}
		parts := splitKeep(text, f.has("c", "bytes"))
		lo, hi := 0, len(parts)
		switch {
		case c.name == "head" && strings.HasPrefix(spec, "-"):
			hi = max(0, hi-n)
		case c.name == "head":
			hi = min(hi, n)
		case strings.HasPrefix(spec, "+"):
			lo = min(hi, max(0, n-1))
		default:
			lo = max(0, hi-n)
		}
		c.outf("%s", strings.Join(parts[lo:hi], ""))
	})
	return code
}

func (c *call) headStream(n int) int {
	if c.in == nil {
		return 0
	}
	r := bufio.NewReader(c.in)
	for range n {
		line, err := r.ReadString('\n')
		if _, werr := io.WriteString(c.out, line); werr != nil || err != nil {
			break
		}
	}
	return 0
}

func splitKeep(text string, bytes bool) []string {
	if bytes {
		out := make([]string, len(text))
		for i := range len(text) {
			out[i] = text[i : i+1]
		}
		return out
	}
	out := strings.SplitAfter(text, "\n")
	if out[len(out)-1] == "" {
		out = out[:len(out)-1]
	}
	return out
}

func cmdWc(c *call, f flags) int {
	all := !f.has("l", "c", "w", "m")
	return c.inputs(f.rest, func(name, text string) {
		var cols []string
		if all || f.has("l") {
			cols = append(cols, strconv.Itoa(strings.Count(text, "\n")))
		}
		if all || f.has("w") {
			cols = append(cols, strconv.Itoa(len(strings.Fields(text))))
		}
		if all || f.has("c", "m") {
			cols = append(cols, strconv.Itoa(len(text)))
		}
		if name != "-" {
			cols = append(cols, name)
		}
		c.outf("%s\n", strings.Join(cols, " "))
	})
}

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

func cmdTee(c *call, f flags) int {
	text := c.readAll()
	c.outf("%s", text)
	code := 0
	for _, name := range f.rest {
		p, all := abs(c.dir, name), text
		if device(p) {
			continue
		}
		if f.has("a") {
			old, err := c.read(p)
			if err == nil {
				all = old + text
			}
		}
		if err := c.write(p, all, 0o666); err != nil {
			code = c.fail("%s: %v", name, err)
		}
	}
	return code
}

func cmdBasename(c *call) int {
	if len(c.args) == 0 {
		return c.fail("missing operand")
	}
	b := path.Base(c.args[0])
	if len(c.args) > 1 && b != c.args[1] {
		b = strings.TrimSuffix(b, c.args[1])
	}
	c.outf("%s\n", b)
	return 0
}

func sum(text string) string {
	d := sha256.Sum256([]byte(text))
	return hex.EncodeToString(d[:])
}

func cmdSha(c *call, f flags) int {
	if !f.has("c") {
		return c.inputs(f.rest, func(name, text string) { c.outf("%s  %s\n", sum(text), name) })
	}
	bad := 0
	code := c.inputs(f.rest, func(_, list string) {
		for _, l := range lines(list) {
			want, name, ok := strings.Cut(l, "  ")
			text, err := c.text(name)
			if !ok || err != nil || sum(text) != want {
				bad++
				c.outf("%s: FAILED\n", name)
				continue
			}
			c.outf("%s: OK\n", name)
		}
	})
	if bad > 0 {
		return c.fail("WARNING: %d computed checksum did NOT match", bad)
	}
	return code
}

func cmdCmp(c *call, f flags) int {
	if len(f.rest) != 2 {
		return c.usage("missing operand")
	}
	a, err := c.text(f.rest[0])
	if err != nil {
		return c.usage("%s: %v", f.rest[0], err)
	}
	b, err := c.text(f.rest[1])
	if err != nil {
		return c.usage("%s: %v", f.rest[1], err)
	}
	if a == b {
		return 0
	}
	if !f.has("s") {
		c.outf("%s %s differ\n", f.rest[0], f.rest[1])
	}
	return 1
}

func cmdBase64(c *call, f flags) int {
	code := 0
	return max(code, c.inputs(f.rest, func(_, text string) {
		if !f.has("d") {
			c.outf("%s\n", base64.StdEncoding.EncodeToString([]byte(text)))
			return
		}
		b, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(text), ""))
		if err != nil {
			code = c.fail("invalid input")
			return
		}
		c.outf("%s", b)
	}))
}

func cmdSeq(c *call) int {
	lo, hi := 1, 0
	var err error
	switch len(c.args) {
	case 1:
		hi, err = strconv.Atoi(c.args[0])
	case 2:
		if lo, err = strconv.Atoi(c.args[0]); err == nil {
			hi, err = strconv.Atoi(c.args[1])
		}
	default:
		return c.fail("wants one or two numbers")
	}
	if err != nil {
		return c.fail("invalid argument")
	}
	for i := lo; i <= hi && i-lo < 100000; i++ {
		c.outf("%d\n", i)
	}
	return 0
}
