package world

import "sort"

// deletedByMistake is how many orders a bad write takes away.
const deletedByMistake = 5000

// databaseFaults are the faults of databases. What they do to the bucket is
// done on every database host, as it is one.
func databaseFaults(add func(name, target string, mk, mend func(*World, []*Host, string)), none func(*World, []*Host, string)) {
	add("db-crash", "host", eachHost((*World).crash), eachHost((*World).startMain))
	add("db-corrupt", "database", eachHost((*World).corruptPage), eachHost(func(w *World, h *Host) {
		w.put(h, string(PGUser), PGData+"/"+PGTable, "pages of the table blocks: sound\n", 0o600)
	}))
	add("db-bad-write", "database", eachHost((*World).badWrite), none)
	freeze := func(on bool) func(*World, []*Host, string) {
		return eachHost(func(w *World, h *Host) {
			if s := h.Server(PGPort); s != nil {
				s.Frozen = on
				w.lives()
			}
		})
	}
	add("replica-frozen", "database", freeze(true), freeze(false))
	add("db-split", "database", eachHost((*World).promoteByHand), none)
	add("wal-gap", "database", func(w *World, _ []*Host, _ string) { w.loseSegment() }, none)
	add("backup-corrupt", "database", func(w *World, _ []*Host, _ string) { w.spoilBackup() }, none)
}

// promoteByHand is a colleague who promotes a replica while its primary lives.
func (w *World) promoteByHand(h *Host) {
	if s := h.Server(PGPort); s != nil && s.Mode == Standby {
		w.Promote(h, s, "no recovery target specified")
	}
}

// corruptPage damages a page on disk. The server runs on and counts as before.
func (w *World) corruptPage(h *Host) {
	name := PGData + "/" + PGTable
	if f, ok := h.Files[name]; ok {
		f.Text = "pages of the table blocks: page 17 is damaged\n"
		h.Files[name] = f
	}
}

// badWrite deletes rows that nobody meant to delete, in good order.
func (w *World) badWrite(h *Host) {
	s := h.Server(PGPort)
	if s == nil || s.Mode != Primary {
		return
	}
	p := w.position(h, s)
	w.Databases.Bad = append(w.Databases.Bad, BadWrite{Branch: p.Branch, LSN: p.LSN, At: w.Now, Deleted: deletedByMistake})
}

// loseSegment takes a segment out of the archive: none that a pg_wal still
// holds, and one that every restore of the newest backup needs.
func (w *World) loseSegment() {
	for _, h := range w.Hosts {
		var names []string
		for _, n := range h.children(PGWal) {
			if len(n) == 24 {
				names = append(names, n)
			}
		}
		if k := len(names) - keepSegments - 2; k >= 0 {
			delete(h.Files, PGWal+"/"+names[k])
		}
	}
}

// spoilBackup flips a byte in the newest base backup.
func (w *World) spoilBackup() {
	for _, h := range w.Hosts {
		names := h.children(PGBase)
		sort.Strings(names)
		if len(names) == 0 {
			continue
		}
		name := PGBase + "/" + names[len(names)-1] + "/" + PGTable
		if f, ok := h.Files[name]; ok {
			f.Text = "pages of the table blocks: sounD\n"
			h.Files[name] = f
		}
	}
}
