package journal

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var at = time.Date(2026, 11, 23, 3, 0, 0, 0, time.UTC)

func draft(n int) Draft {
	return Draft{At: at.Add(time.Duration(n) * time.Second), Kind: "noted", Data: json.RawMessage(fmt.Sprintf(`{"n":%d}`, n))}
}

func mustOpen(t *testing.T, dir string) (*Journal, []Entry) {
	t.Helper()
	j, entries, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return j, entries
}

func mustAppend(t *testing.T, j *Journal, drafts ...Draft) {
	t.Helper()
	if _, err := j.Append(drafts); err != nil {
		t.Fatal(err)
	}
}

func TestWrittenIsReadAgain(t *testing.T) {
	dir := t.TempDir()
	j, entries := mustOpen(t, dir)
	if len(entries) != 0 {
		t.Fatalf("a new record holds %d entries", len(entries))
	}
	mustAppend(t, j, draft(1), draft(2))
	mustAppend(t, j, draft(3))
	head := j.Head()
	if _, _, err := Open(dir); !errors.Is(err, ErrLocked) {
		t.Errorf("a second writer got %v, want ErrLocked", err)
	}
	got, readHead, err := Read(dir)
	if err != nil || len(got) != 3 || readHead != head {
		t.Fatalf("read beside the writer: %d entries, head %s, %v", len(got), readHead, err)
	}
	j.Close()
	j, entries = mustOpen(t, dir)
	defer j.Close()
	if len(entries) != 3 || j.Head() != head || string(entries[2].Data) != `{"n":3}` {
		t.Errorf("after opening again: %d entries, head equal %t", len(entries), j.Head() == head)
	}
	for i := 1; i < len(entries); i++ {
		if entries[i].ID <= entries[i-1].ID {
			t.Errorf("ids do not rise: %s then %s", entries[i-1].ID, entries[i].ID)
		}
	}
}

// A record cut at any byte keeps every whole line, puts the torn bytes aside,
// and takes new events that continue the chain.
func TestCutAtEveryByte(t *testing.T) {
	dir := t.TempDir()
	j, _ := mustOpen(t, dir)
	mustAppend(t, j, draft(1))
	mustAppend(t, j, draft(2), draft(3))
	j.Close()
	whole, err := os.ReadFile(filepath.Join(dir, FileName))
	if err != nil {
		t.Fatal(err)
	}
	for cut := range len(whole) {
		d := t.TempDir()
		if err := os.WriteFile(filepath.Join(d, FileName), whole[:cut], 0o600); err != nil {
			t.Fatal(err)
		}
		want := bytes.Count(whole[:cut], []byte("\n"))
		j, entries := mustOpen(t, d)
		if len(entries) != want {
			t.Fatalf("cut at %d: %d entries, want %d", cut, len(entries), want)
		}
		if torn := cut > 0 && whole[cut-1] != '\n'; torn != (j.Notice != "") {
			t.Fatalf("cut at %d: notice %q", cut, j.Notice)
		}
		mustAppend(t, j, draft(9))
		j.Close()
		if got, _, err := Read(d); err != nil || len(got) != want+1 {
			t.Fatalf("cut at %d: after one more: %d entries, %v", cut, len(got), err)
		}
	}
}

func TestChainFindsWhatWasDone(t *testing.T) {
	dir := t.TempDir()
	j, _ := mustOpen(t, dir)
	for n := range 5 {
		mustAppend(t, j, draft(n))
	}
	j.Close()
	path := filepath.Join(dir, FileName)
	whole, _ := os.ReadFile(path)
	lines := bytes.SplitAfter(whole, []byte("\n"))
	for name, bad := range map[string][]byte{
		"edited":  bytes.Replace(whole, []byte(`{"n":2}`), []byte(`{"n":7}`), 1),
		"deleted": bytes.Join([][]byte{lines[0], lines[1], lines[3], lines[4]}, nil),
		"swapped": bytes.Join([][]byte{lines[0], lines[2], lines[1], lines[3], lines[4]}, nil),
	} {
		if err := os.WriteFile(path, bad, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, _, err := Read(dir); !errors.Is(err, ErrBroken) || !strings.Contains(err.Error(), "line ") {
			t.Errorf("%s: %v, want ErrBroken with the line", name, err)
		}
	}
}

// failing is a file whose k-th call fails.
type failing struct {
	file
	left *int
	half bool
}

func (f failing) fails() bool { *f.left--; return *f.left == 0 }

func (f failing) Write(b []byte) (int, error) {
	if f.fails() {
		n, _ := f.file.Write(b[:len(b)/2])
		return n, errors.New("no space left on device")
	}
	return f.file.Write(b)
}

func (f failing) Sync() error {
	if f.fails() {
		return errors.New("input/output error")
	}
	return f.file.Sync()
}

// Whatever write or fsync fails, an acknowledged event is never lost and an
// event whose Append failed never appears.
func TestFailEveryCall(t *testing.T) {
	for k := 1; k <= 12; k++ {
		dir := t.TempDir()
		j, _ := mustOpen(t, dir)
		left := k
		open := j.open
		j.open = func(p string) (file, error) { f, err := open(p); return failing{file: f, left: &left}, err }
		j.f = failing{file: j.f, left: &left}
		var want []string
		for n := range 8 {
			d := draft(n)
			if _, err := j.Append([]Draft{d}); err == nil {
				want = append(want, string(d.Data))
			} else if !errors.Is(err, ErrFailed) {
				t.Fatalf("call %d: %v", k, err)
			}
		}
		j.Close()
		got, _, err := Read(dir)
		if err != nil {
			t.Fatalf("call %d: %v", k, err)
		}
		var have []string
		for _, e := range got {
			have = append(have, string(e.Data))
		}
		if fmt.Sprint(have) != fmt.Sprint(want) {
			t.Errorf("call %d: record %v, acknowledged %v", k, have, want)
		}
		if len(want) < 7 {
			t.Errorf("call %d: only %d of 8 events were taken after one failure", k, len(want))
		}
	}
}

// TestKill9 lets a child write as fast as it can, kills it without warning, and
// holds that everything it had acknowledged on its standard output is there.
func TestKill9(t *testing.T) {
	if dir := os.Getenv("RELIGHT_JOURNAL_CHILD"); dir != "" {
		j, entries, err := Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		for n := len(entries); ; n++ {
			if _, err := j.Append([]Draft{draft(n)}); err != nil {
				t.Fatal(err)
			}
			fmt.Printf("ack %d\n", n)
		}
	}
	dir := t.TempDir()
	for round := range 5 {
		cmd := exec.Command(os.Args[0], "-test.run=^TestKill9$")
		cmd.Env = append(os.Environ(), "RELIGHT_JOURNAL_CHILD="+dir)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		last := -1
		buf := make([]byte, 256)
		for acks := 0; acks < 20+7*round; acks++ {
			n, err := out.Read(buf)
			if err != nil {
				t.Fatal(err)
			}
			last = lastAck(buf[:n], last)
		}
		cmd.Process.Kill()
		rest, _ := io.ReadAll(out)
		last = lastAck(rest, last)
		cmd.Wait()
		got, _, err := Read(dir)
		if err != nil {
			t.Fatal(err)
		}
		if len(got) < last+1 {
			t.Fatalf("round %d: event %d was acknowledged, the record holds %d", round, last, len(got))
		}
	}
}

func lastAck(b []byte, last int) int {
	for line := range strings.Lines(string(b)) {
		n := 0
		if strings.HasSuffix(line, "\n") {
			if _, err := fmt.Sscanf(line, "ack %d\n", &n); err == nil && n > last {
				last = n
			}
		}
	}
	return last
}

func BenchmarkAppend(b *testing.B) {
	j, _, err := Open(b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	defer j.Close()
	d := draft(1)
	d.Data = json.RawMessage(`{"text":"` + strings.Repeat("x", 280) + `"}`)
	for b.Loop() {
		if _, err := j.Append([]Draft{d}); err != nil {
			b.Fatal(err)
		}
	}
}
