package checklists

import (
	"strings"
	"testing"
	"time"
)

// TestEveryRow goes through every line of the page that says what is wrong in
// the operator's own procedures: row names the mistake as that page has it,
// wrong is a document with it, right does the same thing well.
func TestEveryRow(t *testing.T) {
	const zone, stage = "recovery_target_time = '2026-01-30 10:00:00", "gpg --output key.staged --decrypt key.gpg"
	for _, c := range []struct{ row, rule, wrong, right string }{
		// Chain and keys.
		{"failover by systemctl stop and start", "wrong-stop-is-no-fence", "sudo systemctl stop virtengine\n# only ONE validator", "sudo systemctl disable --now virtengine\nsystemctl show -p ActiveState virtengine"},
		{"stop failed validator by SSH", "wrong-ssh-stop", "ssh failed-validator 'sudo systemctl stop virtengine'", "ssh witness-1 'virtengine query slashing signing-info'"},
		{"unsafe-reset-all after restoring the key", "wrong-reset-all", "virtengine tendermint unsafe-reset-all", "virtengine comet reset-state"},
		{"cometbft unsafe_reset_all", "wrong-reset-all", "cometbft unsafe_reset_all", "cometbft reset-state"},
		{"gaiad unsafe_reset_all", "wrong-reset-all", "gaiad unsafe_reset_all --home ~/.gaia", "gaiad comet reset-state --home ~/.gaia"},
		{"a sign state by printf", "wrong-sign-state-written", `printf '{"height":"0","round":0,"step":0}' > ~/.virtengine/data/priv_validator_state.json`, "printf '{}' > \"$work/state\"\ncp \"$work/state\" \"$home/data/priv_validator_state.json.staged\""},
		{"a sign state by echo", "wrong-sign-state-written", `echo '{"height":"0"}' >priv_validator_state.json`, "echo done >> /var/log/priv_validator_state.json.log"},
		{"a sign state by tee", "wrong-sign-state-written", `echo "$zero" | sudo tee -a "$HOME/.virtengine/data/priv_validator_state.json" > /dev/null`, "sudo cat ~/.virtengine/data/priv_validator_state.json | tee /srv/evidence/priv_validator_state.json"},
		{"a sign state by a heredoc", "wrong-sign-state-written", "cat > $home/data/priv_validator_state.json <<X\n{}\nX", "ssh val-1 sudo cat /home/v/.virtengine/data/priv_validator_state.json > evidence/priv_validator_state.json"},
		{"a sign state by cat of a backup", "wrong-sign-state-written", "cat backup/priv_validator_state.json > ~/.virtengine/data/priv_validator_state.json", "sha256sum ~/.virtengine/data/priv_validator_state.json > sums"},
		{"a sign state edited", "wrong-sign-state-written", `sed -i 's/"height": ".*"/"height": "0"/' data/priv_validator_state.json`, `sed -n 's/.*"height"[^0-9]*\([0-9][0-9]*\).*/\1/p' data/priv_validator_state.json`},
		{"an old sign state put back", "wrong-sign-state-restored", "cp backup/priv_validator_state.json ~/.virtengine/data/", "cp -p ~/.virtengine/data/priv_validator_state.json /srv/backup/"},
		{"an old sign state put back by name", "wrong-sign-state-restored", "sudo cp -p /backup/data/priv_validator_state.json \"$HOME/.virtengine/data/priv_validator_state.json\"", "sudo mv \"$home/data/priv_validator_state.json.staged\" \"$home/data/priv_validator_state.json\""},
		{"an old sign state put back by mv", "wrong-sign-state-restored", "mv priv_validator_state.json.bak ~/.gaia/data/priv_validator_state.json && echo ok", "cp data/priv_validator_state.json /srv/evidence/data/"},
		{"an old sign state put back by scp", "wrong-sign-state-restored", "scp vault:priv_validator_state.json /root/.virtengine/data", "scp val-1:/home/v/.virtengine/data/priv_validator_state.json /srv/evidence/data/"},
		{"a raised sign state", "wrong-sign-state-restored", "ssh val-1 'cp old/priv_validator_state.json .virtengine/data/'", "cp \"$work/priv_validator_state.json.raised\" \"$home/data/priv_validator_state.json\""},
		{"an old sign state put back by -t", "wrong-sign-state-restored", "cp -t ~/.virtengine/data backup/priv_validator_state.json", "rsync -a --exclude priv_validator_state.json snapshot/ ~/.virtengine/data/"},
		{"the sign state removed", "wrong-reset-all", "rm -f ~/.virtengine/data/priv_validator_state.json", "rm -f ~/.virtengine/data/priv_validator_state.json.staged"},
		{"a sign state behind a backslash", "wrong-sign-state-restored", "cp backup/priv_validator_state.json \\\n  ~/.virtengine/data/", "cp ~/.virtengine/data/priv_validator_state.json \\\n  /srv/evidence/"},
		{"genesis behind a backslash", "wrong-download", "curl -s https://example.org/g \\\n  -o genesis.json", "curl -s https://example.org/g \\\n  -o genesis.json\necho \"$sum  genesis.json\" | sha256sum -c"},
		{"restore keys, then check the old node", "wrong-key-before-proof", "gpg -d keys.tar.gz.gpg | tar -xzf - -C ~/.virtengine/", stage},
		{"< 1/3 validators affected", "wrong-count-not-power", "# 2. If < 1/3 validators affected", "# 2. While more than 2/3 of the voting power is online"},
		{"curl of RPC from outside", "wrong-rpc-outside", "curl -s http://$node:26657/status", "ssh $node curl -s http://127.0.0.1:26657/status"},
		{"a node that answers is fine", "wrong-answer-is-no-proof", "curl -s http://127.0.0.1:26657/status || echo UNREACHABLE", "curl -s http://127.0.0.1:26657/status | jq .result.sync_info.latest_block_time"},
		{"wget and tar of binaries", "wrong-download", "wget https://example.org/v1/virtengine_linux_amd64.tar.gz\ntar -xzf virtengine_linux_amd64.tar.gz", "wget https://example.org/v1/virtengine_linux_amd64.tar.gz\nsha256sum -c v1.sha256\ntar -xzf virtengine_linux_amd64.tar.gz"},
		{"latest.tar.lz4", "wrong-unpinned", "wget https://example.org/virtengine-1/latest.tar.lz4", "wget https://example.org/virtengine-1/8123000.tar.lz4\nsha256sum -c 8123000.sha256"},
		{"a snapshot piped into tar", "wrong-unpack-pipe", "lz4 -d latest.tar.lz4 | tar -xf - -C data", "sha256sum -c snap.sha256\nlz4 -d snap.tar.lz4 snap.tar\ntar -xf snap.tar -C data"},
		{"restart all validators together", "wrong-restart-together", "for n in $validators; do ssh $n sudo systemctl restart virtengine; done", "ssh val-1 sudo systemctl restart virtengine"},
		{"double_sign_check_height = 10 on a halted chain", "wrong-double-sign-check", "sed -i 's/^double_sign_check_height.*/double_sign_check_height = 10/' config.toml\nsystemctl start virtengine", "sed -i 's/^double_sign_check_height.*/double_sign_check_height = 0/' config.toml\nsystemctl start virtengine"},
		{"genesis by wget", "wrong-download", "wget -O genesis.json https://example.org/genesis.json", "wget -O genesis.json https://example.org/genesis.json\nsha256sum -c genesis.sha256"},
		{"genesis through a pipe", "wrong-download", "wget -qO- https://example.org/genesis.json > ~/.virtengine/config/genesis.json", "wget -qO- https://example.org/genesis.json > genesis.json\necho \"$sum  genesis.json\" | sha256sum -c -"},
		{"genesis by curl and a redirect", "wrong-download", "curl -s $rpc/genesis | jq .result.genesis > genesis.json", "curl -s $rpc/genesis | jq .result.genesis > genesis.json\nsum=$(sha256sum genesis.json)\n[ \"${sum%% *}\" = \"$WANT\" ]"},
		{"genesis, its sum only shown", "wrong-download", "curl -s https://example.org/g > genesis.json\nsha256sum genesis.json", "curl -s https://example.org/g > genesis.json\nsha256sum genesis.json | grep -q \"^$WANT \""},
		{"genesis, the sum compared before", "wrong-download", "sha256sum -c old.sha256\ncurl https://example.org/genesis.json > genesis.json", "test \"$(curl -s https://example.org/genesis.json | tee genesis.json | sha256sum)\" = \"$WANT  -\""},
		// Database.
		{"pg_wal_replay", "wrong-wal-replay", "pg_wal_replay -D data --recovery-target-time=now", "touch recovery.signal"},
		{"pg_restore, then apply WAL logs", "wrong-wal-on-dump", "pg_restore -d db a.dump\n# 4. apply WAL logs", "pg_verifybackup base\ntouch recovery.signal"},
		{"recovery.conf", "wrong-recovery-conf", "cat > /var/lib/postgresql/data/recovery.conf", "cat >> postgresql.auto.conf\ntouch recovery.signal"},
		{"rm -rf of the data directory", "wrong-data-removed", "rm -rf /var/lib/postgresql/data/*", "pg_verifybackup base\nmv /var/lib/postgresql/15/main /var/lib/postgresql/15/main.aside"},
		{"verify by SELECT COUNT(*)", "wrong-verify-count", "psql -c 'SELECT COUNT(*) FROM blocks'", "psql -c 'SELECT max(at) FROM heartbeat'"},
		{"verify by pg_is_in_recovery", "wrong-verify-count", "psql -c 'SELECT pg_is_in_recovery()'", "psql -c 'SELECT pg_last_xact_replay_timestamp()'"},
		{"scale the API to 0 replicas", "wrong-scale-zero", "kubectl scale deployment virtengine-api --replicas=0", "kubectl get deployment virtengine-api -o jsonpath='{.spec.replicas}'\nkubectl scale deployment virtengine-api --replicas=0"},
		{"recovery_target_time without a zone", "wrong-target-zone", zone + "'", zone + "+00'"},
		{"recovery_target_time by echo", "wrong-target-zone", "echo \"" + zone + "'\" >> r.conf", "echo \"" + zone + "+00'\" >> r.conf"},
		{"recovery_target_time by ALTER SYSTEM", "wrong-target-zone", "psql -c \"ALTER SYSTEM SET recovery_target_time TO '2026-01-30 10:00:00'\"", "psql -c \"ALTER SYSTEM SET recovery_target_time TO '2026-01-30 10:00:00 UTC'\""},
		{"service postgresql restart", "wrong-unit-postgresql", "sudo service postgresql restart", "sudo pg_ctlcluster 15 main restart"},
		{"/etc/init.d/postgresql restart", "wrong-unit-postgresql", "ssh db '/etc/init.d/postgresql restart'", "ssh db 'systemctl restart postgresql@15-main'"},
		{"systemctl restart postgresql in quotes", "wrong-unit-postgresql", "ssh db 'sudo systemctl restart postgresql'", "ls /etc/init.d/postgresql /usr/lib/postgresql"},
		{"recovery that promotes by itself", "wrong-target-promote", "recovery_target_action = 'promote'", "recovery_target_action = 'pause'"},
		{"restore_command that fails", "wrong-restore-silent", "restore_command = 'gsutil cp gs://b/%f %p'", "restore_command = 'gsutil cp gs://b/%f %p'\npsql -c 'SELECT pg_last_xact_replay_timestamp()'"},
		{"systemctl restart postgresql", "wrong-unit-postgresql", "sudo systemctl restart postgresql", "sudo systemctl restart postgresql@15-main"},
		{"a primary restored while a replica was promoted", "wrong-split-brain", "tar -xzf base.tar.gz -C /var/lib/postgresql/15/main", "pg_rewind -D /var/lib/postgresql/15/main --source-server=new\npg_basebackup -D /var/lib/postgresql/15/aside"},
		// Monitoring and the rest.
		{"POST /api/v1/alerts", "wrong-alerts-v1", "curl -X POST http://am:9093/api/v1/alerts -d '[]'", "curl -X POST http://am:9093/api/v2/alerts -d '[{\"endsAt\":\"…\"}]'"},
		{"a test alert without an end", "wrong-alerts-no-end", "curl -X POST http://am:9093/api/v2/alerts -d '[{\"labels\":{}}]'", "curl -X POST http://am:9093/api/v2/alerts -d '[{\"endsAt\":\"2026-01-30T10:00:00Z\"}]'"},
		{"systemctl start prometheus grafana alertmanager", "wrong-start-unchecked", "ssh dr 'sudo systemctl start prometheus grafana alertmanager'", "ssh dr 'sudo systemctl start prometheus'\ncurl -s http://dr:9090/api/v1/targets | jq '.data.activeTargets[] | select(.health != \"up\")'"},
		{"count of activeTargets", "wrong-active-targets", "jq '.data.activeTargets | length'", "jq '[.data.activeTargets[] | select(.health != \"up\")] | length'"},
		{"curl -k of the health page", "wrong-curl-insecure", "curl -k https://localhost:8443/health", "curl --cacert ca.pem https://localhost:8443/health"},
		{"DNS failover without a check", "wrong-dns-unread", "aws route53 change-resource-record-sets --change-batch file://dr.json", "aws route53 change-resource-record-sets --change-batch file://dr.json\ndig +noall +answer rpc.example.org @ns1.example.org"},
		{"kubectl scale, then nothing", "wrong-scale-unchecked", "kubectl scale deployment provider-daemon --replicas=5", "kubectl scale deployment provider-daemon --replicas=5\nkubectl rollout status deployment provider-daemon --timeout=5m"},
		{"gpg --list-packets", "wrong-list-packets", "gpg --list-packets \"$backup\"", "sha256sum -c /backups/manifest"},
		{"pg_restore succeeded", "wrong-restore-lenient", "pg_restore -d test_restore \"$dump\"", "pg_restore --exit-on-error -d test_restore \"$dump\""},
		{"pg_restore -l says ok", "wrong-restore-lenient", "pg_restore -l \"$dump\"", "pg_restore --exit-on-error -d test_restore \"$dump\""},
		{"newest file by ls -t | head", "wrong-newest-only", "L=$(ls -t /backups/database/*.dump | head -1)", "for b in $expected; do test -s \"$b\"; done"},
		{"createdb test_restore_$(date)", "wrong-date-name", "createdb test_restore_$(date +%Y%m%d)", "createdb \"$name\""},
	} {
		t.Run(c.row, func(t *testing.T) {
			for _, form := range []struct{ name, before, after string }{
				{"document", "# Guide\n\n```bash\n", "\n```\n"},
				{"indented", "# Guide\n\nText.\n\n    ", "\n\nText.\n"},
				{"runbook", "# T\n\n```toml runbook\nid = \"t\"\n```\n\n## During: work\n\n- [ ] **Do** `{role=ops id=do}`\n\n  ```sh run {host=local}\n  ", "\n  ```\n"},
			} {
				if !checkFinds(c.rule, form.before+indented(c.wrong, form.name)+form.after) {
					t.Errorf("%s: %s does not fire on %q", form.name, c.rule, c.wrong)
				}
				if checkFinds(c.rule, form.before+indented(c.right, form.name)+form.after) {
					t.Errorf("%s: %s fires on %q", form.name, c.rule, c.right)
				}
			}
		})
	}
}

// indented is the code as it stands in a step.
func indented(code, form string) string {
	switch form {
	case "runbook":
		return strings.ReplaceAll(code, "\n", "\n  ")
	case "indented":
		return strings.ReplaceAll(code, "\n", "\n    ")
	}
	return code
}

// checkFinds: one of the documents, checked together, has a problem of the rule.
func checkFinds(rule string, docs ...string) bool {
	var files []File
	for i, d := range docs {
		files = append(files, File{Path: string(rune('a'+i)) + ".md", Src: []byte(d)})
	}
	for _, c := range Check(files, nil, Against{Today: time.Date(2026, 1, 30, 0, 0, 0, 0, time.UTC)}) {
		for _, p := range c.Problems {
			if p.Rule == rule {
				return true
			}
		}
	}
	return false
}

// TestEveryContradiction: what the operator's documents contradict each other
// about is found between two documents or inside one, and is silent once they
// agree.
func TestEveryContradiction(t *testing.T) {
	table := func(head, row string) string { return "# D\n\n" + head + "\n|---|---|---|\n" + row + "\n" }
	const scope, by = "| Component | RPO | RTO |", "| Component | RTO | RPO |"
	for _, c := range []struct {
		what, rule   string
		wrong, right []string
	}{
		{"Monitoring RTO", "conflict-rto",
			[]string{table(scope, "| Monitoring infrastructure | 5 min | 15 min |") + table(by, "| Monitoring | 30 min | 5 min |")},
			[]string{table(scope, "| Monitoring infrastructure | 5 min | 30 min |") + table(by, "| Monitoring | 30 min | 5 min |")}},
		{"an RPO in two documents", "conflict-rpo",
			[]string{table(scope, "| Provider daemons | 1 hour | 30 min |"), table(by, "| Provider daemon | 30 min | 15 min |")},
			[]string{table(scope, "| Provider daemons | 1 hour | 30 min |"), table(by, "| Provider daemon | 30 min | 1 hour (usage data) |")}},
		{"databases have no row by component", "conflict-row-missing",
			[]string{table(scope, "| Monitoring | 5 min | 15 min |\n| Supporting databases | 15 min | 1 hour |") + table(by, "| Monitoring | 15 min | 5 min |\n| Supporting services | 1 hour | 15 min |")},
			[]string{table(scope, "| Monitoring | 5 min | 15 min |\n| Supporting databases | 15 min | 1 hour |") + table(by, "| Monitoring | 15 min | 5 min |\n| Databases | 1 hour | 15 min |")}},
		{"first status page post", "conflict-first-post",
			[]string{"# A\n\n| Users | Status page | 30 min | Service status |\n", "# B\n\nSEV-1: the first post on the status page within 15 minutes.\n"},
			[]string{"# A\n\n| Users | Status page | 15 min | Service status |\n", "# B\n\nSEV-1: the first post on the status page within 15 minutes.\n"}},
		{"update cadence", "conflict-cadence",
			[]string{"# A\n\n```\nWe will provide updates every 30 minutes.\n```\n", "# B\n\nSEV-1: updates every 15 min.\n"},
			[]string{"# A\n\nSEV-2: updates every 30 minutes.\n", "# B\n\nSEV-1: updates every 15 min.\n"}},
		{"internal cadence of the training", "conflict-cadence",
			[]string{"# A\n\nSEV-1: updates every 15 minutes\n", "# C\n\nPost internal updates every 10 minutes.\n"},
			[]string{"# A\n\nNext update {{next_update}}.\n", "# C\n\nPost internal updates every 10 minutes.\n"}},
		{"snapshots", "conflict-snapshot-age",
			[]string{"# A\n\n| Chain data | S3 | Hourly snapshots |\n\n```bash\nif [ $SNAPSHOT_AGE -gt 24 ]; then exit 1; fi\n```\n"},
			[]string{"# A\n\n| Chain data | S3 | Hourly snapshots |\n\n```bash\nif [ $SNAPSHOT_AGE -gt 1 ]; then exit 1; fi\n```\n"}},
		{"post-incident report", "conflict-report-due",
			[]string{"# A\n\nA post-incident report will be published within 48 hours.\n", "# B\n\nThe post-incident report is published within 5 business days.\n"},
			[]string{"# A\n\nA post-incident report will be published within 48 hours.\n", "# B\n\nThe post-incident report is published within 2 days.\n"}},
	} {
		if !checkFinds(c.rule, c.wrong...) {
			t.Errorf("%s: %s does not fire", c.what, c.rule)
		}
		if checkFinds(c.rule, c.right...) {
			t.Errorf("%s: %s fires on documents that agree", c.what, c.rule)
		}
	}
}

// TestFiguresOfTheConfiguration: a document that says something else than the
// configuration is told so; where two of its figures contradict each other,
// agreeing with one is enough.
func TestFiguresOfTheConfiguration(t *testing.T) {
	figures := []Figure{
		{Rule: "conflict-rto", About: "Monitoring", Said: "15m", Worth: 15 * time.Minute, Where: "relight.toml"},
		{Rule: "conflict-rto", About: "Monitoring", Said: "30m", Worth: 30 * time.Minute, Where: "relight.toml"},
		{Rule: "conflict-rto", About: "Validator node", Said: "15m", Worth: 15 * time.Minute, Where: "relight.toml"},
		{Rule: "conflict-cadence", Severity: "1", Said: "15m", Worth: 15 * time.Minute, Where: "relight.toml"},
		{Rule: "conflict-cadence", Severity: "2", Said: "30m", Worth: 30 * time.Minute, Where: "relight.toml"},
	}
	row := func(cells string) string { return "# D\n\n| Component | RTO |\n|---|---|\n| " + cells + " |\n" }
	for doc, want := range map[string]string{
		row("Monitoring infrastructure | 30 min"): "",
		row("Monitoring | 1 hour"):                "two figures for RTO of Monitoring: 1 hour here, 30m in relight.toml",
		row("Blockchain (validators) | 20 min"):   "20 min here, 15m in relight.toml",
		row("Mail | 20 min"):                      "",
		"# D\n\nSEV-1: updates every 30 min.\n":   "30 min here, 15m in relight.toml",
		"# D\n\nSEV-2: updates every 30 min.\n":   "",
		"# D\n\nUpdates every 30 minutes.\n":      "",
		"# D\n\nUpdates every 45 minutes.\n":      "45 minutes here",
	} {
		got := ""
		for _, c := range Check([]File{{Path: "d.md", Src: []byte(doc)}}, nil, Against{Figures: figures}) {
			for _, p := range c.Problems {
				if strings.HasPrefix(p.Rule, "conflict-") {
					got += p.Text
				}
			}
		}
		if want == "" && got != "" || !strings.Contains(got, want) {
			t.Errorf("%q: %q, want %q", doc, got, want)
		}
	}
}

// TestRulesAreListed: each rule about real systems is listed once, with what to
// do instead, and each that is listed exists.
func TestRulesAreListed(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range Rules() {
		if seen[r.ID] || r.Text == "" || r.Hint == "" {
			t.Errorf("%+v stands twice or says nothing", r)
		}
		seen[r.ID] = true
	}
	for _, id := range []string{"wrong-mask", "wrong-restart-together", "conflict-cadence", "conflict-report-due", "capture-first", "review-past"} {
		if !seen[id] {
			t.Errorf("%s is not listed", id)
		}
	}
}
