package config

import (
	"fmt"
	"net/mail"
	"slices"
	"strings"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/virtengine/relight/lazy"
)

func (r *reading) component(t *table) {
	c := Component{Name: t.need("name", `write name = "…"`), StatusPageID: t.str("status_page_id", "")}
	if c.Name != "" {
		t.what += " " + show(c.Name)
		r.once("component", c.Name, t.v.get("name").val)
	}
	for _, w := range t.strs("members") {
		r.refer("member", t, w)
	}
	r.f.Components = append(r.f.Components, c)
}

// Drivers that cannot know where to send without a target, and those whose
// token is the destination.
const (
	wantTarget   = " slack discord statuspage smtp github jira instatus cstate upptime "
	tokenIsPlace = " pagerduty webhook "
)

func (r *reading) channel(t *table) {
	c := Channel{
		Name:    r.name(t, "channel"),
		Driver:  t.need("driver", oneOfHint("", Drivers())),
		URL:     t.str("url", ""),
		Target:  t.str("target", ""),
		Token:   t.secret("token"),
		From:    t.str("from", ""),
		Mention: t.str("mention", ""),
	}
	if c.Driver != "" {
		t.oneOf("driver", "", drivers)
	}
	if c.Audience = t.oneOf("audience", "", Public+" "+Internal); t.v.get("audience") == nil {
		t.missing("audience", `write audience = "public" (anyone may read it) or "internal"`)
	}
	if c.Driver == "smtp" {
		r.webURL(t, "url", "smtp", "smtps")
	} else {
		r.webURL(t, "url", "https", "http")
	}
	if c.Target == "" && strings.Contains(wantTarget, " "+c.Driver+" ") {
		t.missing("target", "where its messages go: a channel, a page, mail addresses")
	}
	if c.Token.IsZero() && t.v.get("token") == nil && !c.ByHand() {
		t.missing("token", secretHint)
	}
	if c.Driver == "smtp" && c.Target != "" {
		if _, err := mail.ParseAddressList(c.Target); err != nil {
			r.ld.at(t.v.get("target").val, "address", "target of "+t.what+" is no list of mail addresses", `write "a@example.com, b@example.com"`)
		}
	}
	r.f.Channels = append(r.f.Channels, c)
}

var templateShape = lazy.Pattern(`^[a-z0-9]+(-[a-z0-9]+)*$`)

func (r *reading) say(t *table) {
	s := Say{Template: t.need("template", `write template = "…"`)}
	if s.Template != "" {
		t.what += " " + show(s.Template)
		if !templateShape.MatchString(s.Template) {
			r.ld.at(t.v.get("template").val, "shape", show(s.Template)+" cannot be the name of a template", "small letters, digits and single hyphens")
		}
	}
	to := t.strs("to")
	if len(to) == 0 {
		t.missing("to", "the channels it goes to")
	}
	r.refer("channel", t, to...)
	s.To = texts(to)
	for _, w := range to {
		r.once("message", s.Template+" to "+w.s, w.v)
	}
	s.Due, s.Timed = t.dur("due", 0)
	s.Every = r.every(t)
	s.Until = t.str("until", "resolved")
	s.Approve = t.oneOf("approve", "", roles+" 2")
	r.f.Say = append(r.f.Say, s)
}

func (r *reading) every(t *table) map[string]time.Duration {
	e := t.sub("every", `write every = { sev1 = "15m", sev2 = "30m" }`)
	if e.v == nil {
		return nil
	}
	out := map[string]time.Duration{}
	for _, sev := range Severities() {
		if e.v.get(sev) != nil {
			out[sev] = e.positive(sev, 0)
		}
	}
	for _, k := range e.v.keys {
		if _, ok := out[k.name]; !ok {
			e.asked = append(e.asked, k.name)
			r.ld.off(k.at, "severity", show(k.name)+" is no severity", severityHint(k.name))
		}
	}
	return out
}

// severityHint understands the ways severities are written elsewhere.
func severityHint(word string) string {
	digits := strings.TrimLeft(strings.ToLower(word), "sevrityp-_ ")
	if guess := "sev" + digits; slices.Contains(Severities(), guess) {
		return "write " + guess
	}
	return "one of: " + strings.Join(Severities(), ", ")
}

func (r *reading) target(t *table) {
	x := Target{Component: t.str("component", ""), Scenario: t.str("scenario", ""), Source: t.str("source", "")}
	if (x.Component == "") == (x.Scenario == "") {
		t.missing("exactly one of component and scenario", `write component = "…"`)
	}
	t.what += " " + show(x.Component+x.Scenario)
	r.referOne("component", t, "component", x.Component)
	x.RTO = t.positive("rto", 0)
	x.RPO, x.HasRPO = t.dur("rpo", 0)
	if t.v.get("rto") == nil && t.v.get("rpo") == nil {
		t.missing("rto or rpo", durationHint)
	}
	if x.Source == "" {
		t.missing("source", "the document and table it comes from: two documents may say two things")
	}
	r.f.Targets = append(r.f.Targets, x)
}

const (
	minBlocks   = 10
	maxProofTTL = 10 * time.Minute
	minWatch    = time.Minute
)

func (r *reading) fence(t *table) {
	f := Fence{
		Blocks:   t.num("blocks", minBlocks, minBlocks, 1_000_000),
		ProofTTL: t.positive("proof_ttl", maxProofTTL),
	}
	def := max(2*time.Duration(f.Blocks)*min(r.f.Chain.BlockTime, time.Hour), minWatch)
	f.Watch = t.positive("watch", def)
	if f.ProofTTL > maxProofTTL {
		r.ld.warn(t.v.get("proof_ttl").val.at, "fence", fmt.Sprintf("a proof that holds for %s is older than what it proves", f.ProofTTL), "ten minutes or less")
	}
	if f.Watch < def {
		r.ld.warn(t.v.get("watch").val.at, "fence", fmt.Sprintf("watching for %s may miss the evidence of a double sign", f.Watch), fmt.Sprintf("at least %s for this chain", def))
	}
	r.f.Fence = f
	t.close()
}

func (r *reading) people(t *table) {
	if t.v == nil {
		return
	}
	for _, e := range t.v.keys {
		t.asked = append(t.asked, e.name)
		if e.val.kind != kindTable {
			r.ld.hideTree(e.val)
			r.ld.off(e.at, "type", "people are tables", fmt.Sprintf("write [%speople.NAME]", r.ld.under))
			continue
		}
		r.person(e)
	}
}

func (r *reading) person(e entry) {
	t := r.ld.table(e.val, fmt.Sprintf("[%speople.%s]", r.ld.under, e.name))
	if !slugShape.MatchString(e.name) {
		r.ld.off(e.at, "shape", show(e.name)+" cannot be the name of a person", slugHint)
	}
	p := Person{Name: e.name, Login: t.match("login", e.name, userShape, "login", "what $USER says at that person's keyboard"), PagerDuty: t.str("pagerduty", ""), Phone: t.str("phone", "")}
	at := e.val
	if l := t.v.get("login"); l != nil {
		at = l.val
	}
	// Two-person rules compare logins: shared ones would make one person two.
	r.once("login", p.Login, at)
	for _, w := range t.strs("roles") {
		if !slices.Contains(Roles(), w.s) {
			r.ld.at(w.v, "unknown-word", show(w.s)+" is no role", oneOfHint(w.s, Roles()))
		}
		p.Roles = append(p.Roles, w.s)
	}
	if v := t.get("ssh_key"); v != nil {
		p.SSHKey = r.publicKey(t, v)
	}
	t.close()
	r.f.People = append(r.f.People, p)
}

// publicKey hides whatever is no public key: it may be the private half.
func (r *reading) publicKey(t *table, v *value) string {
	if v.kind == kindString {
		if key, _, _, rest, err := ssh.ParseAuthorizedKey([]byte(v.str)); err == nil && len(strings.TrimSpace(string(rest))) == 0 {
			r.once("SSH key", ssh.FingerprintSHA256(key), v)
			return strings.TrimSpace(string(ssh.MarshalAuthorizedKey(key)))
		}
	}
	r.ld.hideTree(v)
	r.ld.at(v, "ssh-key", "ssh_key of "+t.what+" is no public key", `write "ssh-ed25519 AAAA… name", as in a .pub file`)
	return ""
}
