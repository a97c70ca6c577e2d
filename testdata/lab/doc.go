// Command lab is a real chain on loopback: four CometBFT validators, a standby
// and a real OpenSSH server for each of them, without root and without
// containers. Drills and tests meet there what the rehearsal fleet only models:
// real nodes, real sign states, real evidence, a real sshd, a real gpg.
//
//	go run ./testdata/lab up [-dir DIR] [-base-port N] [-live] [-block-time 700ms]
//	go run ./testdata/lab status -dir DIR
//	go run ./testdata/lab ctl -dir DIR HOST crash virtengine
//	go run ./testdata/lab down -dir DIR [-clean]
//
// In: a folder and a free block of ports (both chosen when left out). Out:
// DIR/relight.toml, whose [drill] fleet the lab is (its live fleet with -live),
// and processes that outlive the command until `down`. Several labs run side by
// side. The first `up` builds CometBFT once into $RELIGHT_CACHE (else the
// user's cache folder).
//
// The hosts are val-1 to val-4 and val-2s, the standby of val-2: a full node
// with a harmless key of its own, which holds val-2's key sealed by gpg. Each
// has a folder DIR/hosts/NAME, and nothing outside it:
//
//	home/            the login's home; home/.virtengine is the node's
//	units/           the units and their drop-ins: unit_dir, instead of /etc
//	bin/             systemctl, sudo, virtengine, pgrep, journalctl of this host
//	backup/          priv_validator_key.json.gpg, on val-2s
//	log/ run/ etc/   what the units print; pid and socket; sshd's files
//
// What is real: the node, consensus, evidence, sign states, sshd, host keys, the
// shell and its tools, gpg, the processes and their deaths. What is a stand-in,
// and says so: systemctl and the service manager behind it (package host), sudo,
// the virtengine command (it maps on cometbft), and the REST server (package
// rest): the kvstore application has no Cosmos SDK, so tombstoning is read off
// the evidence in the blocks. Slack, Discord and the status page are the
// rehearsal fleet's receivers (package mail): a drill's messages go there and
// nowhere else.
//
// What it must never do: touch the machine's /etc, its services, or any file
// outside DIR and /tmp. Three guards hold that. Every process of a host lives
// in a Landlock domain where the kernel has it; whatever arrives over SSH is
// refused when it names the machine's units, its systemctl or another host's
// folder; and the lab's sudo refuses paths outside the host. As root, sshd
// needs the empty folder /run/sshd: it is made when missing, and `up` says so.
//
// What it needs: Linux, Go, openssh-server and gnupg installed (no service of
// them runs), and a login whose account is not locked and has a shell. Without
// sshd or gpg the tests say so loudly, and fail under CI=true. A lab's folder is
// best outside /tmp, where scripts may write; by default it lies in the cache.
//
// A validator that is started within ten blocks of its last signature ends by
// itself, as on the operator's chain (double_sign_check_height = 10); its unit
// starts it again after ten seconds. `crash` is the fault that stays: the
// process dies and the unit is failed. Everything a host can be told stands in
// host.Control.
//
// The pieces are importable by tests: lab (up and down), host (one machine).
// The wildcard ./... skips testdata: name ./testdata/lab/... to build and test.
package main
