package pgwire

import (
	"errors"
	"net"
	"strconv"

	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/virtengine/relight/drill/world"
)

// Answer gives the rows of one statement. A world.SQLError is told to the
// client; any other error ends the connection without a word.
type Answer func(sql string) (world.Rows, error)

// textOID is the type of every column: the client reads text.
const textOID = 25

// Serve speaks on c until the client goes, or an answer ends it. It closes c.
func Serve(c net.Conn, pid uint32, answer Answer) {
	defer c.Close()
	b := pgproto3.NewBackend(c, c)
	if !greet(b, c, pid) {
		return
	}
	for {
		m, err := b.Receive()
		if err != nil {
			return
		}
		switch m := m.(type) {
		case *pgproto3.Query:
			if !query(b, m.String, answer) {
				return
			}
		case *pgproto3.Terminate:
			return
		case *pgproto3.Sync:
			b.Send(&pgproto3.ReadyForQuery{TxStatus: 'I'})
		default:
			b.Send(refusal(world.SQLError{Code: "0A000", Text: "this rehearsal takes simple queries only"}))
		}
		if b.Flush() != nil {
			return
		}
	}
}

// greet is the start of a session: no encryption, no password.
func greet(b *pgproto3.Backend, c net.Conn, pid uint32) bool {
	for {
		m, err := b.ReceiveStartupMessage()
		if err != nil {
			return false
		}
		switch m.(type) {
		case *pgproto3.SSLRequest, *pgproto3.GSSEncRequest:
			if _, err := c.Write([]byte("N")); err != nil {
				return false
			}
			continue
		case *pgproto3.StartupMessage:
		default:
			return false // a request to cancel: nothing here takes long
		}
		b.Send(&pgproto3.AuthenticationOk{})
		for k, v := range map[string]string{"server_version": "15.18", "server_encoding": "UTF8", "client_encoding": "UTF8",
			"standard_conforming_strings": "on", "TimeZone": "UTC", "DateStyle": "ISO, MDY"} {
			b.Send(&pgproto3.ParameterStatus{Name: k, Value: v})
		}
		b.Send(&pgproto3.BackendKeyData{ProcessID: pid, SecretKey: []byte{0, 0, 0, 1}})
		b.Send(&pgproto3.ReadyForQuery{TxStatus: 'I'})
		return b.Flush() == nil
	}
}

// query answers the statements of one message, up to the first that fails.
func query(b *pgproto3.Backend, sql string, answer Answer) bool {
	list := world.Statements(sql)
	if len(list) == 0 {
		b.Send(&pgproto3.EmptyQueryResponse{})
	}
	for _, one := range list {
		rows, err := answer(one)
		var said world.SQLError
		switch {
		case errors.As(err, &said):
			b.Send(refusal(said))
		case err != nil:
			return false
		default:
			send(b, rows)
			continue
		}
		break
	}
	b.Send(&pgproto3.ReadyForQuery{TxStatus: 'I'})
	return true
}

func refusal(e world.SQLError) *pgproto3.ErrorResponse {
	return &pgproto3.ErrorResponse{Severity: "ERROR", SeverityUnlocalized: "ERROR", Code: e.Code, Message: e.Text}
}

func send(b *pgproto3.Backend, rows world.Rows) {
	if len(rows.Columns) > 0 {
		var head pgproto3.RowDescription
		for i, name := range rows.Columns {
			if name == "" {
				name = "column" + strconv.Itoa(i+1)
			}
			head.Fields = append(head.Fields, pgproto3.FieldDescription{Name: []byte(name), DataTypeOID: textOID, DataTypeSize: -1, TypeModifier: -1})
		}
		b.Send(&head)
		for _, cells := range rows.Cells {
			var row pgproto3.DataRow
			for _, v := range cells {
				if v == nil {
					row.Values = append(row.Values, nil)
					continue
				}
				row.Values = append(row.Values, []byte(*v))
			}
			b.Send(&row)
		}
	}
	b.Send(&pgproto3.CommandComplete{CommandTag: []byte(rows.Tag)})
}
