package world

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"path"
	"sort"
	"strings"
	"time"
)

// The past of the databases at the start of a drill.
const (
	dbSince    = 3*time.Hour + 12*time.Minute // the WAL in the archive begins then
	backupOld  = 3 * time.Hour
	backupNew  = time.Hour
	backupTake = 10 * time.Second
	firstLSN   = LSN(0x20000000)
)

const pgConf = `data_directory = '/var/lib/postgresql/15/main'
listen_addresses = '*'
port = 5432
timezone = 'Etc/GMT-1'
wal_level = replica
wal_log_hints = on
archive_mode = on
archive_timeout = 300
archive_command = 'test ! -f /backups/postgresql/wal/%f && cp %p /backups/postgresql/wal/%f'
max_wal_senders = 10
hot_standby = on
`

// buildDatabases gives the databases their past: WAL in the archive, two base
// backups, a primary that writes and a replica that has read everything.
func (w *World) buildDatabases() {
	d := &w.Databases
	*d = Databases{System: "72" + fmt.Sprint(1e16+w.Roll(8e16, "system identifier")), Branches: 1}
	d.Spans = []Span{{Host: "db-1", Branch: 1, From: w.Start.Add(-dbSince).Truncate(time.Second), To: w.Start, LSN: firstLSN, Writes: true}}
	past := d.Spans[0]
	now := Point{Branch: 1, TLI: 1, LSN: past.at(w.Start)}
	for l := firstLSN; l+LSN(segSize) <= now.LSN; l += LSN(segSize) {
		w.bucket(PGWal+"/"+segment(1, l), inJSON(walFile{1, 1, l, l + LSN(segSize)}))
	}
	for _, h := range w.Hosts {
		if h.Role != "database" {
			continue
		}
		w.put(h, string(PGUser), PGConf, pgConf, 0o644)
		auto := ""
		if h.Name == "db-2" {
			auto = "primary_conninfo = 'host=db-1 port=5432 user=replicator application_name=db-2'\nprimary_slot_name = 'db_2'\n"
			w.put(h, string(PGUser), PGData+"/standby.signal", "", 0o600)
		}
		w.putData(h, PGData, now, "shut down", auto)
		for _, back := range []time.Duration{backupOld, backupNew} {
			at := w.Start.Add(-back)
			w.putBackup(h, past, at)
		}
		w.putDirs(h, "root", "/var/log/postgresql")
		w.buildCopies(h)
	}
}

// putData lays down the files of a data directory.
func (w *World) putData(h *Host, dir string, p Point, state, auto string) {
	me := string(PGUser)
	for _, d := range []string{dir, dir + "/global", dir + "/base", dir + "/base/16384", dir + "/pg_wal", dir + "/pg_wal/archive_status"} {
		w.putDirs(h, me, d)
		h.Files[d] = File{Dir: true, Mode: 0o700, Owner: me, MTime: w.Now}
	}
	w.put(h, me, dir+"/PG_VERSION", "15\n", 0o600)
	w.put(h, me, dir+"/"+PGTable, "pages of the table blocks: sound\n", 0o600)
	w.put(h, me, dir+"/"+PGIndex, "pages of its index: sound\n", 0o600)
	w.put(h, me, dir+"/postgresql.auto.conf", auto, 0o600)
	w.writeControl(h, dir, control{System: w.Databases.System, State: state, Point: p})
	w.put(h, me, dir+"/pg_wal/"+segment(p.TLI, p.LSN), inJSON(walFile{p.Branch, p.TLI, p.LSN.segStart(), p.LSN}), 0o600)
}

// BackupName is the folder and the label of the base backup that began at t.
func BackupName(t time.Time) string { return "base-" + t.UTC().Format("20060102T150405Z") }

// putBackup lays down one base backup of the past, and its line in the archive.
func (w *World) putBackup(h *Host, past Span, at time.Time) {
	dir := PGBase + "/" + BackupName(at)
	p := Point{Branch: past.Branch, TLI: 1, LSN: past.at(at.Add(backupTake))}
	w.putData(h, dir, p, "in production", "")
	w.finishBackup(h, dir, BackupName(at), past.at(at), p, at, at.Add(backupTake))
}

// finishBackup writes what makes a copy of a data directory a base backup.
func (w *World) finishBackup(h *Host, dir, label string, from LSN, p Point, start, stop time.Time) {
	me := string(PGUser)
	begin := fmt.Sprintf("START WAL LOCATION: %s (file %s)\n", from, segment(p.TLI, from))
	more := fmt.Sprintf("CHECKPOINT LOCATION: %s\nBACKUP METHOD: streamed\nBACKUP FROM: primary\nSTART TIME: %s\nLABEL: %s\nSTART TIMELINE: %d\n",
		from+0x38, start.UTC().Format("2006-01-02 15:04:05 UTC"), label, p.TLI)
	w.put(h, me, dir+"/backup_label", begin+more, 0o600)
	w.put(h, me, dir+"/backup_manifest", h.manifest(dir), 0o600)
	w.bucket(fmt.Sprintf("%s/%s.%08X.backup", PGWal, segment(p.TLI, from), uint32(from)%uint32(segSize)),
		begin+fmt.Sprintf("STOP WAL LOCATION: %s (file %s)\n", p.LSN, segment(p.TLI, p.LSN))+more+
			fmt.Sprintf("STOP TIME: %s\nSTOP TIMELINE: %d\n", stop.UTC().Format("2006-01-02 15:04:05 UTC"), p.TLI))
}

type manifestFile struct {
	Path     string `json:"Path"`
	Size     int    `json:"Size"`
	Checksum string `json:"Checksum"`
}

type manifest struct {
	Version int            `json:"PostgreSQL-Backup-Manifest-Version"`
	Files   []manifestFile `json:"Files"`
}

func (h *Host) manifest(dir string) string {
	m := manifest{Version: 1}
	for p, f := range h.below(dir) {
		if !f.Dir && !unlisted(p[1:]) {
			m.Files = append(m.Files, manifestFile{p[1:], len(f.Text), checksum(f.Text)})
		}
	}
	sort.Slice(m.Files, func(i, j int) bool { return m.Files[i].Path < m.Files[j].Path })
	b, err := json.MarshalIndent(m, "", " ")
	if err != nil {
		panic(fmt.Sprintf("world: a manifest is always JSON: %v", err))
	}
	return string(b) + "\n"
}

func parseJSON(text string, v any) error { return json.Unmarshal([]byte(text), v) }

// unlisted are the files that a manifest leaves out, as they may be written later.
func unlisted(name string) bool {
	switch name {
	case "backup_manifest", "postgresql.auto.conf", "standby.signal", "recovery.signal":
		return true
	}
	return strings.HasPrefix(name, "pg_wal/")
}

func checksum(s string) string { return fmt.Sprintf("%x", sha256.Sum256([]byte(s))) }

// VerifyBackup is what pg_verifybackup finds wrong with a base backup.
func (h *Host) VerifyBackup(dir string) []string {
	dir = path.Clean(dir)
	var m manifest
	f, ok := h.Files[dir+"/backup_manifest"]
	if !ok {
		return []string{"could not open file \"" + dir + "/backup_manifest\": No such file or directory"}
	}
	if json.Unmarshal([]byte(f.Text), &m) != nil {
		return []string{"parsing failed"}
	}
	var wrong []string
	known := map[string]bool{}
	for _, want := range m.Files {
		known[want.Path] = true
		switch f, ok := h.Files[dir+"/"+want.Path]; {
		case !ok:
			wrong = append(wrong, fmt.Sprintf("%q is present in the manifest but not on disk", want.Path))
		case len(f.Text) != want.Size:
			wrong = append(wrong, fmt.Sprintf("%q has size %d on disk but size %d in the manifest", want.Path, len(f.Text), want.Size))
		case checksum(f.Text) != want.Checksum:
			wrong = append(wrong, fmt.Sprintf("checksum mismatch for file %q", want.Path))
		}
	}
	for p, f := range h.below(dir) {
		if !f.Dir && !known[p[1:]] && !unlisted(p[1:]) {
			wrong = append(wrong, fmt.Sprintf("%q is present on disk but not in the manifest", p[1:]))
		}
	}
	sort.Strings(wrong)
	return wrong
}

// buildCopies are the other backups that the operator keeps on a database host:
// sealed keys and snapshots of the chain, each with a list of checksums.
func (w *World) buildCopies(h *Host) {
	list := ""
	for _, v := range []string{"val-1", "val-2", "val-3", "val-4"} {
		name, text := v+".tar.gz.gpg", w.seal(w.deriveKey(v).KeyFile())
		w.put(h, "root", "/backups/validator-keys/"+name, text, 0o600)
		list += checksum(text) + "  " + name + "\n"
	}
	w.put(h, "root", "/backups/validator-keys/SHA256SUMS", list, 0o644)
	list = ""
	for i := 3; i >= 0; i-- {
		at := w.Start.Add(-20*time.Minute - time.Duration(i)*time.Hour)
		name := "snapshot-" + at.UTC().Format("20060102T150405Z") + ".tar.lz4"
		text := fmt.Sprintf("lz4 of the chain data at %s\n", at.UTC().Format(time.RFC3339))
		w.put(h, "root", "/backups/chain-snapshots/"+name, text, 0o644)
		f := h.Files["/backups/chain-snapshots/"+name]
		f.MTime = at
		h.Files["/backups/chain-snapshots/"+name] = f
		list += checksum(text) + "  " + name + "\n"
	}
	w.put(h, "root", "/backups/chain-snapshots/SHA256SUMS", list, 0o644)
}
