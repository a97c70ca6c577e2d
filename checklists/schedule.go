package checklists

import "time"

// After is when what was rehearsed at last is due again. Zero: it has no
// schedule that is known.
func (s Schedule) After(last time.Time) time.Time {
	switch s.Every {
	case "daily":
		return last.AddDate(0, 0, 1)
	case "weekly":
		return last.AddDate(0, 0, 7)
	case "monthly":
		return last.AddDate(0, 1, 0)
	case "quarterly":
		return last.AddDate(0, 3, 0)
	case "annually":
		return last.AddDate(1, 0, 0)
	}
	return time.Time{}
}
