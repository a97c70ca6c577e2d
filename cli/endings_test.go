package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/virtengine/relight/checklists"
	"github.com/virtengine/relight/cockpit"
	"github.com/virtengine/relight/config"
	"github.com/virtengine/relight/incident"
	"github.com/virtengine/relight/journal"
)

// twoKeys is a live fleet of two keys, whose ports nobody serves.
const twoKeys = `
[chain]
id = "moon-1"
[ssh]
user = "relight"
[[host]]
name = "val-1"
addr = "127.0.0.1"
port = 9
[[host]]
name = "val-2"
addr = "127.0.0.1"
port = 10
[[host]]
name = "spare-1"
addr = "127.0.0.1"
port = 11
[[host]]
name = "spare-2"
addr = "127.0.0.1"
port = 12
[[node]]
name = "val-1"
host = "val-1"
rpc = "http://127.0.0.1:1"
[[key]]
name = "alpha"
address = "AABBCCDDEEFF00112233445566778899AABBCCDD"
hosts = ["val-1", "spare-1"]
standbys = ["spare-1"]
[[key]]
name = "beta"
address = "AABBCCDDEEFF00112233445566778899AABBCCDE"
hosts = ["val-2", "spare-2"]
standbys = ["spare-2"]
`

// livePlace is a journal and a live configuration.
type livePlace struct {
	t              *testing.T
	journal, fleet string
}

func newLivePlace(t *testing.T) livePlace {
	t.Helper()
	dir := t.TempDir()
	p := livePlace{t, filepath.Join(dir, "journal"), filepath.Join(dir, "live.toml")}
	if err := os.WriteFile(p.fleet, []byte(twoKeys), 0o600); err != nil {
		t.Fatal(err)
	}
	return p
}

// relight runs a command on it and gives what was said on standard error.
func (p livePlace) relight(args ...string) (out, errs string, code int) {
	out, errs, code = command(nil, append(args, "--journal", p.journal, "--config", p.fleet)...)
	var said []string // without the configuration's warnings
	for line := range strings.Lines(errs) {
		if strings.HasPrefix(line, "relight: ") || len(said) > 0 {
			said = append(said, line)
		}
	}
	return out, strings.Join(said, ""), code
}

// declares an incident on a key and gives its id.
func (p livePlace) declares(key string) string {
	p.t.Helper()
	out, errs, code := p.declare(key)
	if code != 0 {
		p.t.Fatalf("declare on %s: exit %d, %s", key, code, errs)
	}
	return strings.TrimSpace(out)
}

func (p livePlace) declare(key string) (out, errs string, code int) {
	n := map[string]string{"alpha": "1", "beta": "2"}[key]
	return p.relight("declare", "--headless", "--runbook", "single-validator-failover", "--param", "key="+key,
		"--param", "failed=val-"+n, "--param", "standby=spare-"+n)
}

func (p livePlace) path(id string) string { return filepath.Join(p.journal, id) }

// refused holds that a command was refused with exit 2 and these words.
func (p livePlace) refused(args []string, words ...string) {
	p.t.Helper()
	_, errs, code := p.relight(args...)
	p.says(strings.Join(args, " "), errs, code, words...)
}

func (p livePlace) says(what, errs string, code int, words ...string) {
	p.t.Helper()
	for _, w := range words {
		if code != 2 || !strings.Contains(errs, w) {
			p.t.Errorf("relight %s: exit %d, want 2 and %q; it says\n%s", what, code, w, errs)
		}
	}
	namesRecords(p.t, errs, p.journal)
}

// onIncident is a command that names an incident, up to its options.
var onIncident = regexp.MustCompile(`relight (?:(?:drill|log|report) )?(?:INC|DRILL)-\d{8}-\d{3,}( --config \S+)?( --journal \S+)?`)

// namesRecords holds that each command that names an incident works as written:
// the folder of records that was given stands in it.
func namesRecords(t *testing.T, text, journal string) {
	t.Helper()
	for _, c := range onIncident.FindAllString(text, -1) {
		if !strings.Contains(c, " --journal "+journal) {
			t.Errorf("%q looks for its record elsewhere than in %s", c, journal)
		}
	}
}

// Several incidents may be open, each with keys of its own: two never command
// one key, and relight alone lists them with their commands.
func TestSeveralIncidents(t *testing.T) {
	p := newLivePlace(t)
	first := p.declares("alpha")
	_, errs, code := p.declare("alpha")
	p.says("declare", errs, code, first+" is open and reaches the key alpha", "relight "+first)
	second := p.declares("beta")
	p.refused(nil, "2 incidents are open", "relight "+first, "relight "+second, "SEV-3", "reaches key alpha", "reaches key beta", "relight declare --runbook")
	p.refused([]string{"INC-20200101-001"}, "no incident INC-20200101-001", "open:\n  relight "+second, "\n  relight "+first)

	out, errs, code := p.relight(strings.ToLower(first))
	if code != 0 || !strings.Contains(out, first) || !strings.Contains(errs, "relight "+first+" --config ") {
		t.Errorf("relight %s: exit %d, %q, %q", first, code, out, errs)
	}
}

// Who comes second to a record learns who has it, since when, and what to do.
func TestSecondOnTheSameRecord(t *testing.T) {
	p := newLivePlace(t)
	id := p.declares("alpha")
	j, _, err := journal.Open(p.path(id))
	if err != nil {
		t.Fatal(err)
	}
	who := fmt.Sprintf("process %d on ", os.Getpid())
	p.refused(nil, id+" is commanded by another relight: "+who, ", since 2", fmt.Sprintf("kill %d", os.Getpid()), "Then: relight "+id, "relight log "+id)
	j.Close()

	lock, err := journal.Lock(filepath.Join(p.journal, helmFolder, "AABBCCDDEEFF00112233445566778899AABBCCDD"))
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Close()
	p.refused([]string{id}, "the key alpha is commanded by another relight: "+who, "two cockpits never command one key")
	p.declares("beta")
}

// A script is sent to a host only by the cockpit that commands every key there,
// whatever the parameters say by now.
func TestScriptsNeedTheHelm(t *testing.T) {
	dir := t.TempDir()
	fleet := config.Fleet{Keys: []config.Key{{Name: "alpha", Address: "AA", Hosts: []string{"val-1", "spare"}}, {Name: "beta", Address: "BB", Hosts: []string{"val-2", "spare"}}}}
	mine := &helm{dir: dir, fleet: fleet, live: true, back: backWord, held: map[string]*os.File{}}
	other := &helm{dir: dir, fleet: fleet, live: true, back: backWord, held: map[string]*os.File{}}
	ran := 0
	h := hands{mine: other.onHosts}
	send := func(host string) (end cockpit.HostEnd) {
		h.Run(t.Context(), cockpit.Job{Hosts: []string{host}}, nil, func(e cockpit.HostEnd) { ran++; end = e })
		return end
	}
	if err := mine.onHosts([]string{"val-1"}); err != nil {
		t.Fatal(err)
	}
	for _, host := range []string{"val-1", "spare", "local"} {
		if e := send(host); e.Class != incident.NotStarted || !strings.Contains(e.Reason, "the key alpha is commanded by another relight") {
			t.Errorf("%s: %+v", host, e)
		}
	}
	if err := other.onHosts([]string{"val-2"}); err != nil || ran != 3 {
		t.Errorf("beta, which was given back after each refusal: %v", err)
	}
	if err := os.RemoveAll(filepath.Join(dir, helmFolder)); err != nil {
		t.Fatal(err)
	}
	if err := other.onHosts([]string{"val-1"}); err != nil {
		t.Fatal(err)
	}
	if err := mine.onHosts([]string{"val-1"}); err == nil {
		t.Error("a lock whose folder was removed is still believed")
	}
}

// What is typed wrong is answered with what there is.
func TestUnknownNames(t *testing.T) {
	p := newLivePlace(t)
	id := p.declares("alpha")
	for args, want := range map[string]string{
		"declre":             "Did you mean `relight declare`?",
		"INC-12":             "no incident id (those look like INC-20261123-001)",
		"DRILL-20261123-001": "relight drill DRILL-20261123-001",
		"declare --runbook single-validator-failovr": "Did you mean single-validator-failover? There are: ",
		"log " + id[:len(id)-1] + "9":                "there is no record",
	} {
		p.refused(strings.Fields(args), want)
	}
	for args, want := range map[string]string{
		"drill single-validator-failovr": "Did you mean single-validator-failover?",
		"drill DRILL-20200101-001":       "there is no open drill DRILL-20200101-001",
	} {
		_, errs, code := command(nil, append(strings.Fields(args), "--journal", p.journal)...)
		p.says(args, errs, code, want)
	}
}

// A record of a later relight, by its format or by an event nobody here knows,
// is read and never commanded; nothing is written into it.
func TestLaterRecord(t *testing.T) {
	for kind, data := range map[string]string{"teleported": `{}`, "opened": `{"by":"mira","format":2}`} {
		p := newLivePlace(t)
		id := p.declares("alpha")
		j, _, err := journal.Open(p.path(id))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := j.Append([]journal.Draft{{At: time.Now(), Kind: kind, Data: json.RawMessage(data)}}); err != nil {
			t.Fatal(err)
		}
		head := j.Head()
		j.Close()
		p.refused(nil, id+" was made by a later relight", "relight log "+id)
		if _, now, err := journal.Read(p.path(id)); err != nil || now != head {
			t.Errorf("%s: the record was changed: %v", kind, err)
		}
		if _, errs, code := p.relight("log", id); code != 0 {
			t.Errorf("%s: log: exit %d, %s", kind, code, errs)
		}
	}
}

// A record that cannot be read is named, with how to put it aside; others are
// commanded all the same.
func TestDarkRecord(t *testing.T) {
	p := newLivePlace(t)
	dark, id := p.declares("alpha"), p.declares("beta")
	if err := os.WriteFile(filepath.Join(p.path(dark), journal.FileName), []byte("no record\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	out, errs, code := p.relight()
	if code != 0 || !strings.Contains(out, id) || !strings.Contains(errs, dark+" cannot be read") || !strings.Contains(errs, "mv "+p.path(dark)) {
		t.Errorf("exit %d, %q, %q", code, out, errs)
	}
	p.refused([]string{dark}, dark+" cannot be read", "mv ")
}

// An incident that is over is not taken up again.
func TestOverIsOver(t *testing.T) {
	p := newLivePlace(t)
	id := p.declares("alpha")
	j, entries, err := journal.Open(p.path(id))
	if err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(incident.Ended{How: "aborted", By: "mira", Reason: "an exercise"})
	if err == nil {
		_, err = j.Append([]journal.Draft{{At: entries[0].At, Kind: incident.Ended{}.Kind(), Data: data}})
	}
	if err != nil {
		t.Fatal(err)
	}
	j.Close()
	p.refused([]string{id}, id+" is over", "relight report "+id)
}

// A drill that somebody flies is not brought up a second time: the files of its
// fleet are the first one's.
func TestHeldDrill(t *testing.T) {
	dir := t.TempDir()
	id := "DRILL-20261123-001"
	path := filepath.Join(dir, id)
	event := incident.Declared{Declare: incident.Declare{ID: id, Runbook: firstDrill, Drill: true, Roles: map[string]string{},
		Book: checklists.Book{Phases: []checklists.Phase{{Kind: checklists.Before}}}}}
	data, err := json.Marshal(event)
	if err != nil {
		t.Fatal(err)
	}
	j, _, err := journal.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	if _, err := j.Append([]journal.Draft{{At: time.Now(), Kind: event.Kind(), Data: data}}); err != nil {
		t.Fatal(err)
	}
	about := fmt.Sprintf(`{"id":%q,"runbook":%q,"speed":1}`, id, firstDrill)
	if err := os.WriteFile(filepath.Join(path, "drill.json"), []byte(about), 0o600); err != nil {
		t.Fatal(err)
	}
	_, errs, code := command(nil, "drill", id, "--journal", dir)
	if code != 2 || !strings.Contains(errs, id+" is commanded by another relight") || !strings.Contains(errs, "read along: relight log "+id) {
		t.Errorf("exit %d, %s", code, errs)
	}
	namesRecords(t, errs, dir)
	if _, errs, code := command(nil, "drill", "--journal", dir); code != 2 || !strings.Contains(errs, errNoAnswer.Error()) {
		t.Errorf("nobody answers: exit %d, %s", code, errs)
	}
	if _, err := os.Stat(filepath.Join(path, "fleet")); !errors.Is(err, os.ErrNotExist) {
		t.Error("a fleet was brought up")
	}
}

// The last words: what ended it, what ran, what the record lacks, how to come
// back.
func TestFarewell(t *testing.T) {
	open := incident.State{ID: "INC-20261123-001"}
	busy := open
	busy.Steps = []incident.Step{{PlannedStep: checklists.PlannedStep{Step: checklists.Step{Title: "Stop and fence"}}, Status: incident.Running}}
	over := open
	over.Closed = time.Unix(1, 0)
	term := ended{"SIGTERM"}
	for _, c := range []struct {
		s       incident.State
		why     error
		trouble string
		want    string
	}{
		{incident.State{}, nil, "", ""},
		{incident.State{}, term, "", "relight was ended by SIGTERM.\nNo incident is open. To watch again:\n  back"},
		{open, nil, "", "INC-20261123-001 is open and recorded. Come back with:\n  back"},
		{open, term, "", "relight was ended by SIGTERM.\nINC-20261123-001 is open and recorded. Come back with:\n  back"},
		{busy, nil, "", "Running when it ended: \"Stop and fence\". What became of it is asked when you come back.\nINC-20261123-001 is open and recorded. Come back with:\n  back"},
		{over, nil, "", "INC-20261123-001 is over. The report: back"},
		{open, nil, journal.ErrFailed.Error() + ": no space", "INC-20261123-001 is open and recorded. Come back with:\n  back\nWhat came last is not in the record: no space."},
	} {
		if got := farewell(c.s, c.why, c.trouble, "back"); got != c.want {
			t.Errorf("got\n%s\nwant\n%s", got, c.want)
		}
	}
	g := &globals{config: "my fleet.toml", journal: "/var/it's"}
	if got := g.comeBack(open); got != `relight INC-20261123-001 --config 'my fleet.toml' --journal '/var/it'\''s'` {
		t.Error(got)
	}
	if got := g.goesOn(over); got != `relight report INC-20261123-001 --journal '/var/it'\''s'` {
		t.Error(got)
	}
	if got := g.goesOn(incident.State{}); !strings.HasPrefix(got, "relight --config ") {
		t.Error(got)
	}
}

// A question on the terminal does not keep a signal waiting.
func TestQuestionEnds(t *testing.T) {
	in, hand := io.Pipe()
	defer hand.Close()
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(ended{"SIGTERM"})
	g := &globals{Streams: Streams{In: in, Err: io.Discard}}
	if yes, err := g.ask(ctx, "Go on?"); yes || !errors.Is(err, ended{"SIGTERM"}) {
		t.Errorf("%t, %v", yes, err)
	}
	for typed, want := range map[string]struct {
		yes  bool
		err  error
		asks int
	}{"\n": {true, nil, 1}, "y\n": {true, nil, 1}, " YES \n": {true, nil, 1}, "y": {true, nil, 1}, "N\n": {false, nil, 1}, " no \n": {false, nil, 1},
		"": {false, errNoAnswer, 1}, "banana\nn\n": {false, nil, 2}, "yesno\n\n": {true, nil, 2}, "declare\n": {false, errNoAnswer, 2}} {
		var out strings.Builder
		g.In, g.Err = strings.NewReader(typed), &out
		yes, err := g.ask(t.Context(), "Go on?")
		if yes != want.yes || !errors.Is(err, want.err) || strings.Count(out.String(), "Go on? [Y/n] ") != want.asks {
			t.Errorf("%q: %t, %v, asked %q", typed, yes, err, out.String())
		}
	}
}
