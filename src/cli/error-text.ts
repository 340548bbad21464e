import type { Problem } from '../engine/problem.ts';

/** An error as a person reads it: what failed, what it means, what to do, and in detail the command. */
export function errorText(problem: Problem, verbose = false): string {
  const lines = [
    `zferry: ${problem.message}`,
    ...(problem.meaning ? [`  ${capital(problem.meaning)}`] : []),
    ...(problem.next ? [`  What to do: ${problem.next}`] : []),
    ...(verbose && problem.command ? [`  Command: ${problem.command}`] : []),
  ];
  return `${lines.join('\n')}\n`;
}

function capital(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}
