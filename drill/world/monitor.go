package world

import (
	"encoding/json"
	"time"
)

// scrapeEvery is how often Prometheus asks its targets; before the first time it
// knows nothing of them.
const scrapeEvery = 15 * time.Second

// PromAlert is an alert that Alertmanager holds.
type PromAlert struct {
	Labels map[string]string `json:"labels"`
	Starts time.Time         `json:"startsAt"`
	Ends   time.Time         `json:"endsAt"`
}

// Reply is what a service answers over HTTP.
type Reply struct {
	Status int
	Type   string
	Body   []byte
}

func jsonReply(v any) Reply {
	body, err := json.Marshal(v)
	if err != nil {
		return Reply{Status: 500, Type: "text/plain", Body: []byte(err.Error())}
	}
	return Reply{Status: 200, Type: "application/json", Body: append(body, '\n')}
}

// Prometheus is what Prometheus on h answers, in the shapes of its HTTP API v1.
func (w *World) Prometheus(h *Host, path string) Reply {
	if path != "/api/v1/targets" {
		return Reply{Status: 200, Type: "text/plain", Body: []byte("prometheus is Healthy.\n")}
	}
	type target struct {
		Labels map[string]string `json:"labels"`
		URL    string            `json:"scrapeUrl"`
		Health string            `json:"health"`
	}
	var active []target
	for _, t := range w.Hosts {
		if t.Role != "chain" && t.Role != "provider" {
			continue
		}
		active = append(active, target{Labels: map[string]string{"instance": t.Name, "job": t.Role},
			URL: "http://" + t.Name + ":26660/metrics", Health: w.scraped(h, t)})
	}
	return jsonReply(map[string]any{"status": "success", "data": map[string]any{"activeTargets": active, "droppedTargets": []target{}}})
}

// scraped is what the Prometheus on h knows of a target: unknown until it asked.
func (w *World) scraped(h, t *Host) string {
	u := t.mainUnit()
	switch p := h.unit("prometheus"); {
	case p == nil || w.Now.Sub(p.Since) < scrapeEvery:
		return "unknown"
	case t.Power != On || t.Silent() || u.Active != "active":
		return "down"
	}
	return "up"
}

// Alertmanager is what Alertmanager on h answers, in the shapes of its API v2;
// the first version of the API is gone, as it is since 0.27.
func (w *World) Alertmanager(h *Host, method, path string, body []byte) Reply {
	text := func(status int, s string) Reply {
		return Reply{Status: status, Type: "text/plain", Body: []byte(s)}
	}
	switch {
	case path == "/api/v1/alerts":
		return text(410, "The API v1 was removed in 0.27: use v2.\n")
	case path != "/api/v2/alerts":
		return text(200, "alertmanager is Healthy.\n")
	case method == "POST":
		var in []PromAlert
		if err := json.Unmarshal(body, &in); err != nil {
			return text(400, err.Error()+"\n")
		}
		h.Alerts = append(h.Alerts, in...)
		w.Touched()
		return Reply{Status: 200}
	}
	out := []map[string]any{}
	for _, a := range h.Alerts {
		if a.Ends.After(w.Now) {
			out = append(out, map[string]any{"labels": a.Labels, "startsAt": a.Starts, "endsAt": a.Ends,
				"receivers": []map[string]string{{"name": "on-call"}}, "status": map[string]string{"state": "active"}})
		}
	}
	return jsonReply(out)
}
