/** What goes on, beside the results. */
export function say(text: string): void {
  process.stderr.write(`bench: ${text}\n`);
}
