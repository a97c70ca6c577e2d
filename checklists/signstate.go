package checklists

import (
	"regexp"
	"strings"
	"sync"
)

// stateFile is the file in which CometBFT keeps how far a key has signed. What
// lowers it takes away the last guard against signing twice.
const stateFile = "priv_validator_state.json"

const (
	// stateTarget is the file itself, not one beside it such as .staged or .own.
	stateTarget = `[^\s|;&<>]*priv_validator_state\.json["']*(?:\s|$|[;&|)#])`
	// stateWritten: something is written into it, or it is edited in place.
	stateWritten = `(?:>\|?|\btee\s(?:\s*-\S+\s)*)\s*` + stateTarget + `|\b(?:sed|perl)\s(?:[^|;&]*\s)?-\w*i\S*\s.*` + stateTarget + `|\bdd\s.*\bof=` + stateTarget
	// statePlaced: a file is put into a data folder, under this name.
	statePlaced = `\b(?:cp|mv|scp|rsync|install)\s[^|;&]*\s[^\s|;&]*\bdata(?:/(?:priv_validator_state\.json)?)?["']*\s*(?:$|[;&|)#>]|[12]>)|\b(?:cp|mv|install)\s(?:[^|;&]*\s)?(?:-t\s*|--target-directory[= ])[^\s|;&]*\bdata/?["']*\s`
	// stateRemoved: the file is taken away, which people do to start at zero.
	stateRemoved = `\b(?:rm|unlink|shred|truncate)\s[^|;&]*\bdata/` + stateTarget
	// sumCompared: a checksum is compared with something, not only printed. The
	// checksum may be kept in a variable and compared some lines on.
	sumCompared = `(?s)\b(?:sha256sum|shasum)\b[^\n]*(?:\s-\w*c\b|--check\b)|\b(?:sha256sum|shasum)\b.*(?:(?:\[|\btest\s)[^\n]*=|\bgrep\b|\bcmp\s|\bdiff\s|\bcase\s)|(?:\[|\btest\s|\bgrep\b)[^\n]*\b(?:sha256sum|shasum)\b|\bgpg\s+--verify|\bcosign\s+verify`
)

// statePaths tell the files of a running node from copies of them.
type statePaths struct{ live, target, read, staged *regexp.Regexp }

var pathsOfState = sync.OnceValue(func() statePaths {
	return statePaths{
		live:   regexp.MustCompile(`(?i)(?:/\.\w+|home\}?["']?|^["']*\.\w+)/data(?:/|$|["'\s])`),
		target: regexp.MustCompile(`(?:>\|?|\btee\s(?:\s*-\S+\s)*)\s*([^\s|;&<>]*priv_validator_state\.json)`),
		read:   regexp.MustCompile(`\bcat\s+[^<>|\s]`),
		staged: regexp.MustCompile(`\.(?:staged|raised)\b|--exclude[= ]\S*priv_validator_state`),
	}
})

// stateCopied: what a node's own file holds is written into a file elsewhere,
// as evidence.
func stateCopied(line string) bool {
	p := pathsOfState()
	m := p.target.FindStringSubmatch(line)
	return m != nil && !strings.Contains(m[1], "data/") && p.read.MatchString(line)
}

// stateKept: what is put in place was raised above all that was seen, or is a
// node's own file that is only copied.
func stateKept(line string) bool {
	p := pathsOfState()
	if p.staged.MatchString(line) {
		return true
	}
	words := strings.Fields(line)
	from, to := "", ""
	for i, w := range words {
		if i+1 < len(words) && strings.Contains(w, stateFile) && from == "" {
			from = w
		}
		if strings.Contains(w, "data") {
			to = w
		}
	}
	return from != to && strings.Contains(from, "data/"+stateFile) && (p.live.MatchString(from) || !p.live.MatchString(to))
}
