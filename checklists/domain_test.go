package checklists

import (
	"strings"
	"testing"
)

// TestSlips has, for every rule, a line that must be found and a block that
// does the same thing rightly.
func TestSlips(t *testing.T) {
	cases := []struct{ rule, wrong, right string }{
		{"wrong-reset-all", "virtengine tendermint unsafe-reset-all", "virtengine comet reset-state"},
		{"wrong-sign-state-written", "tee x/priv_validator_state.json < zero", "cat x/priv_validator_state.json"},
		{"wrong-sign-state-restored", "cp /b/priv_validator_state.json $home/data/", "ls /b/priv_validator_state.json $home/data/"},
		{"wrong-stop-is-no-fence", "ssh old 'sudo systemctl stop virtengine'", "sudo systemctl stop virtengine\nsudo systemctl disable virtengine"},
		{"wrong-ssh-stop", "ssh old 'sudo systemctl stop virtengine'", "sudo systemctl stop virtengine"},
		{"wrong-unpinned", "wget https://example.org/latest.tar.lz4", "wget https://example.org/v1.2.3.tar.lz4"},
		{"wrong-double-sign-check", "double_sign_check_height = 10\nsystemctl start virtengine", "double_sign_check_height = 10"},
		{"wrong-alerts-no-end", "curl -X POST http://am:9093/api/v2/alerts -d '[]'", "curl -s http://am:9093/api/v2/alerts"},
		{"wrong-start-unchecked", "systemctl start prometheus", "systemctl start prometheus\ncurl -f http://localhost:9090/-/ready"},
		{"wrong-mask", "sudo systemctl mask virtengine", "# systemctl mask fails here"},
		{"wrong-count-not-power", "# 2. If < 1/3 validators affected", "# while 2/3 of the power is online"},
		{"wrong-rpc-outside", "curl -s http://$node:26657/status", "curl -s http://127.0.0.1:26657/status"},
		{"wrong-answer-is-no-proof", "curl -s http://x/status || echo DOWN", "curl -s http://x/status"},
		{"wrong-download", "wget https://example.org/v1/virtengine_linux_amd64.tar.gz", "wget https://example.org/a.tar.gz\nsha256sum -c a.sha256"},
		{"wrong-download", "wget -O genesis.json https://example.org/genesis.json", "cat genesis.json"},
		{"wrong-unpack-pipe", "lz4 -d latest.tar.lz4 | tar -xf - -C data", "lz4 -d snap.tar.lz4 snap.tar"},
		{"wrong-key-before-proof", "gpg -d keys.tar.gz.gpg | tar -xzf - -C home", "sudo gpg --output staged --decrypt sealed"},
		{"wrong-key-before-proof", "gpg -d k.gpg > config/priv_validator_key.json", "gpg --verify a.sig"},
		{"wrong-restart-together", "for n in $all; do ssh $n systemctl restart virtengine; done", "ssh val-1 uptime"},
		{"wrong-wal-replay", "pg_wal_replay -D data", "touch recovery.signal"},
		{"wrong-wal-on-dump", "pg_restore -d db a.dump\n# then apply WAL logs", "pg_restore --exit-on-error -d db a.dump"},
		{"wrong-recovery-conf", "cp x /var/lib/data/recovery.conf", "touch recovery.signal"},
		{"wrong-data-removed", "rm -rf /var/lib/postgresql/data/*", "mv /var/lib/postgresql/15/main /var/lib/postgresql/15/main.aside"},
		{"wrong-data-removed", "rm -rf ~/.virtengine/data", "rm -rf \"$work\""},
		{"wrong-verify-count", "psql -c 'SELECT COUNT(*) FROM t'", "psql -c 'SELECT max(at) FROM t'"},
		{"wrong-verify-count", "psql -c 'SELECT pg_is_in_recovery();'", "psql -c 'SELECT timeline_id FROM pg_control_checkpoint()'"},
		{"wrong-scale-zero", "kubectl scale deployment api --replicas=0", "kubectl get deployment api -o yaml\nkubectl scale deployment api --replicas=0"},
		{"wrong-scale-unchecked", "kubectl scale deployment api --replicas=3", "kubectl scale deployment api --replicas=3\nkubectl rollout status deployment api --timeout=5m"},
		{"wrong-target-zone", "recovery_target_time = '2026-01-30 10:00:00'", "recovery_target_time = '2026-01-30 10:00:00+00'"},
		{"wrong-target-zone", "x --recovery-target-time=\"2026-01-30 10:00:00\"", "x --recovery-target-time=\"2026-01-30 10:00:00+00\""},
		{"wrong-target-promote", "recovery_target_action = 'promote'", "recovery_target_action = 'pause'"},
		{"wrong-restore-silent", "restore_command = 'gsutil cp gs://b/%f %p'", "restore_command = 'cp /a/%f %p'\nSELECT pg_last_xact_replay_timestamp();"},
		{"wrong-unit-postgresql", "sudo systemctl restart postgresql", "sudo systemctl restart postgresql@15-main"},
		{"wrong-split-brain", "tar -xzf base.tar.gz -C /var/lib/postgresql/data/", "tar -xzf b -C /var/lib/postgresql/data/\npg_rewind --help"},
		{"wrong-alerts-v1", "curl -X POST http://am:9093/api/v1/alerts", "curl -X POST http://am:9093/api/v2/alerts"},
		{"wrong-active-targets", "jq '.data.activeTargets | length'", "jq '.data.activeTargets[] | select(.health != \"up\")'"},
		{"wrong-curl-insecure", "curl -k https://localhost:8443/health", "curl --cacert ca.pem https://localhost:8443/health"},
		{"wrong-curl-insecure", "curl -sk https://localhost", "curl -s https://make-k/"},
		{"wrong-dns-unread", "aws route53 change-resource-record-sets --x", "aws route53 change-resource-record-sets --x\ndig +short name @ns1"},
		{"wrong-list-packets", "gpg --list-packets b.gpg", "sha256sum -c manifest"},
		{"wrong-restore-lenient", "pg_restore -d t a.dump", "pg_restore --exit-on-error -d t a.dump"},
		{"wrong-newest-only", "L=$(ls -t /b/*.dump | head -1)", "ls /b"},
		{"wrong-date-name", "createdb t_$(date +%Y%m%d)", "createdb \"$name\""},
	}
	tested := map[string]bool{}
	for _, c := range cases {
		tested[c.rule] = true
		if !finds(c.rule, c.wrong) {
			t.Errorf("%s is not found in %q", c.rule, c.wrong)
		}
		if finds(c.rule, c.right) {
			t.Errorf("%s is found in %q", c.rule, c.right)
		}
	}
	for _, s := range slips() {
		if !tested[s.rule] {
			t.Errorf("%s has no test", s.rule)
		}
	}
}

func finds(rule, text string) bool {
	for _, p := range Slips("x", text, 1) {
		if p.Rule == rule {
			return true
		}
	}
	return false
}

func TestSlipsInDocument(t *testing.T) {
	doc := "# Any\n\npg_wal_replay in prose is no finding\n\n1. step\n   ```bash\n   # a comment on pg_wal_replay\n   pg_wal_replay -D x\n   ```\n\n````\ncurl -k https://x\n"
	var got []string
	for _, p := range SlipsInDocument("d.md", []byte(doc)) {
		got = append(got, p.String())
	}
	want := "d.md:8:4: error wrong-wal-replay there is no such program (a physical base backup, restore_command and recovery.signal)\n" +
		"d.md:12:1: error wrong-curl-insecure any certificate is accepted, and a body of ok checks nothing (verify the certificate, and check that the service serves)"
	if strings.Join(got, "\n") != want {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), want)
	}
}

// TestSlipBehindABackslash: it is reported once, on the line where it begins.
func TestSlipBehindABackslash(t *testing.T) {
	for text, want := range map[string]string{
		"true\nsudo true; cp a/priv_validator_state.json \\\n  -p \\\n  x/data/": "x:2:12: error wrong-sign-state-restored",
		"true \\\n  && cp a/priv_validator_state.json \\\n  x/data/":             "x:2:6: error wrong-sign-state-restored",
		"# cp a/priv_validator_state.json \\\nx/data/":                           "",
		"cp a/priv_validator_state.json x/data/ \\\n || true \\":                 "x:1:1: error wrong-sign-state-restored",
	} {
		got := ""
		for _, p := range Slips("x", text, 1) {
			got += strings.SplitAfter(p.String(), p.Rule)[0]
		}
		if got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// TestSlipsInARunbook: an executable block errs, an illustration warns, and
// the prose may name what it warns of.
func TestSlipsInARunbook(t *testing.T) {
	src := "# T\n\n```toml runbook\nid = \"t\"\n```\n\nNever `unsafe-reset-all`.\n\n```sh\nvirtengine unsafe-reset-all\n```\n\n## During: work\n\n- [ ] **Reset** `{id=reset}`\n\n  ```sh run {host=local}\n  virtengine comet unsafe-reset-all\n  ```\n"
	_, problems := Parse("t.md", []byte(src), nil)
	var got []string
	for _, p := range problems {
		if p.Rule == "wrong-reset-all" {
			got = append(got, strings.SplitAfter(p.String(), "wrong-reset-all")[0])
		}
	}
	if want := "t.md:10:12: warning wrong-reset-all\nt.md:18:20: error wrong-reset-all"; strings.Join(got, "\n") != want {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), want)
	}
}
