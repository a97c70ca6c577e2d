package pgwire

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/virtengine/relight/drill/world"
)

// A real client reads rows, NULLs and errors, goes on after an error, and is
// told in so many words what is not spoken here.
func TestARealClient(t *testing.T) {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	one := "1"
	answer := func(sql string) (world.Rows, error) {
		switch sql {
		case "select 1, null":
			return world.Rows{Columns: []string{"a", "b"}, Cells: [][]*string{{&one, nil}}, Tag: "SELECT 1"}, nil
		case "begin":
			return world.Rows{Tag: "BEGIN"}, nil
		case "gone":
			return world.Rows{}, errors.New("gone")
		}
		return world.Rows{}, world.SQLError{Code: "42883", Text: "what is that?"}
	}
	go func() { // a client that prefers TLS comes twice
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go Serve(c, 7, answer)
		}
	}()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	conn, err := pgconn.Connect(ctx, "postgres://u@"+l.Addr().String()+"/x?sslmode=prefer")
	if err != nil {
		t.Fatal(err)
	}
	res, err := conn.Exec(ctx, "begin; select 1, null;").ReadAll()
	if err != nil || len(res) != 2 || string(res[1].Rows[0][0]) != "1" || res[1].Rows[0][1] != nil {
		t.Errorf("%+v, %v", res, err)
	}
	var said *pgconn.PgError
	if _, err := conn.Exec(ctx, "select 2").ReadAll(); !errors.As(err, &said) || said.Code != "42883" {
		t.Errorf("an unknown query: %v", err)
	}
	if r := conn.ExecParams(ctx, "select $1", [][]byte{[]byte("1")}, nil, nil, nil).Read(); r.Err == nil || !strings.Contains(r.Err.Error(), "simple queries only") {
		t.Errorf("a prepared statement: %v", r.Err)
	}
	if _, err := conn.Exec(ctx, "gone").ReadAll(); err == nil {
		t.Error("a server that is gone answers")
	}
}
