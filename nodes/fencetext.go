package nodes

import "strings"

// neverThere is the folder that the fence's assertion looks into. Nothing makes
// it, so the unit cannot start.
const neverThere = "/nonexistent/"

// parseFence reads the fence's drop-in as systemd would: the assertion counts in
// [Unit] alone, an empty one takes back those before it, a line that ends in a
// backslash goes on, and a path with "|" or "!" in front asserts something
// else. The last assertion must name a path that is never there.
func parseFence(lines []string) Tri {
	holds, inUnit, goesOn := False, false, false
	for _, line := range lines {
		text := strings.TrimSpace(line)
		if strings.HasPrefix(text, "#") || strings.HasPrefix(text, ";") {
			continue // comments do not end a line that goes on
		}
		part := goesOn
		if goesOn = strings.HasSuffix(line, "\\"); part || goesOn {
			holds = False // a fence is written on one line: this is none of ours
			continue
		}
		if strings.HasPrefix(text, "[") {
			inUnit = text == "[Unit]"
			continue
		}
		name, value, ok := strings.Cut(text, "=")
		if !ok || strings.TrimSpace(name) != "AssertPathExists" || !inUnit {
			continue
		}
		value = strings.TrimSpace(value)
		rest, never := strings.CutPrefix(value, neverThere)
		holds = TriOf(never && rest != "" && !strings.Contains(value, "..") && !strings.ContainsAny(value, "%"))
	}
	return holds
}
