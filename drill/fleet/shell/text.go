package shell

import (
	"bufio"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"io"
	"path"
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
