import { type Child, startChild } from './child.ts';
import type { Tie } from './tie.ts';

/** `read` takes byte by byte from a FIFO, so nothing that follows the line is lost. */
const script = 'while IFS= read -r line; do [ "$line" = "$0" ] && exec cat; done';

/**
 * Drops what a login shell printed before the stream: everything up to and including a line. It costs a copy, so it
 * stands only behind a host that was seen to greet.
 * @param from a descriptor of the stream with its greeting.
 * @param to a descriptor for the stream alone.
 */
export function greetingFilter(tie: Tie, line: string, from: number, to: number): Child {
  const child = startChild(tie, ['sh', '-c', script, line], { stdin: from, stdout: to });
  // It can only say that a neighbour is gone, which the neighbour says better.
  child.stderr.resume();
  return child;
}
