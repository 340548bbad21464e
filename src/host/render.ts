/**
 * Makes the one line that is given to a login shell, which may be sh, bash, csh, tcsh or fish.
 *
 * Assumptions: the shell knows `exec`, single quotes around plain text, and finds `sh`; that `sh` and its `printf %b`
 * are POSIX. Nothing else is asked of the login shell, because the shells disagree about nearly everything: csh
 * expands `!` inside single quotes and cannot hold a newline there, fish reads `\'` and `\\` there. So each byte that
 * any of them reads differently travels as `\0ooo`.
 */
import { ZferryError } from '../zfs/failure.ts';

/**
 * Linux gives a process no argument longer than 131072 bytes with its final NUL (MAX_ARG_STRLEN, execve(2)), and sshd
 * hands the whole line to the login shell as one argument.
 */
const maxLineBytes = 131_071;

/** The old csh of illumos and the BSDs reads words up to 1024 bytes; Debian's csh up to about 8000. */
const maxPartBytes = 900;

const kept = /[A-Za-z0-9_./:,@=+ -]/;

/** What each byte becomes: itself, or always three octal digits, so that a digit may follow. */
const encoded = Array.from({ length: 256 }, (_, byte) => {
  const char = String.fromCharCode(byte);
  return byte < 128 && kept.test(char) ? char : `\\0${byte.toString(8).padStart(3, '0')}`;
});

/**
 * The line that runs a POSIX shell script, whatever the login shell is.
 * @param script without NUL bytes; newlines at its end are lost.
 * @throws {ZferryError} `command-too-long`
 */
export function renderLine(script: string): string {
  const parts: string[] = [];
  let part = '';
  for (const byte of Buffer.from(script, 'utf8')) {
    const next = encoded[byte] ?? '';
    if (part.length + next.length > maxPartBytes) {
      parts.push(part);
      part = '';
    }
    part += next;
  }
  parts.push(part);
  const line = `exec sh -c 'eval "$(printf %b "$@")"' zferry ${parts.map((text) => `'${text}'`).join(' ')}`;
  checkLength(line);
  return line;
}

/** @throws {ZferryError} `command-too-long` for what no shell could be given as one argument. */
export function checkLength(line: string): void {
  const bytes = Buffer.byteLength(line);
  if (bytes <= maxLineBytes) return;
  throw new ZferryError({
    code: 'command-too-long',
    message: `Cannot run a command line of ${bytes} bytes`,
    meaning: `A shell takes a line of at most ${maxLineBytes} bytes.`,
    next: 'Do it for fewer datasets at once.',
  });
}
