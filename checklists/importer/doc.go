// Package importer turns an existing Markdown document into skeletons of
// runbooks.
//
// In: the bytes of one document and the name to call it by. Out: one Skeleton
// for each procedure found (one in all for a small document), and for every
// line of the source where it went. A skeleton has no error of the format, and
// nothing in it runs: shell is kept as illustrations with a visible TODO,
// because only a person knows the host, the fence and the read-back.
//
// The source's text is data. It is copied word for word; where the format
// would take a word of it for something of its own, the text is quoted in an
// illustration. Whether that is so, the format's own reader says (trial.go).
//
// It must never write a block that could run, lose a line without naming it,
// panic on any bytes, or touch a file.
package importer
