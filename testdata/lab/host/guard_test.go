//go:build linux

package host

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestText(t *testing.T) {
	s := Spec{Name: "val-2", Root: "/x/lab/hosts/val-2", Lab: "/x/lab"}
	for _, c := range []struct {
		script string
		ok     bool
	}{
		{"echo hello", true},
		{"systemctl restart virtengine", true},
		{"/usr/bin/systemctl restart virtengine", false},
		{"x=/bin/systemctl", false},
		{"/x/lab/hosts/val-2/bin/systemctl stop x", true},
		{"ls /etc/systemd", false},
		{"ls /etc/systemd/system/virtengine.service.d", false},
		{"cat /x/lab/hosts/val-2/units/a", true},
		{"cat /x/lab/hosts/val-2s/units/a", false},
		{"cat /x/lab/hosts/val-1/units/a", false},
		{"rm -r /x/lab/hosts", false},
		{"rm -r /x/lab/hosts/val", false},
		{"cat /x/lab/id_ed25519", false},
		{"h='/x/lab/ho''sts/val-2/home'", true},
		{"h='/x/lab/ho''sts/val-1/home'", true}, // cut in two it is not seen: the kernel's guard is for that
		{"{\nexport standby_home='/x/lab/hosts/val-2s/home'\necho\n}", true},
		{`exec sh -c '{` + "\n" + `export standby_home='\''/x/lab/hosts/val-2s/home'\''` + "\necho\n}' sh </dev/null", true},
		{`exec sh -c '{` + "\n" + `export unit_dir='\''/etc/systemd/system'\''` + "\necho\n}' sh </dev/null", false},
		{"export a='/x/lab/hosts/val-2s/home'; cat /x/lab/hosts/val-2s/home", false},
	} {
		if err := s.Text(c.script); (err == nil) != c.ok || err != nil && !errors.Is(err, ErrOutside) {
			t.Errorf("%q: %v", c.script, err)
		}
	}
}

func TestArgs(t *testing.T) {
	lab, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	s := Spec{Name: "val-2", Root: filepath.Join(lab, "hosts", "val-2"), Lab: lab}
	if err := os.MkdirAll(s.Home(), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Chdir(s.UserHome())
	for link, to := range map[string]string{"out": "/etc", "gone": "/etc/nothing-there", "in": s.Units()} {
		if err := os.Symlink(to, filepath.Join(s.UserHome(), link)); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		args string
		ok   bool
	}{
		{"cp ROOT/a ROOT/b", true},
		{"cp /etc/passwd ROOT/b", false},
		{"cp ROOT/a /etc/b", false},
		{"cp /tmp/relight-01ABC/90-fence.conf ROOT/units/x.d/90-fence.conf", true},
		{"cp /tmp/other ROOT/b", false},
		{"rm -f ../../val-1/x", false},
		{"rm -f ../units/x", true},
		{"rm -f ROOT/../val-1/x", false},
		{"touch ROOT/home/out/x", false},
		{"touch ROOT/home/gone", false},
		{"touch ROOT/home/in/x", true},
		{"tee --output=/etc/x", false},
		{"sed -n s/a/b/p ROOT/x", true},
		{"sed -n /etc/p ROOT/x", true}, // a pattern, no path
		{"sed -n /x/p /etc/hostname", false},
		{"grep -qi /etc ROOT/x", true},
		{"gpg --batch --output ROOT/k --decrypt ROOT/backup/k.gpg", true},
		{"dd if=/dev/zero of=/etc/x", false},
		{"systemctl restart virtengine", true},
		{"sh -c ls /etc/hostname", false},
	} {
		args := strings.Fields(strings.ReplaceAll(c.args, "ROOT", s.Root))
		if err := s.Args(args); (err == nil) != c.ok {
			t.Errorf("%s: %v", c.args, err)
		}
	}
}
