package nodes

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"reflect"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// TestRecordedNetwork looks at the recordings of a real network: two nodes in
// the halt with two of four validators down, read through hosts.
func TestRecordedNetwork(t *testing.T) {
	serve := func(files map[string]string) *httptest.Server {
		srv := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			name := files[strings.TrimPrefix(r.URL.Path, "/")]
			if r.URL.RawQuery == "height=12" {
				name = files["tip"]
			}
			b, err := os.ReadFile("../testdata/rpc/" + name + ".json")
			if err != nil || name == "" {
				rw.WriteHeader(http.StatusInternalServerError)
				b, _ = os.ReadFile("../testdata/rpc/error_height.json")
			}
			if r.Host != "127.0.0.1:26657" {
				t.Errorf("Host: %s", r.Host)
			}
			_, _ = rw.Write(b)
		}))
		t.Cleanup(srv.Close)
		return srv
	}
	a := serve(map[string]string{"status": "status_halted", "net_info": "net_info_halted", "consensus_state": "consensus_state_halted", "tip": "commit_tip_halted"})
	b := serve(map[string]string{"status": "status_halted2", "net_info": "net_info_halted", "consensus_state": "consensus_state_halted2", "tip": "commit_tip_halted"})
	f := Fleet{ChainID: "virtengine-1", BlockTime: time.Second,
		Nodes: []NodeSpec{{Name: "val-1", Host: "a", RPC: "ssh:127.0.0.1:26657", Witness: true}, {Name: "val-2", Host: "b", RPC: "ssh:127.0.0.1:26657", Witness: true}},
		Keys:  []KeySpec{{Name: "first", Address: "46DA1626DB331B10409E51F25DDAAA12839FAD1B"}}}
	w := New(f, &plainDialer{host: func(host, addr string) (string, error) {
		if addr != "127.0.0.1:26657" {
			return "", errors.New("another address")
		}
		return map[string]string{"a": a.Listener.Addr().String(), "b": b.Listener.Addr().String()}[host], nil
	}}, nil, Options{})
	now := time.Date(2026, 11, 23, 4, 57, 20, 0, time.UTC)
	w.Look(context.Background(), now)
	s := w.Look(context.Background(), now.Add(31*time.Second))
	if s.Chain.Halted != True || s.Chain.Height != 12 || s.Chain.Votes == nil || len(s.Chain.Votes.Nodes) != 2 {
		t.Fatalf("%+v", s.Chain)
	}
	if v := s.Chain.Votes; v.Height != 13 || v.Round != 0 || v.Step != 4 || len(v.Keys) != 1 || v.Keys[0].At.IsZero() {
		t.Errorf("votes = %+v", v)
	}
	if n := s.Nodes[0]; n.Moniker != "val-1" || n.Synced != False || n.Peers != 2 || n.InStep != True || n.CatchingUp != False {
		t.Errorf("%+v", n)
	}
	if !reflect.DeepEqual(s.Keys[0].LiveEndpoints, []string{"val-1"}) {
		t.Errorf("%+v", s.Keys[0])
	}
}

func TestClassify(t *testing.T) {
	sshd := &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}
	for _, c := range []struct {
		err  error
		want Fail
	}{
		{nil, FailNone},
		{fmt.Errorf("dial: %w", syscall.ECONNREFUSED), FailRefused},
		{tunnelErr(fmt.Errorf("tunnel: %w", ErrRefused)), FailRefused},
		// The trap: sshd refuses, and nothing is known about the node.
		{tunnelErr(sshd), FailReach},
		{tunnelErr(fmt.Errorf("%w: %w", ErrUnreachable, sshd)), FailReach},
		{tunnelErr(fmt.Errorf("%w: %w", ErrUnreachable, ErrRefused)), FailReach},
		{tunnelErr(fmt.Errorf("tunnel: %w", ErrHostKey)), FailHostKey},
		{tunnelErr(fmt.Errorf("%w: %w", ErrUnreachable, context.DeadlineExceeded)), FailTimeout},
		{context.DeadlineExceeded, FailTimeout},
		{&net.OpError{Op: "dial", Err: os.ErrDeadlineExceeded}, FailTimeout},
		{&net.OpError{Op: "dial", Err: syscall.EHOSTUNREACH}, FailReach},
		{errors.New("malformed HTTP response \x1b[2J"), FailAnswer},
	} {
		got, text := classify(c.err)
		if got != c.want || strings.Contains(text, "\x1b") || (text == "") != (c.err == nil) {
			t.Errorf("%v: %s %q, want %s", c.err, got, text, c.want)
		}
	}
}

func TestBadAddresses(t *testing.T) {
	w := New(Fleet{Nodes: []NodeSpec{{Name: "a", RPC: "tcp://x"}, {Name: "b", RPC: "ssh:127.0.0.1:26657"}, {Name: "c", Host: "h", RPC: "ssh:127.0.0.1"}, {Name: "d"}}},
		&plainDialer{}, nil, Options{})
	for _, n := range w.Look(context.Background(), epoch).Nodes {
		if n.State != Down || n.Err == "" {
			t.Errorf("%+v", n)
		}
	}
}

func TestEndpoints(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/gone":
			rw.WriteHeader(http.StatusServiceUnavailable)
		case "/moved":
			http.Redirect(rw, r, "http://127.0.0.1:1/", http.StatusFound)
		default:
			_, _ = rw.Write([]byte("ok"))
		}
	}))
	defer srv.Close()
	f := Fleet{Endpoints: []EndpointSpec{
		{Name: "plain", Kind: "http", URL: srv.URL + "/health"}, {Name: "text", Kind: "http", URL: srv.URL + "/health", Expect: "ok"},
		{Name: "other text", Kind: "http", URL: srv.URL + "/health", Expect: "fine"}, {Name: "down", Kind: "http", URL: srv.URL + "/gone"},
		{Name: "down is right", Kind: "http", URL: srv.URL + "/gone", Expect: "503"}, {Name: "moved", Kind: "http", URL: srv.URL + "/moved"},
		{Name: "nobody", Kind: "http", URL: "http://127.0.0.1:1/"}, {Name: "dns", Kind: "dns", URL: "dns:example"}, {Name: "odd", Kind: "http", URL: "ftp:x"},
	}}
	s := New(f, &plainDialer{}, nil, Options{}).Look(context.Background(), epoch)
	want := []Tri{True, True, False, False, True, False, False, Unknown, Unknown}
	for i, e := range s.Endpoints {
		if e.OK != want[i] || (e.OK != True && e.Why == "") {
			t.Errorf("%+v, want %v", e, want[i])
		}
	}
}

// Looking, looking at hosts, asking for silence and for votes may all happen at
// once.
func TestTogether(t *testing.T) {
	l := newLab(t, 200, 10, 10, 10, 10)
	l.watch(l.w.fleet, execFunc(func(context.Context, string, string) (string, error) { return "== done\n", nil }))
	var wg sync.WaitGroup
	stop := make(chan struct{})
	for range 2 {
		wg.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				l.w.Silence("k1", epoch)
				l.w.LookHosts(context.Background(), epoch, []string{"h0", "h1"})
				l.w.WatchVotes(true)
			}
		})
	}
	now := l.now
	wg.Go(func() { l.w.Look(context.Background(), now) })
	l.run(6)
	close(stop)
	wg.Wait()
}
