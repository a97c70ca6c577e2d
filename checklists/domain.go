package checklists

import (
	"fmt"
	"regexp"
	"strings"
	"sync"

	"github.com/virtengine/relight/lazy"
)

// slip is a command that people copy from one document into the next and
// that does the wrong thing on real systems. Each was tried; the reasons are
// in docs and in the hints.
type slip struct {
	rule  string
	has   string                 // plain text without which line cannot match: it is looked for first
	line  *regexp.Regexp         // a line of code, comments included when inComments
	saved *regexp.Regexp         // not a slip when the same block has this
	also  *regexp.Regexp         // a slip only when the same block has this
	warn  bool                   // worth a look, not always wrong
	notes bool                   // comments count too
	wide  bool                   // in a runbook, saved may stand in any block that runs
	later bool                   // saved counts from the line itself on, not before it
	spare func(line string) bool // nil, or: this line does it well
	text  string
	hint  string
}

// slips is the table, compiled once.
var slips = sync.OnceValue(func() []slip {
	re := regexp.MustCompile
	return []slip{
		{rule: "wrong-reset-all", has: "unsafe", line: re(`unsafe[-_]reset[-_](all|priv[-_]validator)`), text: "this sets the sign state to zero, the last guard against signing twice", hint: "remove the data only (comet reset-state), and never lower the sign state"},
		{rule: "wrong-reset-all", has: stateFile, line: re(stateRemoved), warn: true, text: "the sign state is the last guard against signing twice, and this takes it away", hint: "leave it where it is, or move it aside as evidence once the key can sign nowhere"},
		{rule: "wrong-sign-state-written", has: stateFile, line: re(stateWritten), spare: stateCopied, text: "a sign state written by hand may lie below what the key has signed: it signs the same height twice", hint: "read the real one of the host that signed last and raise it: a file .staged beside it, key.mark and the fence; keep it otherwise"},
		{rule: "wrong-sign-state-restored", has: stateFile, line: re(statePlaced), spare: stateKept, text: "a sign state from a backup is older than what the key has signed since: it signs the same heights twice", hint: "never put an old sign state back: stage one above all that was seen (.staged), and start with fence=$key"},
		{rule: "wrong-stop-is-no-fence", has: "stop", line: re(`systemctl\s+stop\s+["']?(virtengine|\$\w*_unit)`), saved: re(`systemctl\s+disable`), warn: true, text: "a stopped unit is still enabled and signs again after a reboot", hint: "disable --now, and a drop-in with AssertPathExists= on a path that does not exist; then read it back"},
		{rule: "wrong-ssh-stop", has: "ssh", line: re(`\bssh\b.*systemctl\s+(stop|disable)\s+(--now\s+)?["']?(virtengine|\$\w*unit)`), warn: true, text: "a failed host is often out of reach, and a time-out of SSH proves nothing", hint: "host=$failed on the block, then verify host($failed).fenced == true; out of reach: cut its power and read that back, or an override by two people"},
		{rule: "wrong-mask", has: "mask", line: re(`systemctl\s+mask\b`), warn: true, text: "mask fails for a unit in /etc/systemd/system and leaves it running", hint: "use a drop-in with AssertPathExists= on a path that does not exist"},
		{rule: "wrong-count-not-power", has: "1/3", line: re(`(<|>|≥|≤|>=|<=)\s*1/3\s+(of\s+)?(the\s+)?validators`), warn: true, notes: true, text: "validators are counted where voting power decides", hint: "the chain goes on while 3*online > 2*total, in voting power: use chain.power_online > 2/3"},
		{rule: "wrong-rpc-outside", has: ":26657", line: re(`curl\b.*https?://["']?[$A-Za-z{][^/ ]*:26657`), saved: re(`https?://(localhost|127\.0\.0\.1):26657`), warn: true, text: "RPC listens on 127.0.0.1 on a hardened host: from outside nothing answers", hint: "ask through the host (rpc = \"ssh:127.0.0.1:26657\"); in a runbook use a probe"},
		{rule: "wrong-answer-is-no-proof", has: "/status", line: re(`/status\b.*\|\|\s*echo`), warn: true, text: "a node of a halted chain answers too, with old blocks", hint: "look at the age of the last block by a clock of your own, and compare nodes"},
		{rule: "wrong-download", has: "//", line: re(`\b(wget|curl)\b.*(\.tar(\.\w+)?|\.tgz|\.zip|_amd64|_arm64)\b`), saved: re(`sha256sum|gpg\s+--verify|cosign\s+verify|shasum`), warn: true, text: "what is downloaded is not verified", hint: "compare sha256 or a signature before it is unpacked or used, and pin the version"},
		{rule: "wrong-download", has: "genesis.json", line: re(`\b(wget|curl)\b.*genesis\.json\b`), saved: re(sumCompared), later: true, warn: true, text: "what is downloaded is not verified", hint: "compare its sha256 with the one of the network's register before it is used"},
		{rule: "wrong-unpinned", has: "latest", line: re(`\b(wget|curl)\b.*/latest([./]|\b)`), warn: true, text: "what \"latest\" is changes from one hour to the next", hint: "pin a version or a height, with its sha256"},
		{rule: "wrong-unpack-pipe", has: "tar", line: re(`(lz4|zstd|gzip|curl|wget)\b.*\|\s*tar\b`), warn: true, text: "a torn download unpacks half", hint: "download, verify, then unpack"},
		{rule: "wrong-key-before-proof", has: "gpg", line: re(`gpg\b.*(-d|--decrypt)\b.*(\|\s*tar|>\s*\S*priv_validator_key)`), text: "the key is restored before anything proves that nothing else signs with it", hint: "proof first, key last: fence, read the sign state, stage, then start with fence=$key"},
		{rule: "wrong-restart-together", has: "start", line: re(`(\bfor\b|ansible|parallel|pssh|xargs).*systemctl\s+(re)?start\s+["']?virtengine`), text: "validators that start together refuse to sign and never heal while double_sign_check_height is above 0", hint: "one by one; on a halted chain set it to 0 after proving single instances"},
		{rule: "wrong-double-sign-check", has: "double_sign_check_height", line: re(`double_sign_check_height["']?\s*=\s*["']?[1-9]`), also: re(`systemctl\s+(re)?start|\bstart\b`), warn: true, text: "with a check height above 0 validators that start on a halted chain all refuse, and it never heals", hint: "0 on a halted chain after proving single instances, or restart one by one"},
		{rule: "wrong-wal-replay", has: "pg_wal_replay", line: re(`pg_wal_replay\b`), text: "there is no such program", hint: "a physical base backup, restore_command and recovery.signal"},
		{rule: "wrong-wal-on-dump", has: "pg_restore", line: re(`\bpg_restore\b`), also: re(`(?i)pg_wal|recovery_target|recovery-target|wal logs|wal files`), text: "WAL cannot be applied on a restored dump", hint: "point-in-time recovery starts from a physical base backup"},
		{rule: "wrong-recovery-conf", has: "recovery.conf", line: re(`recovery\.conf`), text: "PostgreSQL 12 and later refuse to start with recovery.conf", hint: "settings in postgresql.auto.conf, and an empty recovery.signal"},
		{rule: "wrong-data-removed", has: "rm", line: re(`\brm\s+-\w*[rR]\w*\s+(-\w+\s+)*["']?\S*(postgresql|pgdata|PGDATA|\.virtengine)\S*(/data|/main|/\*|data["']?$)`), text: "this throws away what was never archived", hint: "verify the backup first, then move the old folder aside"},
		{rule: "wrong-verify-count", line: re(`(?i)select\s+count\(\*\)|pg_is_in_recovery\(\)`), saved: re(`(?i)pg_last_xact_replay_timestamp|timeline|heartbeat|pg_control_|count\(\*\)\s*(>=|=|>\s*[1-9$:])|max\(`), wide: true, warn: true, text: "this says nothing about how much is missing", hint: "compare the last transaction's time with the target, the timeline, and counts against a known mark"},
		{rule: "wrong-scale-zero", has: "kubectl", line: re(`kubectl\s+scale\b.*--replicas[= ]0\b`), saved: re(`kubectl\s+get\b`), wide: true, warn: true, text: "the number of replicas is lost, and other writers go on", hint: "record the number first, block connections, restore the recorded number"},
		{rule: "wrong-scale-unchecked", has: "kubectl", line: re(`kubectl\s+scale\b.*--replicas[= ]["']?[1-9$]`), saved: re(`rollout\s+status`), wide: true, warn: true, text: "the pods may stay pending", hint: "kubectl rollout status with a timeout, then count the ready ones"},
		{rule: "wrong-target-zone", has: "recovery", line: re(`recovery[_-]target[_-]time(\s*=|\s+(TO|to)\s)\s*["'\\]*[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9:.]+(["'\\]|\s*($|[>|;&)#]))`), text: "without +00 the server's own zone decides: one zone promotes at the wrong moment, in silence", hint: "write the time with +00"},
		{rule: "wrong-target-promote", has: "recovery_target_action", line: re(`recovery_target_action\s*=\s*["']?promote`), warn: true, text: "the server is promoted before anybody has looked", hint: "pause, inspect, then resume"},
		{rule: "wrong-restore-silent", has: "restore_command", line: re(`restore_command\s*=`), saved: re(`pg_last_xact_replay_timestamp|heartbeat|timeline`), wide: true, warn: true, text: "when restore_command fails without a target, the server promotes the bare base backup in silence", hint: "check afterwards: last transaction's time, timeline, a heartbeat row"},
		{rule: "wrong-unit-postgresql", has: "postgresql", line: re(`(systemctl\s+(-\S+\s+)*[\w-]+\s+(-\S+\s+)*postgresql(\.service)?|\bservice\s+postgresql\s+[\w-]+|/etc/init\.d/postgresql\s+[\w-]+)(\s|$|["';&|)])`), text: "on Debian that unit is /bin/true", hint: "postgresql@15-main, or pg_ctlcluster"},
		{rule: "wrong-split-brain", has: "postgresql", line: re(`(tar\b.*|pg_basebackup\b.*|cp\b.*)/var/lib/postgresql`), saved: re(`pg_rewind|fence`), wide: true, warn: true, text: "a primary is restored while a replica may have been promoted", hint: "fence the old primary first, rejoin it with pg_rewind"},
		{rule: "wrong-alerts-v1", has: "/api/v1/alerts", line: re(`/api/v1/alerts\b`), text: "Alertmanager 0.27 has removed this path", hint: "/api/v2/alerts with an endsAt, and see that the alert arrived"},
		{rule: "wrong-alerts-no-end", has: "/api/v2/alerts", line: re(`\bcurl\b.*(-X\s*POST|\s-d\b|--data|--json).*/api/v2/alerts|\bcurl\b.*/api/v2/alerts.*(\s-d\b|--data|--json|\\\s*$)`), saved: re(`endsAt`), warn: true, text: "the test alert has no end: it stays, or pages somebody at night", hint: "send it with an endsAt, and see that it arrived at the receiver"},
		{rule: "wrong-start-unchecked", has: "systemctl", line: re(`systemctl\s+(re)?start\b.*\b(prometheus|alertmanager|grafana)`), saved: re(`\.health|"up"|/-/(ready|healthy)`), wide: true, warn: true, text: "started is not watching: nothing looks whether the targets are up", hint: "require health == \"up\" for all targets but named ones"},
		{rule: "wrong-active-targets", has: "activeTargets", line: re(`activeTargets`), saved: re(`\.health|"up"`), warn: true, text: "this counts targets that are down, too", hint: "require health == \"up\" for all but named ones"},
		{rule: "wrong-curl-insecure", has: "curl", line: re(`\bcurl\b.*\s(-\w*k\w*|--insecure)(\s|$)`), text: "any certificate is accepted, and a body of ok checks nothing", hint: "verify the certificate, and check that the service serves"},
		{rule: "wrong-dns-unread", has: "change-resource", line: re(`change-resource-record-sets`), saved: re(`\bdig\b|get-change|wait\s+resource-record-sets-changed`), wide: true, warn: true, text: "nobody looks whether the name has moved", hint: "read it back from the authoritative servers, and show the TTL that is left"},
		{rule: "wrong-list-packets", has: "--list-packets", line: re(`gpg\b.*--list-packets`), text: "this passes an empty archive and wrong content", hint: "recipient and sha256 against a manifest; the decrypting test on the offline host, in a pipe"},
		{rule: "wrong-restore-lenient", has: "pg_restore", line: re(`\bpg_restore\s+(-l\b|-d\b|.*-d\b)`), saved: re(`--exit-on-error`), warn: true, text: "pg_restore says ok after errors", hint: "--exit-on-error into a throwaway cluster, count > 0, no gaps, newest row's age, pg_amcheck"},
		{rule: "wrong-newest-only", has: "head", line: re(`\bls\s+-\w*t\w*\b.*\|\s*head`), warn: true, text: "one file is checked, and gaps, empty and torn files are not seen", hint: "every expected backup: there, age, size against the last, checksum, restore"},
		{rule: "wrong-date-name", has: "$(date", line: re(`\b(createdb|dropdb)\b.*\$\(date`), text: "the name changes at midnight, and the database stays behind on failure", hint: "one name in a variable, removed on every way out"},
	}
})

// Slips finds the commands that fail on real systems in one piece of code. The
// first line of text is line first of the file path.
func Slips(path, text string, first int) []Problem { return slipsAmong(path, text, first, text) }

// slipsAmong is Slips for a block of a runbook; all is everything that it runs.
func slipsAmong(path, text string, first int, all string) []Problem {
	var out []Problem
	lines := strings.Split(text, "\n")
	for _, s := range slips() {
		if !strings.Contains(text, s.has) || s.also != nil && !s.also.MatchString(text) {
			continue
		}
		around, looked := text, false
		if s.wide {
			around = all
		}
		for i := range lines {
			n, at := s.on(lines, i)
			if at < 0 {
				continue
			}
			if s.later {
				around = strings.Join(lines[i:], "\n")
				if s.saved.MatchString(around) {
					continue
				}
			}
			if !s.later && !looked && s.saved != nil && s.saved.MatchString(around) {
				break
			}
			looked = true
			out = append(out, Problem{File: path, Line: first + n, Col: at + 1, Rule: s.rule, Text: s.text, Hint: s.hint, Warn: s.warn})
		}
	}
	return sortProblems(out)
}

// on says where line i is a slip: the index of the line and of the byte, -1
// nowhere. A command that goes on behind a backslash is read as one, where none
// of its lines is a slip by itself.
func (s slip) on(lines []string, i int) (n, at int) {
	if at := s.at(lines[i]); at >= 0 {
		return i, at
	}
	if !goesOn(lines, i) || i > 0 && goesOn(lines, i-1) {
		return i, -1
	}
	whole, starts := "", []int{}
	for n = i; n < len(lines) && (n == i || goesOn(lines, n-1)); n++ {
		if n > i && s.at(lines[n]) >= 0 {
			return i, -1
		}
		starts = append(starts, len(whole))
		whole += strings.TrimSuffix(lines[n], "\\")
	}
	at = s.at(whole)
	for k := len(starts) - 1; k > 0 && at >= 0; k-- {
		if at >= starts[k] {
			return i + k, at - starts[k]
		}
	}
	return i, at
}

// goesOn: the command of line i goes on in the next one.
func goesOn(lines []string, i int) bool {
	return strings.HasSuffix(lines[i], "\\") && i+1 < len(lines) && !strings.HasPrefix(strings.TrimSpace(lines[i]), "#")
}

// at is where one line is a slip, -1 nowhere.
func (s slip) at(line string) int {
	if !strings.Contains(line, s.has) || !s.notes && strings.HasPrefix(strings.TrimSpace(line), "#") {
		return -1
	}
	found := s.line.FindStringIndex(line)
	if found == nil || s.spare != nil && s.spare(line) {
		return -1
	}
	return found[0]
}

// SlipsInDocument looks through the code of any Markdown document, runbook or
// not: fenced, or set off by an indent. It never fails: what it cannot read
// holds no finding.
func SlipsInDocument(path string, src []byte) []Problem {
	var out []Problem
	lines := newSource(src).lines
	look := func(from, to int) { // lines by their index
		out = append(out, Slips(path, strings.Join(lines[from:to], "\n"), from+1)...)
	}
	for i := 0; i < len(lines); i++ {
		if open := fenceLine.FindStringSubmatch(lines[i]); open != nil {
			end := i + 1
			for end < len(lines) && !closes(lines[end], open[2]) {
				end++
			}
			look(min(i+1, len(lines)), min(end, len(lines)))
			i = end
			continue
		}
		end := i
		for end < len(lines) && codeIndent.MatchString(lines[end]) && !fenceLine.MatchString(lines[end]) {
			end++
		}
		if end > i {
			look(i, end)
			i = end - 1
		}
	}
	return sortProblems(out)
}

// codeIndent sets a line off as code.
var codeIndent = lazy.Pattern(`^(?:    |\t)\s*\S`)

func closes(line, ticks string) bool {
	line = strings.TrimLeft(line, " \t>")
	return strings.HasPrefix(line, ticks) && strings.Trim(line, ticks[:1]+" ") == ""
}

// domainSlips checks the executable blocks of the book. Illustrations are
// copied by people under pressure, so they are warned of.
func (p *reader) domainSlips() {
	var all strings.Builder
	for n := 1; n <= len(p.src.lines); n++ {
		if p.code[n] == executable {
			all.WriteString(p.src.line(n) + "\n")
		}
	}
	for n := 1; n <= len(p.src.lines); n++ {
		what := p.code[n]
		if what == notCode || n < p.headerLine {
			continue
		}
		end := n
		for end+1 < len(p.code) && p.code[end+1] == what {
			end++
		}
		if n != p.headerLine+1 {
			for _, found := range slipsAmong(p.path, strings.Join(p.src.lines[n-1:min(end, len(p.src.lines))], "\n"), n, all.String()) {
				found.Warn = found.Warn || what == illustration
				p.problems = append(p.problems, found)
			}
		}
		n = end
	}
	for _, sp := range p.spots {
		if r := p.stepAt(sp).Run; r != nil && r.Group != "" && r.Fence != "" && r.Parallel != 1 {
			p.err(r.Line, p.col(r.Line), "wrong-restart-together", fmt.Sprintf("signers of the group %s are started together", r.Group), "write parallel=1: validators that start together refuse to sign and never heal")
		}
	}
}
