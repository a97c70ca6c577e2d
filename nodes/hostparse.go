package nodes

import (
	"encoding/json"
	"path"
	"strconv"
	"strings"

	"github.com/virtengine/relight/safe"
)

// maxHostOutput is the most that is read of a host's answer.
const maxHostOutput = 64 << 10

// section is what stood between "== NAME" and "== end STATUS".
type section struct {
	lines  []string
	status int
	ended  bool
}

// ok says that the section is there, whole, and its command succeeded.
func (s section) ok() bool { return s.ended && s.status == 0 }

// ParseHost reads the output of HostScript. It takes any text. A section that
// is missing, torn, failed or there twice leaves its facts unknown.
func ParseHost(out string) HostFacts {
	secs, whole := sections(out)
	f := HostFacts{DiskUsed: -1}
	f.Config.CheckHeight = -1
	if !whole {
		f.Err = "the answer of the host is torn"
	}
	if s := secs["unit"]; s.ok() {
		f.Unit = parseUnit(s.lines)
	}
	if s := secs["fence"]; s.ok() {
		f.FenceHolds = parseFence(s.lines)
	}
	f.Procs, f.ProcsKnown = countProcs(secs["procs"], secs["bare"])
	f.DiskUsed = max(parseDisk(secs["disk"]), parseDisk(secs["datadisk"]))
	f.Sealed = parseSealed(secs, whole)
	f.NoHome = whole && secs["nohome"].ok() && len(secs["nohome"].lines) == 0
	f.Config = parseConfig(secs["config.toml"])
	if s := secs["genesis.json"]; s.ok() && len(s.lines) == 1 {
		f.ChainID = safe.Short(s.lines[0], 80)
	}
	config, data := secs["config"], secs["data"]
	f.Key = parseKey(secs, KeyFile, config, whole)
	f.StagedKey = parseKey(secs, StagedKeyFile, config, whole)
	f.State = parseState(secs, StateFile, data, whole)
	f.StagedState = parseState(secs, StagedStateFile, data, whole)
	if !f.lives() {
		f.forget()
	}
	if f.Config.Odd {
		f.Key, f.State = KeyOnDisk{}, SignOnDisk{}
	}
	return f
}

// lives says that the home is a node's. The command line tool leaves a home
// with a configuration behind for every login that ever used it; a key or a
// sign state lies only where a node ran.
func (f HostFacts) lives() bool {
	return f.Key.Present == True || f.State.Present == True || f.Config.Odd || f.Config.SignerAddr != ""
}

// forget takes back what an empty home seemed to prove: that files are absent
// and that nothing runs there.
func (f *HostFacts) forget() {
	for _, t := range []*Tri{&f.Key.Present, &f.StagedKey.Present, &f.State.Present, &f.StagedState.Present} {
		if *t == False {
			*t = Unknown
		}
	}
	if f.Procs == 0 {
		f.ProcsKnown = false
	}
	f.DiskUsed = -1 // of a disk that may hold no node at all
	f.Err = firstOf(f.Err, "no node's home there: is the home right, and may this login read it?")
}

func sections(out string) (secs map[string]section, whole bool) {
	secs = map[string]section{}
	if len(out) > maxHostOutput {
		return secs, false
	}
	name := ""
	var cur section
	// A section that comes twice, or is cut off by the next, is not whole.
	keep := func(ended bool) {
		if _, twice := secs[name]; twice {
			cur, ended = section{}, false
		}
		cur.ended = ended
		secs[name], name = cur, ""
	}
	for line := range strings.Lines(out) {
		line = strings.TrimRight(line, "\r\n")
		rest, mark := strings.CutPrefix(line, "== ")
		status, end := strings.CutPrefix(rest, "end ")
		switch {
		case mark && end && name != "":
			n, err := strconv.Atoi(status)
			cur.status = n
			keep(err == nil)
		case mark && !end:
			if name != "" {
				keep(false)
			}
			if rest == "done" {
				whole = true
				continue
			}
			name, cur = rest, section{}
		case name != "" && strings.TrimSpace(line) != "":
			cur.lines = append(cur.lines, line)
		}
	}
	if name != "" {
		keep(false)
	}
	return secs, whole
}

// parseUnit reads NAME=VALUE lines. A name that comes twice with two values is
// not known.
func parseUnit(lines []string) Unit {
	var u Unit
	at := map[string]*string{
		"LoadState": &u.LoadState, "ActiveState": &u.ActiveState, "SubState": &u.SubState, "MainPID": &u.MainPID,
		"UnitFileState": &u.UnitFileState, "DropInPaths": &u.DropInPaths, "NeedDaemonReload": &u.NeedDaemonReload,
	}
	seen := map[string]string{}
	for _, line := range lines {
		name, value, ok := strings.Cut(line, "=")
		if !ok || at[name] == nil {
			continue
		}
		value = safe.Short(value, 1024)
		if old, twice := seen[name]; twice && old != value {
			*at[name] = ""
			continue
		}
		seen[name] = value
		*at[name] = value
	}
	return u
}

// countProcs counts different process ids. pgrep exits 1 when it finds none
// and higher when it could not look.
func countProcs(list ...section) (n int, known bool) {
	pids := map[int]bool{}
	for _, s := range list {
		if !s.ended || s.status > 1 || s.status < 0 {
			return 0, false
		}
		for _, line := range s.lines {
			pid, err := strconv.Atoi(strings.TrimSpace(line))
			if err != nil || pid <= 0 {
				return 0, false
			}
			pids[pid] = true
		}
		if (s.status == 0) != (len(s.lines) > 0) {
			return 0, false // it says found and shows none, or the reverse
		}
	}
	return len(pids), true
}

// parseDisk reads the percent of df -P: a heading, and one line whose fifth
// column is the capacity in percent. The name of the file system may hold
// blanks, so the column is looked for from the right of the numbers. What a
// file system says above 100 is full. -1 is not known.
func parseDisk(s section) int {
	if !s.ok() || len(s.lines) != 2 {
		return -1
	}
	for i, f := range strings.Fields(s.lines[1]) {
		n, ok := strings.CutSuffix(f, "%")
		if !ok || i < 4 {
			continue
		}
		used, err := strconv.Atoi(n)
		if err != nil || used < 0 || used > 200 {
			return -1
		}
		return min(used, 100)
	}
	return -1
}

// parseSealed joins what was said of each encrypted key.
func parseSealed(secs map[string]section, whole bool) Tri {
	if _, any := secs["sealed0"]; !any {
		return Unknown
	}
	all := True
	for i := 0; ; i++ {
		s, ok := secs["sealed"+strconv.Itoa(i)]
		switch {
		case !ok && !whole:
			return all.And(Unknown) // more may have been meant to come
		case !ok:
			return all
		case !s.ended || s.status > 1:
			all = all.And(Unknown)
		default:
			all = all.And(TriOf(s.status == 0))
		}
	}
}

// present says whether a file is there. Absent is proven by a listing of its
// folder that succeeded and an answer that came whole.
func present(secs map[string]section, name string, folder section, whole bool) Tri {
	if _, ok := secs[name]; ok {
		return True
	}
	if whole && folder.ok() {
		return False
	}
	return Unknown
}

func parseKey(secs map[string]section, name string, folder section, whole bool) KeyOnDisk {
	k := KeyOnDisk{Present: present(secs, name, folder, whole)}
	s := secs[name]
	if s.ok() && len(s.lines) == 1 {
		k.Address = normAddress(s.lines[0])
	}
	return k
}

func parseState(secs map[string]section, name string, folder section, whole bool) SignOnDisk {
	out := SignOnDisk{Present: present(secs, name, folder, whole)}
	s := secs[name]
	if !s.ok() {
		return out
	}
	var v struct {
		Height *string `json:"height"` // a string, as CometBFT writes int64
		Round  *int32  `json:"round"`
		Step   *int8   `json:"step"`
	}
	if json.Unmarshal([]byte(strings.Join(s.lines, "\n")), &v) != nil || v.Height == nil || v.Round == nil || v.Step == nil {
		return out
	}
	h, err := strconv.ParseInt(*v.Height, 10, 64)
	if err != nil || h < 0 || *v.Round < 0 || *v.Step < 0 || *v.Step > 3 {
		return out
	}
	out.Known, out.Height, out.Round, out.Step = true, h, *v.Round, *v.Step
	return out
}

func parseConfig(s section) ConfigFacts {
	c := ConfigFacts{CheckHeight: -1}
	if !s.ok() {
		return c
	}
	c.Known = true
	for _, line := range s.lines {
		name, value, _ := strings.Cut(line, "=")
		value, _, _ = strings.Cut(value, "#")
		value = safe.Short(strings.Trim(strings.TrimSpace(value), `"'`), 256)
		switch strings.TrimSpace(name) {
		case "double_sign_check_height":
			if n, err := strconv.ParseInt(strings.ReplaceAll(value, "_", ""), 10, 64); err == nil && n >= 0 {
				c.CheckHeight = n
			} else {
				c.Known = false
			}
		case "priv_validator_key_file":
			c.KeyFile = value
		case "priv_validator_state_file":
			c.StateFile = value
		case "priv_validator_laddr":
			c.SignerAddr = value
		}
	}
	c.Odd = (c.KeyFile != "" && path.Clean(c.KeyFile) != "config/"+KeyFile) ||
		(c.StateFile != "" && path.Clean(c.StateFile) != "data/"+StateFile)
	return c
}

// normAddress is s as 40 upper-case hex digits, or "".
func normAddress(s string) string {
	s = strings.ToUpper(strings.TrimSpace(s))
	if len(s) != 40 || strings.Trim(s, "0123456789ABCDEF") != "" {
		return ""
	}
	return s
}
