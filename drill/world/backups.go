package world

import "time"

// furnishBackups lays down copies of what the operator backs up, as they lie on
// a control host: sealed keys, a chain snapshot, a dump of the database. They are
// some hours old at the start.
func (w *World) furnishBackups(h *Host) {
	for name, b := range map[string]struct {
		text string
		age  time.Duration
	}{
		"validator-keys/val-1.json.gpg":           {w.seal(w.deriveKey("val-1").KeyFile()), 5 * time.Hour},
		"validator-keys/val-2.json.gpg":           {w.seal(w.deriveKey("val-2").KeyFile()), 5 * time.Hour},
		"validator-keys/val-3.json.gpg":           {w.seal(w.deriveKey("val-3").KeyFile()), 5 * time.Hour},
		"validator-keys/val-4.json.gpg":           {w.seal(w.deriveKey("val-4").KeyFile()), 5 * time.Hour},
		"chain-snapshots/virtengine-1-latest.tar": {"snapshot of " + ChainID + "\n", time.Hour},
		"database/virtengine_db.dump":             {"PGDMP virtengine_db\n", 7 * time.Hour},
	} {
		path := "/backups/" + name
		w.put(h, "root", path, b.text, 0o644)
		f := h.Files[path]
		f.MTime = w.Start.Add(-b.age)
		h.Files[path] = f
	}
}
