package nodes

import (
	"fmt"
	"path"
	"strings"
)

// HostScript is the one read-only script for a host. It is plain POSIX sh and
// uses systemctl show, pgrep -f, df -P, ls, head -c, sed -n and cat; sudo -n only
// where a file or folder cannot be read without it.
//
// Each section is "== NAME", its lines, and "== end STATUS" with the exit
// status of the command that wrote them. A blank line ends what a file without
// a last line break left open. A file that a successful ls does not
// name is absent; one that cannot be read is unknown. The private part of a key
// is never printed: sed prints the address alone. Of the genesis, which may be
// large, only its head is read: the chain id stands there.
//
// The data of a node often lies on a disk of its own, so df is asked for both,
// the home and its data; where there is no data folder sudo is not troubled.
//
// The fence's drop-in is read where the runbook writes it, below the host's
// folder of units; without an absolute one it is not looked for, and where it
// is seen not to be there sudo is not troubled.
//
// The home is written in two halves, because pgrep -f would otherwise find the
// shell that runs this very script. A node that is started with its default
// home does not carry it on its command line: the last pattern finds one that
// ends in "UNIT start".
func HostScript(h HostSpec) (string, error) {
	if h.Unit == "" || strings.Trim(h.Unit, unitChars) != "" || strings.HasPrefix(h.Unit, "-") {
		return "", fmt.Errorf("host %s: %.60q is no name of a unit", h.Name, h.Unit)
	}
	home, err := quoteHome(h.Home)
	if err != nil {
		return "", fmt.Errorf("host %s: %w", h.Name, err)
	}
	dir := ""
	if strings.HasPrefix(h.UnitDir, "/") && !strings.Contains(h.UnitDir, "\x00") {
		dir = strings.TrimRight(h.UnitDir, "/")
	}
	return "u=" + quote(h.Unit) + "\nh=" + home + "\nn=" + quote(dir) + "\n" + hostScript + sealedScript(h.Sealed) + "echo \"== done\"\n", nil
}

// sealedScript asks after each encrypted key. The status is 0 for one that is
// there and not empty, 1 for one that a listing of its folder does not name,
// and something else where neither can be said.
func sealedScript(paths []string) string {
	var b strings.Builder
	n := 0
	for _, p := range paths {
		if !strings.HasPrefix(p, "/") || strings.ContainsAny(p, "\n\r\x00") {
			continue
		}
		fmt.Fprintf(&b, "p=%s\nb=%s\necho \"== sealed%d\"\n%s", quote(p), quote(path.Dir(p)), n, sealedOne)
		n++
	}
	return b.String()
}

const sealedOne = `peek test -s "$p"
e=$?
if [ $e -ne 0 ]; then
  e=1
  x=$(list "$b") || e=9
  case "
$x
" in
  *"
${p##*/}
"*) e=8 ;;
  esac
fi
echo "== end $e"
`

const unitChars = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789@._:-"

const hostScript = `LC_ALL=C
export LC_ALL
set -f
list() { ls -a "$1" 2>/dev/null || sudo -n ls -a "$1" 2>/dev/null; }
peek() { "$@" 2>/dev/null || sudo -n "$@" 2>/dev/null; }
echo "== unit"
systemctl show -p LoadState,ActiveState,SubState,MainPID,UnitFileState,DropInPaths,NeedDaemonReload "$u" 2>/dev/null
echo "== end $?"
if [ -n "$n" ]; then
  echo "== fence"
  d="$n/${u%.service}.service.d"
  f="$d/90-fence.conf"
  if [ -e "$f" ] || { [ -e "$d" ] && ! [ -x "$d" ]; } || ! [ -x "$n" ]; then
    peek cat "$f"
  else
    false
  fi
  e=$?
  echo
  echo "== end $e"
fi
echo "== procs"
pgrep -f "$h" 2>/dev/null
echo "== end $?"
echo "== bare"
pgrep -f "${u%.service} start\$" 2>/dev/null
echo "== end $?"
echo "== config"
c=$(list "$h/config")
echo "== end $?"
echo "== data"
d=$(list "$h/data")
echo "== end $?"
echo "== nohome"
x=
if [ -n "$c" ]; then
  false
else
  x=$(list "${h%/*}")
fi
e=$?
case "
$x
" in
*"
${h##*/}
"*) e=8 ;;
esac
echo "== end $e"
echo "== disk"
peek df -P "$h"
echo "== end $?"
echo "== datadisk"
[ -n "$d" ] && peek df -P "$h/data"
echo "== end $?"
for f in $c; do
  case $f in
  priv_validator_key.json | priv_validator_key.json.staged)
    echo "== $f"
    peek sed -n 's/.*"address" *: *"\([0-9A-Fa-f]*\)".*/\1/p' "$h/config/$f"
    e=$?
    echo
    echo "== end $e"
    ;;
  genesis.json)
    echo "== $f"
    peek head -c 4096 "$h/config/$f" | sed -n 's/.*"chain_id" *: *"\([^"]*\)".*/\1/p'
    e=$?
    echo
    echo "== end $e"
    ;;
  config.toml)
    echo "== $f"
    peek sed -n -e '/^ *double_sign_check_height *=/p' -e '/^ *priv_validator_[a-z_]* *=/p' "$h/config/$f"
    e=$?
    echo
    echo "== end $e"
    ;;
  esac
done
for f in $d; do
  case $f in
  priv_validator_state.json | priv_validator_state.json.staged)
    echo "== $f"
    peek cat "$h/data/$f"
    e=$?
    echo
    echo "== end $e"
    ;;
  esac
done
`

// quote writes s for a POSIX shell.
func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

// quoteHome writes a home for a POSIX shell so that its text, as it stands in
// the script, is not the home itself. "~/x" is below the login's home.
func quoteHome(home string) (string, error) {
	home = strings.TrimRight(home, "/")
	if rest, ok := strings.CutPrefix(home, "~/"); ok && rest != "" && !strings.ContainsAny(rest, "\n\r\x00") {
		return `"$HOME"/` + quote(rest), nil
	}
	if len(home) < 4 || !strings.HasPrefix(home, "/") || strings.ContainsAny(home, "\n\r\x00") {
		return "", fmt.Errorf("%.60q is no home of a node: want an absolute path or ~/NAME", home)
	}
	cut := len(home) / 2
	return quote(home[:cut]) + quote(home[cut:]), nil
}
