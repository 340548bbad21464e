/** One line to the person who waits, on stderr. */
export function say(line: string): void {
  process.stderr.write(`zferry: ${line}\n`);
}
