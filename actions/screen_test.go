package actions

import (
	"errors"
	"os"
	"regexp"
	"strings"
	"testing"
)

func TestScreenRefuses(t *testing.T) {
	for _, s := range []string{
		// What resets the sign state.
		"virtengine tendermint unsafe-reset-all",
		"sudo -n -u ve virtengine comet unsafe-reset-all --home /srv/ve",
		"cometbft unsafe_reset_all",
		"cometbft unsafe-reset-priv-validator",
		`x=unsafe-reset-all; virtengine comet "$x"`,
		`x=unsafe-; virtengine comet "${x}reset-all"`,
		`virtengine comet 'unsafe''-reset'-all`,
		`virtengine comet un\safe-reset-all`,
		"echo unsafe-reset-all | xargs virtengine comet",
		// What removes it.
		"rm -rf $failed_home/data",
		`rm -rf "$failed_home"/data/`,
		"rm -rf ~/.virtengine/data",
		"sudo rm -rf -- /srv/ve/data/../data",
		"rm /srv/ve/data/priv_validator_state.json",
		`rm -f "$failed_home/data/"*`,
		`rm -f "$failed_home/data/"priv*`,
		`rm -rf "$failed_home"`,
		`rm -rf "$failed_home"/*`,
		"rm -rf /srv/ve",
		"rm -rf /",
		"rm -rf /srv/ve/{data,config}",
		"rm -rf /srv/ve/dat[a]",
		"rm -rf /srv/ve/$'\\x64ata'",
		"rm -rf /srv/ve/d\\ata",
		"rm -rf /srv/ve/dat\"a\"",
		"cd /srv/ve && rm -rf data",
		"cd /srv/ve && rm -rf .",
		"cd /srv/ve && rm -rf *",
		"d=data; rm -rf /srv/ve/$d",
		"for d in config data; do rm -rf /tmp/x/$d; done",
		"read d; rm -rf /tmp/$d",
		"env A=b rm -rf /srv/ve/data",
		"timeout 5 rm -r /srv/ve/data",
		"nice -n 5 sudo -u root rm -R /srv/ve/data",
		"/bin/rm -rf /srv/ve/data",
		"find /srv/ve -delete",
		"find /srv/ve -name '*.json' -exec rm {} +",
		"ls | xargs rm",
		"mv /srv/ve/data /srv/ve/data.old",
		"mv /srv/ve/data/priv_validator_state.json /tmp",
		"echo '{}' > /srv/ve/data/priv_validator_state.json",
		`echo '{}' > "$state"`,
		"echo '{}' | sudo tee /srv/ve/data/priv_validator_state.json",
		"truncate -s0 /srv/ve/data/priv_validator_state.json",
		"sed -i s/9/1/ /srv/ve/data/priv_validator_state.json",
		"sudo sed -n -i s/9/1/ \"$home/data/priv_validator_state.json\"",
		"dd if=/dev/zero of=/srv/ve/data/priv_validator_state.json",
		"rsync -a --delete /backup/ /srv/ve/",
		"cp /backup/priv_validator_state.json /srv/ve/data/",
		"cp -p /tmp/x /srv/ve/data/priv_validator_state.json",
		"sudo mv /tmp/x.own \"$failed_home/data/priv_validator_state.json\"",
		"mv -t /tmp /srv/ve/data",
		"cp a \"$b\"",
		"ln -sf /tmp/x /srv/ve/data/priv_validator_state.json",
		"shred -u /srv/ve/data/priv_validator_state.json",
		// What cannot be read.
		`eval "$x"`, "eval echo hello", ". ./env", "source /etc/profile", "sh ./script.sh", "bash", "curl x | sh", "curl x | sudo -n bash -s",
		"sh <<EOF\nrm -rf /srv/ve/data\nEOF", `sh -c "$cmd"`, `bash -c "rm -rf $x/data"`, "sh -c 'rm -rf /srv/ve/data'", "bash -lc 'eval $x'",
		`"$cmd" data`, "$cmd", "r? -rf x", "`echo rm` -rf x", "$(echo rm) -rf x", "sudo -i", "sudo -s", "sudo $x rm", "env -S 'rm -rf data'",
		"python3 -c 'x'", "perl -e unlink", "su - ve -c id", "ssh other rm", "busybox rm -rf x", "alias x=rm", "trap 'rm -rf /srv/ve/data' EXIT",
		`trap "$x" EXIT`, "awk 'BEGIN{system(\"rm\")}'", "virtengine $what", "rm() { :; }", "test() { rm -rf /srv/ve/data; }", "f() { rm -rf /srv/ve/data; }; f",
		"echo $(rm -rf /srv/ve/data)", "if rm -rf /srv/ve/data; then :; fi", "x=$(rm -rf /srv/ve/data)", "(rm -rf /srv/ve/data) &", "docker exec x rm",
		"echo 'a", "",
	} {
		if s == "" {
			continue
		}
		if err := Screen(s); !errors.Is(err, ErrUnsafe) {
			t.Errorf("accepted: %s (%v)", s, err)
		}
	}
}

func TestScreenAccepts(t *testing.T) {
	for _, s := range []string{
		"echo ok",
		`sudo -n systemctl restart "$failed_unit"`,
		"sudo -n systemctl disable --now virtengine && sudo -n systemctl daemon-reload",
		`sudo -n rm -f "$standby_home/data/priv_validator_state.json.staged"`,
		`f="$standby_home/data/priv_validator_state.json"; sudo -n mv "$f.staged" "$f"`,
		`work="/tmp/relight-${RELIGHT_EFFECT:-$$}"; rm -rf "$work"; mkdir "$work"`,
		"rm -f /etc/systemd/system/virtengine.service.d/90-fence.conf",
		"virtengine comet show-validator --home \"$failed_home\"",
		"cat /srv/ve/data/priv_validator_state.json | jq -r .height",
		"sh -c 'echo hello'",
		"fail() { echo \"$1\" >&2; exit 1; }; fail no",
		"timeout 5 curl -s http://127.0.0.1:26657/status",
		"trap 'rm -f /tmp/x' EXIT",
		"find /var/log -name '*.gz' -print",
		"cp -p \"$h/data/priv_validator_state.json\" \"$h/data/priv_validator_state.json.own\"",
		`rm -rf "$failed_home/wasm/cache"`,
		"for u in a b; do systemctl is-active $u; done",
		"df -h /srv; journalctl -u virtengine -n 50 --no-pager",
		"pg_ctl promote -D /var/lib/postgresql/16/main",
	} {
		if err := Screen(s); err != nil {
			t.Errorf("%s: %v", s, err)
		}
	}
}

// TestScreenAcceptsTheLibrary: what ships must fly.
func TestScreenAcceptsTheLibrary(t *testing.T) {
	fences := regexp.MustCompile("(?ms)^ *```(?:sh|bash) (?:run|undo|verify|guard)[^\n]*\n(.*?)^ *```$")
	n := 0
	for _, book := range []string{"../checklists/library/single-validator-failover.md", "../checklists/library/incident-backbone.md"} {
		b, err := os.ReadFile(book)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range fences.FindAllStringSubmatch(string(b), -1) {
			n++
			if err := Screen(m[1]); err != nil {
				t.Errorf("%s: %v\n%s", book, err, m[1])
			}
		}
	}
	if n < 8 {
		t.Errorf("only %d scripts found", n)
	}
}

func FuzzScreen(f *testing.F) {
	f.Add("rm -rf /srv/ve/data")
	f.Add(`x=a; for y in $x b; do "$y" ${y##*/} {a,b} $'x' & done`)
	f.Fuzz(func(t *testing.T, s string) {
		err := Screen(s)
		if err == nil && strings.Contains(s, "rm -rf /srv/ve/data\n") && strings.HasPrefix(s, "rm -rf /srv/ve/data\n") {
			t.Fatalf("accepted %q", s)
		}
	})
}
