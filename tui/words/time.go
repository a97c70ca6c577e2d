package words

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// lifetime is longer than anything lasts: a longer length was measured from a
// time nobody set.
const lifetime = 100 * 365 * 24 * time.Hour

// Dur is a length of time as a clock shows it: 02:49, 1:02:03, 2 d 01:00; dashes
// for one that cannot be true.
func Dur(d time.Duration) string {
	if d > lifetime || d < -lifetime {
		return "--:--"
	}
	sign := ""
	if d < 0 {
		sign, d = "-", -d
	}
	s := int64(d / time.Second)
	switch {
	case s >= 86400:
		return fmt.Sprintf("%s%d d %02d:%02d", sign, s/86400, s%86400/3600, s%3600/60)
	case s >= 3600:
		return fmt.Sprintf("%s%d:%02d:%02d", sign, s/3600, s%3600/60, s%60)
	}
	return fmt.Sprintf("%s%02d:%02d", sign, s/60, s%60)
}

// Since is how long something has lasted; dashes when nobody knows since when. A
// clock that was set back gives no negative length.
func Since(from, now time.Time) string {
	if from.IsZero() {
		return "--:--"
	}
	return Dur(max(0, now.Sub(from)))
}

// TPlus is the time since the declaration; a zero time gives dashes.
func TPlus(from, now time.Time) string {
	if from.IsZero() {
		return "T+ --:--:--"
	}
	s := max(0, int64(now.Sub(from)/time.Second))
	return fmt.Sprintf("T+%02d:%02d:%02d", s/3600, s%3600/60, s%60)
}

// Age says how long ago at was: "3 s", "0:31", "13:16"; "never" for no time.
func Age(at, now time.Time) string {
	if at.IsZero() {
		return "never"
	}
	s := max(0, int64(now.Sub(at)/time.Second))
	switch {
	case s < 10:
		return fmt.Sprintf("%d s", s)
	case s < 3600:
		return fmt.Sprintf("%d:%02d", s/60, s%60)
	case s < 86400:
		return fmt.Sprintf("%d:%02d:%02d", s/3600, s%3600/60, s%60)
	}
	return fmt.Sprintf("%d d", s/86400)
}

// HMS is the time of day, with the date only when that is not now's.
func HMS(t, now time.Time) string {
	switch {
	case t.IsZero():
		return "--:--:--"
	case t.UTC().YearDay() != now.UTC().YearDay() || t.UTC().Year() != now.UTC().Year():
		return t.UTC().Format("2 Jan 15:04:05")
	}
	return t.UTC().Format("15:04:05")
}

// Num is a whole number in groups of three.
func Num(n int64) string {
	s := strconv.FormatInt(n, 10)
	sign := ""
	if strings.HasPrefix(s, "-") {
		sign, s = "-", s[1:]
	}
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return sign + s
}

// Count is "1 line" or "3 lines".
func Count(n int, one string) string {
	if n == 1 {
		return "1 " + one
	}
	return Num(int64(n)) + " " + one + "s"
}
