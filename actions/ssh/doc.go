// Package ssh is the transport to the hosts: it dials, checks host keys, keeps
// one connection per target, runs scripts and opens tunnels. Importers that
// also need x/crypto name it relightssh.
//
// In: a Target, and a Command whose script is POSIX shell. Out: bytes while it
// runs, and a Result whose Class says what is known: the script exited, or was
// never started, or the answer was lost and it may have run.
//
// What is promised:
//
//   - A script arrives whole or does not run. It travels in one packet, or, if
//     it is long, over standard input as data that is read to its end before
//     anything is executed; it stands inside braces, so that a cut one is a
//     syntax error. Its children find an empty standard input.
//   - NotStarted is said only where the end of the script never left this
//     machine. In doubt it is Lost.
//   - A script is sent once. Only one that certainly did not start is sent
//     again, on a fresh connection, when the kept one turned out to be dead.
//   - Host keys are those of the known_hosts files, and nothing else. There is
//     no trust on first use.
//   - Errors carry operation, target, cause and hint, and no secret.
//
// Deadlines of dialling, the handshake and keep-alives are real time. What
// bounds a script is the caller's context.
//
// It must never know what a command means, retry one that may have run, or
// decide what a lost answer stands for.
package ssh
