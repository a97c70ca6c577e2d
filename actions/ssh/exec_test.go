package ssh

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

const patience = 20 * time.Second

// both runs a test against the server in this process and against OpenSSH.
func both(t *testing.T, f func(t *testing.T, to Target)) {
	t.Run("in process", func(t *testing.T) { f(t, serve(t, &server{})) })
	t.Run("openssh", func(t *testing.T) { f(t, sshd(t, "").target) })
}

func TestExec(t *testing.T) {
	hostile := []string{"", "plain", "it's", `a'b"c`, "$(touch /tmp/never)", "`id`", "a\nb\n", "\n", `\`, "*", "~", "-n", "}\n{", "žluť\x01\xff", strings.Repeat("'", 50)}
	both(t, func(t *testing.T, to Target) {
		p := newPool(t, Options{})
		for _, c := range []struct {
			name, script, want string
			exit               int
		}{
			{"output", "echo out; echo err >&2", "out\n|err\n", 0},
			{"exit code", "echo a\nexit 7", "a\n|", 7},
			{"effect", `echo "$RELIGHT_EFFECT"`, "01J\n|", 0},
			{"a child that reads standard input swallows nothing", "cat\nread x\necho after", "after\n|", 0},
			{"here document", "cat <<EOF\nx }\nEOF", "x }\n|", 0},
			{"comment at the end", "echo a # b", "a\n|", 0},
			{"backslash at the end", "echo a \\", "a\n|", 0},
			{"windows line ends", "echo a\r\necho b\r\n", "a\nb\n|", 0},
			{"set -e", "set -e\nfalse\necho never", "|", 1},
		} {
			t.Run(c.name, func(t *testing.T) {
				// As it is, in the request; and long, over standard input.
				for _, script := range []string{c.script, strings.Repeat("# pad\n", 8_000) + c.script} {
					var o output
					res, err := p.Exec(within(t, patience), to, o.command(script))
					if err != nil || res.Class != Exited || res.Exit != c.exit || o.String() != c.want {
						t.Fatalf("got %+v, %v, %q; want exit %d, %q", res, err, o.String(), c.exit, c.want)
					}
				}
			})
		}
		for _, v := range hostile {
			var o output
			res, err := p.Exec(within(t, patience), to, o.command(`printf %s "$v"`, Var{"v", v}))
			if err != nil || res.Exit != 0 || o.String() != v+"|" {
				t.Errorf("value %q came out as %q (%+v, %v)", v, o.String(), res, err)
			}
		}
		var o output
		res, err := p.Exec(within(t, patience), to, o.command("kill -KILL $$"))
		if err != nil || res.Class != Exited || res.Exit == 0 {
			t.Errorf("killed by itself: %+v, %v", res, err)
		}
		var big output
		res, err = p.Exec(within(t, patience), to, big.command("head -c 3000000 /dev/zero | tr '\\0' x"))
		if err != nil || res.Exit != 0 || len(big.out) != 3_000_000 {
			t.Errorf("long output: %d bytes, %+v, %v", len(big.out), res, err)
		}
	})
}

func TestEncodeRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		shell  Shell
		script string
		env    []Var
	}{
		"closes the brace":      {script: "echo a; }\nrm x\n{ echo b"},
		"unclosed quote":        {script: "echo 'a"},
		"unclosed here-doc":     {script: "cat <<EOF\na"},
		"nothing":               {script: " \n# only words\n"},
		"NUL":                   {script: "echo a\x00b"},
		"NUL in a value":        {script: "echo", env: []Var{{"a", "x\x00"}}},
		"name with a command":   {script: "echo", env: []Var{{"a;id", ""}}},
		"name with a digit":     {script: "echo", env: []Var{{"1a", ""}}},
		"empty name":            {script: "echo", env: []Var{{"", ""}}},
		"PATH":                  {script: "echo", env: []Var{{"PATH", "/tmp"}}},
		"LD_PRELOAD":            {script: "echo", env: []Var{{"LD_PRELOAD", "x"}}},
		"the effect's own name": {script: "echo", env: []Var{{EffectVar, "x"}}},
		"too long":              {script: "echo " + strings.Repeat("x", maxScript)},
		"unknown shell":         {script: "echo", shell: "python"},
	} {
		if _, _, err := Encode(c.shell, "01J", c.script, c.env); !errors.Is(err, ErrScript) {
			t.Errorf("%s: %v", name, err)
		}
	}
	p := newPool(t, Options{Dial: func(context.Context, string, string) (net.Conn, error) { return nil, io.EOF }})
	res, err := p.Exec(t.Context(), Target{Name: "x"}, Command{Script: "echo 'a"})
	if res.Class != NotStarted || !errors.Is(err, ErrScript) {
		t.Errorf("%+v, %v", res, err)
	}
}

// A home below the login's own reaches the script as a path, and no other value
// is read by the shell.
func TestEncodeHome(t *testing.T) {
	line, _, err := Encode(Sh, "01J", "printf '%s ' \"$a_home\" \"$b_home\" \"$c\"", []Var{{"a_home", "~/.virtengine"}, {"b_home", "/srv/ve"}, {"c", "~/$HOME"}})
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("sh", "-c", line)
	cmd.Env = []string{"HOME=/home/ve ve", "PATH=/usr/bin:/bin"}
	out, err := cmd.Output()
	if want := "/home/ve ve/.virtengine /srv/ve ~/$HOME "; err != nil || string(out) != want {
		t.Errorf("%q, %v; want %q", out, err, want)
	}
}

// FuzzEncode: what is accepted stands in one pair of braces, and the values
// cannot leave their quotes.
func FuzzEncode(f *testing.F) {
	f.Add("echo a", "v", "it's")
	f.Add("}\n{", "a", "")
	f.Fuzz(func(t *testing.T, script, name, value string) {
		_, in, err := Encode(Sh, "01J", strings.Repeat("# pad\n", 8_000)+script, []Var{{name, value}})
		if err != nil {
			return
		}
		for _, cut := range []int{1, 2, len(in) / 2} {
			if cut < len(in) && complete(string(in[:len(in)-cut-1])) == nil && strings.TrimSpace(string(in[len(in)-cut-1:])) != "" {
				t.Fatalf("a cut script parses: %q", in[:len(in)-cut-1])
			}
		}
	})
}

// cutter is a connection that breaks after so many bytes were written to it
// since it was set.
type cutter struct {
	net.Conn
	left *atomic.Int64 // negative: never
}

func (c cutter) Write(b []byte) (int, error) {
	left := c.left.Load()
	if left < 0 {
		return c.Conn.Write(b)
	}
	if int64(len(b)) >= left {
		_, _ = c.Conn.Write(b[:left])
		_ = c.Conn.Close()
		return int(left), io.ErrClosedPipe
	}
	c.left.Add(-int64(len(b)))
	return c.Conn.Write(b)
}

// cutAt runs a long script over a connection that breaks after n bytes.
func cutAt(t *testing.T, to Target, n int64, script string) Result {
	t.Helper()
	var left atomic.Int64
	left.Store(-1)
	broken := false
	p := newPool(t, Options{Dial: func(ctx context.Context, network, addr string) (net.Conn, error) {
		if broken {
			return nil, io.ErrUnexpectedEOF // no second connection: this one's fate is asked for
		}
		broken = true
		c, err := new(net.Dialer).DialContext(ctx, network, addr)
		return cutter{c, &left}, err
	}})
	must(t, p.Arm(within(t, patience), to))
	left.Store(n)
	res, err := p.Exec(within(t, patience), to, Command{Script: script})
	if err == nil {
		t.Fatalf("cut after %d bytes: no error, %+v", n, res)
	}
	return res
}

// marking is a script whose first command would show that a part of it ran. It
// is long, and has a child that reads standard input.
func marking(marker string) string {
	return "echo ran >" + marker + "\ncat\n" + strings.Repeat("# some words to make it long\n", 3500) + "echo end"
}

// TestCutRequestDoesNotRun: a short script is one packet, and a broken packet
// is nothing.
func TestCutRequestDoesNotRun(t *testing.T) {
	s := &server{}
	to := serve(t, s)
	for n := int64(0); n < 300; n += 37 {
		marker := filepath.Join(t.TempDir(), "marker")
		res := cutAt(t, to, n, "echo ran >"+marker+"\n"+strings.Repeat("# words\n", 30))
		if _, err := os.Stat(marker); err == nil || res.Class == Exited || len(s.started) > 0 {
			t.Errorf("cut after %d bytes: %+v, %v", n, res, err)
		}
	}
}

func TestCutScriptDoesNotRun(t *testing.T) {
	s := &server{}
	to := serve(t, s)
	for _, n := range []int64{0, 1, 60, 100, 500, 1_000, 10_000, 32_768, 33_000, 40_000, 70_000, 98_000} {
		marker := filepath.Join(t.TempDir(), "marker")
		for len(s.started) > 0 {
			<-s.started
		}
		res := cutAt(t, to, n, marking(marker))
		if res.Class != NotStarted {
			t.Errorf("cut after %d bytes: %+v", n, res)
		}
		if n >= 500 { // the exec request went through: wait for what it made of it
			<-s.finished
		}
		if _, err := os.Stat(marker); err == nil {
			t.Errorf("cut after %d bytes: a part of it ran", n)
		}
	}
}

func TestKeptConnection(t *testing.T) {
	s := &server{}
	to := serve(t, s)
	p := newPool(t, Options{})
	var all sync.WaitGroup
	for range 30 {
		all.Go(func() {
			if res, err := p.Exec(within(t, patience), to, Command{Script: "echo ok"}); err != nil || res.Exit != 0 {
				t.Errorf("%+v, %v", res, err)
			}
		})
	}
	all.Wait()
	must(t, p.Ping(within(t, patience), to))
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.handshakes != 1 || s.mostOpen > maxSessions {
		t.Errorf("%d handshakes, %d sessions at a time", s.handshakes, s.mostOpen)
	}
	if s.wantReply {
		t.Error("exec asked for a reply: that is a round trip more")
	}
}

func TestArmed(t *testing.T) {
	s := &server{hold: make(chan struct{})}
	to := serve(t, s)
	p := newPool(t, Options{})
	must(t, p.Arm(within(t, patience), to))
	if s.opened != 1 {
		t.Fatalf("%d sessions opened ahead", s.opened)
	}
	done := make(chan error, 1)
	go func() { _, err := p.Exec(within(t, patience), to, Command{Script: "true"}); done <- err }()
	<-s.started
	s.mu.Lock()
	opened := s.opened
	s.mu.Unlock()
	if opened != 1 {
		t.Errorf("the armed session was not used: %d opened", opened)
	}
	close(s.hold)
	must(t, <-done)
}

func TestFewSessions(t *testing.T) {
	s := &server{sessions: 2}
	to := serve(t, s)
	p := newPool(t, Options{})
	must(t, p.Arm(within(t, patience), to))
	var all sync.WaitGroup
	for range 12 {
		all.Go(func() {
			if res, err := p.Exec(within(t, patience), to, Command{Script: "echo ok"}); err != nil || res.Exit != 0 {
				t.Errorf("%+v, %v", res, err)
			}
		})
	}
	all.Wait()
}

func TestDeadKeptConnection(t *testing.T) {
	s := &server{}
	to := serve(t, s)
	p := newPool(t, Options{})
	file := filepath.Join(t.TempDir(), "count")
	for range 5 {
		res, err := p.Exec(within(t, patience), to, Command{Script: "echo x >>" + file})
		if err != nil || res.Exit != 0 {
			// The cut may be noticed only after the script was out: then it is
			// lost, never sent twice.
			if res.Class != Lost {
				t.Fatalf("%+v, %v", res, err)
			}
		}
		s.cut()
	}
	b, _ := os.ReadFile(file)
	if n := strings.Count(string(b), "x"); n > 5 {
		t.Errorf("5 scripts ran %d times", n)
	}
	if err := p.Ping(within(t, patience), to); err != nil {
		t.Error(err)
	}
}

func TestLostWhileRunning(t *testing.T) {
	s := &server{hold: make(chan struct{})}
	to := serve(t, s)
	defer close(s.hold)
	p := newPool(t, Options{})
	go func() { <-s.started; s.cut() }()
	res, err := p.Exec(within(t, patience), to, Command{Script: "echo hello"})
	if res.Class != Lost || !errors.Is(err, ErrLost) || !strings.Contains(err.Error(), "may have run") {
		t.Errorf("%+v, %v", res, err)
	}
}

// hole is a connection that falls silent in both directions without closing,
// like a cut cable.
type hole struct {
	net.Conn
	shut *atomic.Bool
	gone chan struct{}
	once *sync.Once
}

func (h hole) Write(b []byte) (int, error) {
	if h.shut.Load() {
		return len(b), nil
	}
	return h.Conn.Write(b)
}

func (h hole) Read(b []byte) (int, error) {
	n, err := h.Conn.Read(b)
	if h.shut.Load() {
		<-h.gone
		return 0, net.ErrClosed
	}
	return n, err
}

func (h hole) Close() error {
	h.once.Do(func() { close(h.gone) })
	return h.Conn.Close()
}

func TestKeepAliveFindsASilentConnection(t *testing.T) {
	s := &server{hold: make(chan struct{})}
	to := serve(t, s)
	defer close(s.hold)
	var shut atomic.Bool
	p := newPool(t, Options{KeepAlive: 50 * time.Millisecond, Dial: func(ctx context.Context, network, addr string) (net.Conn, error) {
		c, err := new(net.Dialer).DialContext(ctx, network, addr)
		return hole{c, &shut, make(chan struct{}), new(sync.Once)}, err
	}})
	go func() { <-s.started; shut.Store(true) }()
	res, err := p.Exec(within(t, patience), to, Command{Script: "echo hello"})
	if res.Class != Lost || !errors.Is(err, ErrLost) {
		t.Errorf("%+v, %v", res, err)
	}
}

func TestCancelled(t *testing.T) {
	s := &server{hold: make(chan struct{})}
	to := serve(t, s)
	defer close(s.hold)
	p := newPool(t, Options{})
	ctx, cancel := context.WithCancelCause(t.Context())
	go func() { <-s.started; cancel(errors.New("the step's time is over")) }()
	res, err := p.Exec(ctx, to, Command{Script: "echo hello"})
	if res.Class != Lost || !errors.Is(err, ErrCancelled) || !strings.Contains(err.Error(), "may still run") {
		t.Errorf("%+v, %v", res, err)
	}
	// The connection serves on.
	must(t, p.Ping(within(t, patience), to))
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.handshakes != 1 || len(s.signals) != 1 || s.signals[0] != "TERM" {
		t.Errorf("%d handshakes, signals %v", s.handshakes, s.signals)
	}
	gone, cancel2 := context.WithCancel(t.Context())
	cancel2()
	if res, err := p.Exec(gone, to, Command{Script: "echo"}); res.Class != NotStarted || err == nil {
		t.Errorf("cancelled before: %+v, %v", res, err)
	}
}

func TestDialThrough(t *testing.T) {
	both(t, func(t *testing.T, to Target) {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		must(t, err)
		defer l.Close()
		go func() {
			for {
				c, err := l.Accept()
				if err != nil {
					return
				}
				_, _ = fmt.Fprint(c, "hello from there")
				_ = c.Close()
			}
		}()
		p := newPool(t, Options{})
		c, err := p.DialThrough(within(t, patience), to, "tcp", l.Addr().String())
		must(t, err)
		got, _ := io.ReadAll(c)
		if string(got) != "hello from there" {
			t.Errorf("%q", got)
		}
		_ = l.Close()
		if _, err := p.DialThrough(within(t, patience), to, "tcp", l.Addr().String()); err == nil {
			t.Error("a closed port answered")
		}
	})
}

func TestVia(t *testing.T) {
	jump, inner := serve(t, &server{}), serve(t, &server{})
	inner.Via = &jump
	p := newPool(t, Options{})
	var o output
	res, err := p.Exec(within(t, patience), inner, o.command("echo inside"))
	if err != nil || res.Exit != 0 || o.String() != "inside\n|" {
		t.Errorf("%+v, %v, %q", res, err, o.String())
	}
}
