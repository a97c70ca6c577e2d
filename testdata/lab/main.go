package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/virtengine/relight/testdata/lab/lab"
)

func main() {
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer cancel()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "lab:", err)
		cancel()
		os.Exit(1)
	}
}

var errUsage = errors.New("usage: lab up [-dir DIR] [-base-port N] [-live] [-block-time D] [-watch D] | down -dir DIR [-clean] | status -dir DIR | ctl -dir DIR HOST COMMAND…")

func run(ctx context.Context, args []string) error {
	if len(args) == 0 {
		return errUsage
	}
	var opt lab.Options
	fs := flag.NewFlagSet("lab "+args[0], flag.ContinueOnError)
	fs.StringVar(&opt.Dir, "dir", "", "the lab's folder")
	switch args[0] {
	case "up":
		fs.IntVar(&opt.BasePort, "base-port", 0, fmt.Sprintf("the first of %d ports; 0 looks for free ones", lab.Ports))
		fs.BoolVar(&opt.Live, "live", false, "write the lab as the live fleet, not as the drill's")
		fs.DurationVar(&opt.BlockTime, "block-time", 0, "aimed at; 0 is 700ms")
		fs.DurationVar(&opt.Watch, "watch", 0, "how long the fence watches for evidence; 0 is the default")
	case "down":
		clean := fs.Bool("clean", false, "remove the lab's files too")
		if err := fs.Parse(args[1:]); err != nil {
			return err
		}
		if err := needDir(opt.Dir, lab.Down); err != nil || !*clean {
			return err
		}
		return lab.Clean(opt.Dir)
	case "status", "ctl":
	default:
		return errUsage
	}
	if err := fs.Parse(args[1:]); err != nil {
		return err
	}
	switch args[0] {
	case "up":
		return up(ctx, opt)
	case "ctl":
		return needDir(opt.Dir, func(dir string) error { return ctl(ctx, dir, fs.Args()) })
	}
	return needDir(opt.Dir, func(dir string) error { return status(ctx, dir) })
}

func needDir(dir string, do func(string) error) error {
	if dir == "" {
		return errUsage
	}
	return do(dir)
}

func up(ctx context.Context, opt lab.Options) error {
	start := time.Now()
	opt.Log = func(s string) { fmt.Fprintln(os.Stderr, "lab:", s) }
	l, err := lab.Up(ctx, opt)
	if err != nil {
		return err
	}
	fmt.Printf("a process lab: real CometBFT %s and a real sshd on each of %d hosts, up in %.1f s\n", lab.NodeVersion, len(l.Hosts), time.Since(start).Seconds())
	fmt.Printf("  chain   %s, a block every %s or so\n", l.ChainID, l.BlockTime)
	for _, h := range l.Hosts {
		fmt.Printf("  %-7s ssh -p %d -i %s -o UserKnownHostsFile=%s %s@%s   rpc %s\n", h.Name, h.SSH, l.KeyFile, l.KnownHosts, l.User, lab.Addr, h.RPCURL())
	}
	fmt.Printf("  REST    %s  (a stand-in: the chain has no Cosmos SDK; systemctl, sudo and virtengine are stand-ins too)\n", l.REST)
	fmt.Printf("  said    %s  (what a drill posts; nothing leaves the machine)\n", l.Messages)
	fmt.Printf("  guard   %s\n", l.Guard)
	for _, n := range l.Notes {
		fmt.Printf("  note    %s\n", n)
	}
	fmt.Printf("  config  %s\n", l.Config)
	if !l.Live {
		fmt.Printf("fly it    relight drill single-validator-failover --config %s\n", l.Config)
	}
	fmt.Printf("end it    go run ./testdata/lab down -dir %s\n", l.Dir)
	return nil
}

func status(ctx context.Context, dir string) error {
	l, err := lab.Open(dir)
	if err != nil {
		return err
	}
	for _, h := range l.Hosts {
		power, err := l.Ctl(ctx, h.Name, "power", "state")
		if err != nil {
			power = err.Error()
		}
		s, err := h.Status(ctx)
		node := fmt.Sprintf("height %d, catching up %t, key %.12s", s.Height, s.CatchingUp, s.Address)
		if err != nil {
			node = "RPC does not answer"
		}
		fmt.Printf("%-7s power %-4s %s\n", h.Name, strings.TrimSpace(power), node)
	}
	return nil
}

func ctl(ctx context.Context, dir string, args []string) error {
	if len(args) < 2 {
		return errUsage
	}
	l, err := lab.Open(dir)
	if err != nil {
		return err
	}
	out, err := l.Ctl(ctx, args[0], args[1:]...)
	fmt.Print(out)
	return err
}
