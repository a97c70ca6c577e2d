package nodes

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

// serveMany is n endpoints that all lead to one server with the recorded
// /status of a real node; each has connections of its own.
func serveMany(tb testing.TB, n int) (*httptest.Server, Fleet) {
	tb.Helper()
	body, err := os.ReadFile("../testdata/rpc/status.json")
	if err != nil {
		tb.Fatal(err)
	}
	peers := []byte(`{"result":{"n_peers":"4"}}`)
	srv := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasSuffix(r.URL.Path, "/status"):
			_, _ = rw.Write(body)
		case strings.HasSuffix(r.URL.Path, "/net_info"):
			_, _ = rw.Write(peers)
		default:
			http.NotFound(rw, r)
		}
	}))
	tb.Cleanup(srv.Close)
	f := Fleet{ChainID: "virtengine-1", BlockTime: interval}
	for i := range n {
		f.Nodes = append(f.Nodes, NodeSpec{Name: fmt.Sprintf("n%d", i), RPC: fmt.Sprintf("ssh:10.0.%d.%d:26657", i/250, i%250), Host: "jump"})
	}
	return srv, f
}

// BenchmarkLook is one round over 1,000 nodes with kept connections, each of
// its own, client and server in one process.
func BenchmarkLook(b *testing.B) {
	for _, n := range []int{100, 1000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			srv, f := serveMany(b, n)
			d := &plainDialer{host: func(string, string) (string, error) { return srv.Listener.Addr().String(), nil }}
			w := New(f, d, nil, Options{Timeout: 10 * time.Second})
			defer w.Close()
			now := epoch
			if s := w.Look(context.Background(), now); s.Chain.Endpoints != n {
				b.Fatalf("%d of %d answer: %+v", s.Chain.Endpoints, n, s.Nodes[0])
			}
			for b.Loop() {
				now = now.Add(2 * time.Second)
				w.Look(context.Background(), now)
			}
		})
	}
}

// BenchmarkLookHang is the same with every tenth node hanging: they are asked
// every fourth round, so that half of the rounds and more are as quick as
// ever. p50 is the median round.
func BenchmarkLookHang(b *testing.B) {
	srv, f := serveMany(b, 1000)
	hole, err := net.Listen("tcp", "127.0.0.1:0") // accepts in the kernel, never answers
	if err != nil {
		b.Fatal(err)
	}
	defer hole.Close()
	d := &plainDialer{host: func(_, addr string) (string, error) {
		if strings.HasSuffix(addr, "0:26657") {
			return hole.Addr().String(), nil
		}
		return srv.Listener.Addr().String(), nil
	}}
	w := New(f, d, nil, Options{Timeout: 500 * time.Millisecond})
	defer w.Close()
	now := epoch
	var took []time.Duration
	round := func() {
		now = now.Add(2 * time.Second)
		start := time.Now()
		w.Look(context.Background(), now)
		took = append(took, time.Since(start))
	}
	for range silentAfter {
		round()
	}
	took = nil
	for b.Loop() {
		round()
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
}
