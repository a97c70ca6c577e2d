package world

import (
	"errors"
	"fmt"
	"sort"
	"strings"
	"time"
)

// Errors of faults.
var (
	ErrUnknownFault  = errors.New("unknown fault")
	ErrUnknownTarget = errors.New("no such target for this fault")
)

// faultKind says what a fault is done to, and how it is made and mended.
type faultKind struct {
	name   string
	target string // host, chain-host, database, place, chain, receiver
	make   func(*World, []*Host, string)
	mend   func(*World, []*Host, string)
}

func eachHost(f func(*World, *Host)) func(*World, []*Host, string) {
	return func(w *World, hosts []*Host, _ string) {
		for _, h := range hosts {
			f(w, h)
		}
	}
}

// faultKinds is one table for the names of the configuration.
func faultKinds() []faultKind {
	set := func(f func(*Host, bool)) (mk, mend func(*World, []*Host, string)) {
		return eachHost(func(w *World, h *Host) { f(h, true); w.lives() }), eachHost(func(w *World, h *Host) { f(h, false); w.lives() })
	}
	var ks []faultKind
	add := func(name, target string, mk, mend func(*World, []*Host, string)) {
		ks = append(ks, faultKind{name, target, mk, mend})
	}
	flag := func(name string, f func(*Host, bool)) { mk, mend := set(f); add(name, "host", mk, mend) }
	none := func(*World, []*Host, string) {}

	add("process-crash", "host", eachHost((*World).crash), eachHost((*World).startMain))
	add("host-down", "host", eachHost((*World).powerOff), eachHost((*World).powerOn))
	add("host-hang", "host", eachHost(func(w *World, h *Host) { h.Hung = true; w.freeze(h) }),
		eachHost(func(w *World, h *Host) { h.Hung = false; w.thaw(h) }))
	add("partition", "place", eachHost(func(w *World, h *Host) { h.Cut = true; w.freeze(h) }),
		eachHost(func(w *World, h *Host) { h.Cut = false; w.thaw(h) }))
	ssh := func(mode string) func(*World, []*Host, string) {
		return eachHost(func(w *World, h *Host) { h.SSH = mode; w.lives() })
	}
	add("ssh-down", "host", ssh("down"), ssh("up"))
	add("ssh-hang", "host", ssh("hang"), ssh("up"))
	add("ssh-new-key", "host", eachHost(func(w *World, h *Host) { h.KeyGen++; w.lives() }),
		eachHost(func(w *World, h *Host) { h.KeyGen = 0; w.lives() }))
	flag("sudo-locked", func(h *Host, on bool) { h.SudoLocked = on })
	flag("stop-lies", func(h *Host, on bool) { h.StopLies = on })
	add("disk-full", "host", eachHost((*World).fillDisk), eachHost(func(w *World, h *Host) { h.DiskFull = false; w.lives() }))
	add("clock-skew", "host", eachHost(func(w *World, h *Host) { h.Skew = 90 * time.Second }),
		eachHost(func(w *World, h *Host) { h.Skew = 0 }))
	add("reboot", "host", eachHost((*World).Reboot), none)
	add("halt", "chain", func(w *World, _ []*Host, _ string) { w.halt() }, func(w *World, _ []*Host, _ string) { w.unhalt() })
	add("disk-lost", "chain-host", eachHost((*World).loseDisk), none)
	add("machine-lost", "chain-host", eachHost((*World).loseMachine), none)
	add("app-hash", "chain-host", eachHost((*World).breakApp), eachHost(func(w *World, h *Host) { h.BadApp = 0; w.thaw(h) }))
	add("colleague-starts-old", "chain-host", eachHost((*World).colleagueStartsOld), none)
	add("colleague-starts-standby", "chain-host", eachHost((*World).colleagueStartsStandby), none)
	databaseFaults(add, none)
	receiver := func(change func(*Receiver)) func(*World, []*Host, string) {
		return func(w *World, _ []*Host, target string) {
			r := w.Receivers[target]
			change(&r)
			w.Receivers[target] = r
			w.lives()
		}
	}
	add("slack-429", "receiver", receiver(func(r *Receiver) { r.Limit = 2 }), receiver(func(r *Receiver) { r.Limit = 0 }))
	add("reply-lost", "receiver", receiver(func(r *Receiver) { r.LoseReply = 1 }), receiver(func(r *Receiver) { r.LoseReply = 0 }))
	add("channel-down", "receiver", receiver(func(r *Receiver) { r.Down = true }), receiver(func(r *Receiver) { r.Down = false }))
	return ks
}

// FaultNames are the faults that this world can make, sorted.
func FaultNames() []string {
	var out []string
	for _, k := range faultKinds() {
		out = append(out, k.name)
	}
	sort.Strings(out)
	return out
}

func findFault(name string) (faultKind, bool) {
	for _, k := range faultKinds() {
		if k.name == name {
			return k, true
		}
	}
	return faultKind{}, false
}

// CheckFault says what is wrong with a fault's name or target.
func (w *World) CheckFault(name, target string) error {
	_, _, _, err := w.resolve(name, target)
	return err
}

// Fault makes a fault now. Targets are hosts; for partition also a region or
// zone; for the receivers' faults slack, discord or statuspage; none for halt.
func (w *World) Fault(name, target string) error {
	k, hosts, target, err := w.resolve(name, target)
	if err != nil {
		return err
	}
	k.make(w, hosts, target)
	w.Touched()
	return nil
}

// Mend ends a fault. Mending what was not made does no harm.
func (w *World) Mend(name, target string) error {
	k, hosts, target, err := w.resolve(name, target)
	if err != nil {
		return err
	}
	k.mend(w, hosts, target)
	w.Touched()
	return nil
}

func (w *World) resolve(name, target string) (faultKind, []*Host, string, error) {
	fail := func(err error, format string, args ...any) (faultKind, []*Host, string, error) {
		return faultKind{}, nil, "", fmt.Errorf("fault %s on %q: %w: %s", name, target, err, fmt.Sprintf(format, args...))
	}
	k, ok := findFault(name)
	if !ok {
		return fail(ErrUnknownFault, "one of %s", strings.Join(FaultNames(), ", "))
	}
	switch k.target {
	case "chain":
		return k, nil, "chain", nil
	case "receiver":
		if target == "" {
			target = "slack"
		}
		if target != "slack" && target != "discord" && target != "statuspage" {
			return fail(ErrUnknownTarget, "one of slack, discord, statuspage")
		}
		return k, nil, target, nil
	}
	var hosts []*Host
	for _, h := range w.Hosts {
		place := k.target == "place" && (h.Region == target || h.Zone == target)
		if (h.Name == target || place) && (k.target != "chain-host" || h.Role == "chain") && (k.target != "database" || h.Role == "database") {
			hosts = append(hosts, h)
		}
	}
	if len(hosts) == 0 {
		return fail(ErrUnknownTarget, "name a host of the fleet%s", map[string]string{
			"database": " that runs a database", "place": ", a region or a zone", "chain-host": " that runs a chain node"}[k.target])
	}
	return k, hosts, target, nil
}

// mainUnit is the unit that a host is there for.
func (h *Host) mainUnit() *Unit { return h.Units[0] }

// crash kills the main process so often that systemd gives up: the unit is
// failed and stays so until somebody restarts it or resets it.
func (w *World) crash(h *Host) {
	u := h.mainUnit()
	if h.Power != On {
		return
	}
	w.dropRevival(h, u)
	w.log(h, u.Name, "fatal error: unexpected signal during runtime execution")
	switch u.Name {
	case ChainUnit:
		w.endProcess(h)
	case ProviderUnit:
		w.loseReports(h)
	case PGUnit:
		w.stopServers(h, u.Name, false)
	}
	w.log(h, u.Name, "%s.service: Start request repeated too quickly.", u.Name)
	u.Active, u.Sub, u.Result, u.MainPID, u.Since = "failed", "failed", "start-limit-hit", 0, w.Now
	u.NRestarts += 5
	w.lives()
}

func (w *World) startMain(h *Host) { w.startUnit(h, h.mainUnit()) }

func (w *World) powerOn(h *Host) {
	if h.Power != Off {
		return
	}
	h.Power = Booting
	w.after(Event{At: w.Now.Add(w.between(20*time.Second, 30*time.Second, "boot", h.Name, h.bootKey())),
		Kind: evBoot, Target: h.Name})
}

func (h *Host) bootKey() string { return fmt.Sprint(h.Boots) }

func (w *World) fillDisk(h *Host) {
	h.DiskFull = true
	if h.Proc != nil {
		w.die(h, "panic: write "+Home+"/data/cs.wal/wal: no space left on device")
	}
}

func (w *World) breakApp(h *Host) {
	h.BadApp = max(1, w.NodeHeight(h))
	w.diverge(h)
}

// halt takes away so many validators, the last ones first, that no third is
// enough.
func (w *World) halt() {
	set := w.SetAt(w.Tip().Height + 1)
	left := set.Power()
	for i := len(set.Vals) - 1; i >= 0 && 3*left > 2*set.Power(); i-- {
		for _, h := range w.Hosts {
			if h.Proc != nil && h.Proc.Address == set.Vals[i].Address {
				w.crash(h)
			}
		}
		left -= set.Vals[i].Power
	}
}

// unhalt starts what stands still. On a halted chain a signature stays within
// the last blocks for ever, so the check that would kill them is set to 0, as
// the operators of a real chain have to.
func (w *World) unhalt() {
	for _, h := range w.Hosts {
		if u := h.unit(ChainUnit); u != nil && u.Active == "failed" {
			w.setCheckHeight(h, "0")
			w.startUnit(h, u)
		}
	}
}

func (w *World) setCheckHeight(h *Host, to string) {
	f := h.Files[ConfigPath]
	f.Text = checkHeight.ReplaceAllString(f.Text, "double_sign_check_height = "+to)
	h.Files[ConfigPath] = f
}

// colleagueStartsOld is somebody who means well: the fence is taken down, a
// key that lies about is put back, the unit is enabled and started.
func (w *World) colleagueStartsOld(h *Host) {
	u := h.unit(ChainUnit)
	if h.Power != On || u == nil {
		return
	}
	for _, d := range u.DropIns() {
		delete(h.Files, d)
	}
	for p := range h.Files {
		if strings.Contains(p, "/"+ChainUnit+".service.d/") {
			delete(h.Files, p)
		}
	}
	if _, ok := h.Files[KeyPath]; !ok {
		if aside := h.keyAside(); aside != "" {
			w.put(h, string(Login), KeyPath, h.Files[aside].Text, 0o600)
		}
	}
	u.Loaded, u.Masked, u.Enabled = h.fragments(u.Name), false, true
	w.log(h, u.Name, "started by hand")
	w.startUnit(h, u)
}

// keyAside is a file that holds a key, the first by name.
func (h *Host) keyAside() string {
	var found []string
	for p, f := range h.Files {
		if _, err := ParseKeyFile(f.Text); err == nil && !f.Dir {
			found = append(found, p)
		}
	}
	sort.Strings(found)
	if len(found) == 0 {
		return ""
	}
	return found[0]
}

// colleagueStartsStandby opens the sealed backup into place, switches off the
// check that would stop it, and restarts: a double sign while the old host
// signs.
func (w *World) colleagueStartsStandby(h *Host) {
	u := h.unit(ChainUnit)
	if h.Power != On || u == nil {
		return
	}
	if text, ok := w.Unseal(h.Files[SealedBackup].Text); ok {
		w.put(h, string(Login), KeyPath, text, 0o600)
	}
	w.setCheckHeight(h, "0")
	w.log(h, u.Name, "restarted by hand")
	w.stopUnit(h, u)
	u.Enabled = true
	w.startUnit(h, u)
}
