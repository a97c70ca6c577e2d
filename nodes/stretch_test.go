package nodes

import (
	"testing"
)

// evidenceZero is what the runbook's last check says of the blocks since the
// given block.
func evidenceZero(t *testing.T, s Snapshot, since int64) Reading {
	t.Helper()
	s.Since = chainTime(since)
	return Evaluate(s, parse(t, "chain.evidence == 0"), nil)
}

// jump makes the chain go on by n blocks that nobody looks at.
func (l *lab) jump(n int64) Snapshot {
	l.t.Helper()
	for _, v := range l.nodes {
		v.set(func(v *fakeNode) { v.height += n })
	}
	l.now = chainTime(l.nodes[0].height).Add(interval / 6)
	return l.look()
}

// An incident may last longer than commits are kept: that no block since its
// start carried evidence stays known, until a stretch of blocks was not read.
func TestEvidenceOverALongIncident(t *testing.T) {
	l := newLab(t, 300, 10, 10, 10, 10)
	first := l.look().Chain.EvidenceFrom
	s := l.run(250)
	if s.Chain.EvidenceFrom > first || !s.Chain.EvidenceFromTime.Equal(chainTime(s.Chain.EvidenceFrom)) || s.Chain.EvidenceTo != 549 {
		t.Errorf("looked at %d (%v) to %d, first %d", s.Chain.EvidenceFrom, s.Chain.EvidenceFromTime, s.Chain.EvidenceTo, first)
	}
	if n := len(l.w.ledgers[0].entries); n > 120 {
		t.Errorf("%d commits are kept", n)
	}
	if r := evidenceZero(t, s, 300); r.Truth != True {
		t.Errorf("since the start: %+v", r)
	}
	// Ten blocks are read later, without a gap.
	if r := evidenceZero(t, l.jump(10), 300); r.Truth != True {
		t.Errorf("after a short absence: %+v", r)
	}
	// So many are not.
	l.jump(400)
	s = l.run(2)
	if r := evidenceZero(t, s, 300); r.Truth != Unknown {
		t.Errorf("after a gap: %+v", r)
	}
	if r := evidenceZero(t, s, 950); r.Truth != True {
		t.Errorf("since the gap: %+v", r)
	}
}

// Evidence outlives the commit in which it was found, also when the block
// itself could be read only later.
func TestEvidenceInTrimmedBlocks(t *testing.T) {
	l := newLab(t, 200, 10, 10, 10, 10)
	l.look()
	l.chain.mu.Lock()
	l.chain.evidence[203] = []int{1}
	l.chain.mu.Unlock()
	for _, n := range l.nodes {
		n.set(func(n *fakeNode) { n.noBlocks = true })
	}
	s := l.run(200)
	if len(s.Chain.Evidence) != 1 || s.Chain.Evidence[0].Address != "" {
		t.Errorf("not read yet: %+v", s.Chain.Evidence)
	}
	for _, n := range l.nodes {
		n.set(func(n *fakeNode) { n.noBlocks = false })
	}
	s = l.run(2)
	if len(s.Chain.Evidence) != 1 || s.Chain.Evidence[0].Address != address(1) {
		t.Errorf("read later: %+v", s.Chain.Evidence)
	}
	if r := evidenceZero(t, s, 200); r.Truth != False {
		t.Errorf("%+v", r)
	}
}

// Two witnesses that take turns have read what either of them read.
func TestEvidenceWhenTheLeadChanges(t *testing.T) {
	l := newLab(t, 300, 10, 10, 10, 10)
	l.look()
	l.run(5)
	l.nodes[1].set(func(n *fakeNode) { n.body = "gone" })
	l.run(200)
	l.nodes[1].set(func(n *fakeNode) { n.body = "" })
	l.run(5)
	l.kill(0)
	s := l.run(3)
	if l.w.lead != 1 || l.w.ledgers[1].from < 350 {
		t.Fatalf("lead %d, from %d", l.w.lead, l.w.ledgers[1].from)
	}
	if r := evidenceZero(t, s, 300); r.Truth != True {
		t.Errorf("%+v", r)
	}
}
