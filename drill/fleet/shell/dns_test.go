package shell

import "testing"

// A change of a name is known to the first server at once and to the second one
// later: who reads back from one alone believes too early.
func TestNames(t *testing.T) {
	b := newBox()
	batch := `{"Changes":[{"Action":"UPSERT","ResourceRecordSet":{"Name":"rpc.drill.example.","Type":"CNAME","TTL":60,"ResourceRecords":[{"Value":"val-3.hosts.drill.example"}]}}]}`
	for _, c := range []struct {
		script, out string
		code        int
	}{
		{"dig +short rpc.drill.example CNAME", "rpc-1.hosts.drill.example.\n", 0},
		{"dig +noall +answer @ns-1.drill.example rpc.drill.example CNAME", "rpc.drill.example.\t60\tIN\tCNAME\trpc-1.hosts.drill.example.\n", 0},
		{"dig +short nobody.drill.example CNAME", "", 0},
		{"dig +short @8.8.8.8 rpc.drill.example CNAME", ";; communications error: host not found: 8.8.8.8\n", 9},
		{"aws route53 change-resource-record-sets --hosted-zone-id Z1 --change-batch '" + batch + "'", "", 254},
		{"aws route53 change-resource-record-sets --hosted-zone-id Z0DRILL --change-batch '{}'", "", 254},
		{"aws s3 rb s3://everything", "", 2},
		{"aws route53 change-resource-record-sets --hosted-zone-id Z0DRILL --change-batch '" + batch + "' | jq -r .ChangeInfo.Status", "PENDING\n", 0},
		{"sleep 2; dig +short @ns-1.drill.example rpc.drill.example CNAME; dig +short @ns-2.drill.example rpc.drill.example CNAME", "val-3.hosts.drill.example.\nrpc-1.hosts.drill.example.\n", 0},
		{"sleep 20; dig +short @ns-2.drill.example rpc.drill.example CNAME", "val-3.hosts.drill.example.\n", 0},
		{"aws route53 list-resource-record-sets --hosted-zone-id Z0DRILL | jq -r '.ResourceRecordSets[0].ResourceRecords[0].Value'", "val-3.hosts.drill.example.\n", 0},
	} {
		out, errout, code := b.run(t, "monitor-2", c.script)
		if out != c.out || code != c.code {
			t.Errorf("%s: %q %q %d", c.script, out, errout, code)
		}
	}
	if _, _, code := b.run(t, "val-1", "dig +short rpc.drill.example"); code != 127 {
		t.Errorf("dig on a host without it: %d", code)
	}
}
