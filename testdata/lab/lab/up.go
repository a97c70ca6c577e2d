//go:build linux

package lab

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/virtengine/relight/testdata/lab/host"
)

const (
	defaultBlock = 700 * time.Millisecond
	minBlock     = 200 * time.Millisecond
)

// Up makes a lab and returns when its chain moves, every node is in step, every
// sshd greets and the REST stand-in follows. What it started is ended again when
// it fails; the folder stays, for its logs.
//
// Errors: ErrMissing, ErrUp, a port that is taken, a node that does not start
// (with the end of its log).
func Up(ctx context.Context, opt Options) (_ *Lab, err error) {
	if opt.Log == nil {
		opt.Log = func(string) {}
	}
	sshd, gpg, err := programs()
	if err != nil {
		return nil, err
	}
	l, err := plan(opt)
	if err != nil {
		return nil, err
	}
	release, err := l.ports(opt)
	if err != nil {
		return nil, err
	}
	defer release()
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("lab in %s: %w", l.Dir, err), Down(l.Dir))
		}
	}()
	if err := l.build(ctx, opt); err != nil {
		return nil, err
	}
	if err := l.furnish(ctx, sshd, gpg); err != nil {
		return nil, err
	}
	if err := l.writeConfig(opt); err != nil {
		return nil, err
	}
	if err := l.launch(); err != nil {
		return nil, err
	}
	if err := l.ready(ctx); err != nil {
		return nil, err
	}
	l.Guard = spec(l, l.Hosts[0]).Guard()
	return l, l.save()
}

// plan takes the folder and says who logs in.
func plan(opt Options) (*Lab, error) {
	me, err := user.Current()
	if err != nil {
		return nil, fmt.Errorf("who runs the lab: %w", err)
	}
	l := &Lab{Live: opt.Live, BlockTime: opt.BlockTime, User: me.Username}
	if l.BlockTime == 0 {
		l.BlockTime = defaultBlock
	}
	if l.BlockTime < minBlock {
		return nil, fmt.Errorf("block time %s: at least %s", l.BlockTime, minBlock)
	}
	if l.Dir, err = takeFolder(opt.Dir); err != nil {
		return nil, err
	}
	l.Config = filepath.Join(l.Dir, "relight.toml")
	l.KeyFile, l.KnownHosts = filepath.Join(l.Dir, "id_ed25519"), filepath.Join(l.Dir, "known_hosts")
	return l, nil
}

// takeFolder makes the lab's folder, or clears what an ended lab left in it.
func takeFolder(dir string) (string, error) {
	var err error
	if dir == "" {
		if dir, err = newFolder(); err != nil {
			return "", err
		}
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	if dir, err = truePath(dir); err != nil {
		return "", err
	}
	if err := shape(dir); err != nil {
		return "", err
	}
	if running := runningIn(dir); len(running) > 0 {
		return "", fmt.Errorf("%w: %s (process %d and others); take it down first", ErrUp, dir, running[0].PID)
	}
	if _, err := os.Stat(filepath.Join(dir, "lab.json")); err == nil {
		if err := Clean(dir); err != nil {
			return "", err
		}
		return dir, os.MkdirAll(dir, 0o700) // Clean takes an empty folder away
	}
	list, err := os.ReadDir(dir)
	if err == nil && len(list) > 0 {
		err = fmt.Errorf("the lab's folder %s is not empty, and no lab left what is in it", dir)
	}
	return dir, err
}

// newFolder is a new folder in the cache, not in /tmp: there scripts may write,
// so that the kernel could not keep one host out of another's folder.
func newFolder() (string, error) {
	cache, err := cacheDir()
	if err != nil {
		return "", err
	}
	labs := filepath.Join(cache, "labs")
	if err := os.MkdirAll(labs, 0o700); err != nil {
		return "", err
	}
	return os.MkdirTemp(labs, "lab-")
}

func (l *Lab) ports(opt Options) (release func(), err error) {
	if l.base, release, err = claim(opt.BasePort); err != nil {
		return nil, err
	}
	l.ChainID = fmt.Sprintf("virtengine-lab-%d", l.base)
	planHosts(l)
	l.REST = fmt.Sprintf("http://%s:%d", Addr, l.restPort())
	l.Messages = "http://" + l.mailAddrs()[0] + "/lab/messages"
	// From here on Down and the next Up know the folder as a lab's.
	if err := l.save(); err != nil {
		release()
		return nil, err
	}
	return release, nil
}

// build has the two programs at hand.
func (l *Lab) build(ctx context.Context, opt Options) error {
	if err := os.MkdirAll(filepath.Join(l.Dir, "bin"), 0o700); err != nil {
		return err
	}
	g, gctx := errgroup.WithContext(ctx)
	g.Go(func() (err error) { l.Node, err = NodeBinary(gctx, opt.Log); return err })
	g.Go(func() error { return buildHost(gctx, filepath.Join(l.Dir, "bin", "labhost")) })
	return g.Wait()
}

// furnish makes all files of all hosts.
func (l *Lab) furnish(ctx context.Context, sshd, gpg string) error {
	if err := l.separation(); err != nil {
		return err
	}
	if err := l.makeTokens(); err != nil {
		return err
	}
	client, err := newKey(l.KeyFile, "relight lab")
	if err != nil {
		return err
	}
	for _, h := range l.Hosts {
		if err := makeFolders(l, h); err != nil {
			return fmt.Errorf("host %s: %w", h.Name, err)
		}
	}
	if err := makeChain(ctx, l); err != nil {
		return err
	}
	var known strings.Builder
	for _, h := range l.Hosts {
		if err := makeUnits(h, sshd); err != nil {
			return fmt.Errorf("host %s: units: %w", h.Name, err)
		}
		line, err := makeSSH(l, h, client)
		if err != nil {
			return fmt.Errorf("host %s: sshd: %w", h.Name, err)
		}
		known.WriteString(line)
	}
	if err := os.WriteFile(l.KnownHosts, []byte(known.String()), 0o600); err != nil {
		return err
	}
	return seal(ctx, l, gpg)
}

// separation makes the one folder outside the lab: as root sshd insists on an
// empty /run/sshd, which Debian's service makes and a container may lack.
func (l *Lab) separation() error {
	const dir = "/run/sshd"
	if os.Geteuid() != 0 {
		return nil
	}
	if _, err := os.Stat(dir); err == nil {
		return nil
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("sshd wants %s: %w", dir, err)
	}
	l.Notes = append(l.Notes, "made the empty folder "+dir+": as root sshd separates its privileges there")
	return nil
}

// launch starts the hosts' inits, the REST stand-in and the letter boxes, and
// notes who they are.
func (l *Lab) launch() error {
	for _, h := range l.Hosts {
		if err := l.daemon(h.Name, filepath.Join(h.Root, "log", "init.log"), h.Bin("labhost"), "init"); err != nil {
			return err
		}
	}
	var rpc []string
	for _, h := range l.Hosts {
		if h.Name != sealedOf && !h.Standby {
			rpc = append(rpc, h.RPCURL())
		}
	}
	servers := map[string]string{"rest": strings.TrimPrefix(l.REST, "http://"), "mail": strings.Join(l.mailAddrs(), ",")}
	for name, listen := range servers {
		err := l.daemon(name, filepath.Join(l.Dir, name+".log"), filepath.Join(l.Dir, "bin", "labhost"), name, listen, strings.Join(rpc, ","), l.Dir)
		if err != nil {
			return err
		}
	}
	return nil
}

func (l *Lab) daemon(name, log string, argv ...string) error {
	out, err := os.OpenFile(log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer out.Close()
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = l.Dir, out, out
	cmd.Env = []string{"PATH=/usr/bin:/bin", "HOME=" + l.Dir, "USER=" + l.User}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start %s: %w", name, err)
	}
	p, ok := host.Look(cmd.Process.Pid)
	go func() { _ = cmd.Wait() }() // as long as we live we must reap it
	if !ok {
		return fmt.Errorf("start %s: it died at once; see %s", name, log)
	}
	l.Procs = append(l.Procs, Proc{Name: name, PID: p.PID, Started: p.Started})
	return l.save()
}
