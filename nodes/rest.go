package nodes

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/virtengine/relight/nodes/comet"
	"github.com/virtengine/relight/safe"
)

// restState is what the application's REST server said about a key.
type restState struct {
	at   time.Time // of the last answer
	info comet.SigningInfo
	why  string // why there is none
}

// restJobs ask the first REST server that answers about each key.
func (w *Watcher) restJobs(now time.Time) []job {
	if !due(w.round, 0) {
		return nil
	}
	var servers []comet.Getter
	for _, live := range []bool{true, false} {
		for i := range w.nodes {
			n := &w.nodes[i]
			if n.rest != nil && n.live(w.round, w.fleet) == live {
				servers = append(servers, n.rest)
			}
		}
	}
	jobs := []job{w.planJob(now)}
	if len(servers) > 0 && w.round >= w.namesDue {
		jobs = append(jobs, w.namesJob(servers))
	}
	for k, spec := range w.fleet.Keys {
		switch valcons, err := comet.Valcons(w.fleet.ConsPrefix, normAddress(spec.Address)); {
		case len(servers) == 0:
			w.rest[k].why = "not checked: no REST"
		case err != nil:
			w.rest[k].why = "not checked: " + safe.Short(err.Error(), 100)
		default:
			jobs = append(jobs, func(ctx context.Context) func() {
				info, why := askSigning(ctx, servers, valcons)
				if ctx.Err() != nil && why != "" {
					return func() { w.rest[k].why = "not checked: REST did not answer in time" }
				}
				return func() {
					if w.rest[k].why = why; why == "" {
						w.rest[k].at, w.rest[k].info = now, info
					}
				}
			})
		}
	}
	return jobs
}

// namesEvery is how often the application is asked what its validators are
// called, in rounds.
const namesEvery = 60 * slowEvery

// namesJob asks what the validators are called: for those nobody of ours runs.
func (w *Watcher) namesJob(servers []comet.Getter) job {
	return func(ctx context.Context) func() {
		for _, g := range servers {
			body, err := g.Get(ctx, "/cosmos/staking/v1beta1/validators?pagination.limit=1000")
			if err != nil {
				continue
			}
			if list, err := comet.DecodeStaking(body); err == nil {
				names := map[string]string{}
				for _, v := range list {
					names[v.Address] = v.Moniker
				}
				return func() { w.names, w.namesDue = names, w.round+namesEvery }
			}
		}
		return nil
	}
}

// planJob asks for the planned upgrade, where the node is at the tip: the plan
// of an older height says nothing. An application without upgrades, or one that
// does not answer, leaves what was known, with its age.
func (w *Watcher) planJob(now time.Time) job {
	var servers []comet.Getter
	for i := range w.nodes {
		if n := &w.nodes[i]; n.rest != nil && n.live(w.round, w.fleet) && n.view.Height == w.tip.height {
			servers = append(servers, n.rest)
		}
	}
	return func(ctx context.Context) func() {
		why := "no REST at the tip"
		for _, g := range servers {
			body, err := g.Get(ctx, "/cosmos/upgrade/v1beta1/current_plan")
			var p comet.Plan
			if err == nil {
				p, err = comet.DecodePlan(body)
			}
			if err == nil {
				return func() { w.plan = Plan{At: now, Height: p.Height, Name: p.Name} }
			}
			_, why = classify(err)
			why = "REST: " + why
		}
		return func() { w.plan.Why = why }
	}
}

func askSigning(ctx context.Context, servers []comet.Getter, valcons string) (info comet.SigningInfo, why string) {
	for _, g := range servers {
		body, err := g.Get(ctx, "/cosmos/slashing/v1beta1/signing_infos/"+valcons)
		if err == nil {
			info, err = comet.DecodeSigningInfo(body)
		}
		if err == nil && info.Address != "" && info.Address != valcons {
			err = comet.ErrShape
		}
		if err == nil {
			return info, ""
		}
		if _, s := classify(err); why == "" {
			why = "not checked: REST: " + s
		}
	}
	return comet.SigningInfo{}, why
}

// jailed says what is known of key k's standing. jailed_until alone does not
// say that a jail was left: after its end the validator stays jailed until
// somebody unjails it, and only then is it back in the set.
func (w *Watcher) jailed(k int, inSet Tri, now time.Time) (jailed, banned Tri, why string, at time.Time) {
	r := w.rest[k]
	if r.at.IsZero() {
		if r.why == "" {
			r.why = "not checked yet"
		}
		return Unknown, Unknown, r.why, time.Time{}
	}
	if now.Sub(r.at) > 3*slowEvery*w.opts.Every {
		return Unknown, Unknown, "checked too long ago: " + strings.TrimPrefix(r.why, "not checked: "), r.at
	}
	switch i := r.info; {
	case i.Tombstoned:
		return True, True, "banned for ever", r.at
	case i.JailedUntil.After(now):
		return True, False, "jailed until " + i.JailedUntil.Format("2006-01-02 15:04 UTC"), r.at
	case inSet == True:
		return False, False, "", r.at
	}
	return Unknown, False, "not in the validator set; REST shows no running jail", r.at
}

// endpointJobs ask the configured HTTP endpoints.
func (w *Watcher) endpointJobs(now time.Time) []job {
	var jobs []job
	for i, e := range w.fleet.Endpoints {
		if e.Kind != "http" {
			w.endpoints[i].Why = "not watched yet"
			continue
		}
		if !due(w.round, i) {
			continue
		}
		t, err := w.web.parseTarget(e.URL, "", 0, nil)
		if err != nil {
			w.endpoints[i].Why = shortErr(err)
			continue
		}
		jobs = append(jobs, func(ctx context.Context) func() {
			body, code, err := t.fetch(ctx, "")
			ok, why := endpointOK(e.Expect, body, code, err)
			return func() { w.endpoints[i] = w.endpoints[i].after(now, ok, why) }
		})
	}
	return jobs
}

func endpointOK(expect string, body []byte, code int, err error) (Tri, string) {
	if err != nil {
		_, why := classify(err)
		return False, why
	}
	status := "status " + strconv.Itoa(code)
	if n, err := strconv.Atoi(expect); err == nil && len(expect) == 3 {
		return TriOf(code == n), status
	}
	if code < 200 || code > 299 {
		return False, status
	}
	if expect != "" && !strings.Contains(string(body), expect) {
		return False, status + ", but the body does not say what is expected"
	}
	return True, status
}
