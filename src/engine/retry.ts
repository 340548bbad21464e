/**
 * Which failures may be gone when the same is tried again, from fresh listings. By code alone: a text is for people. What is
 * in neither set needs a person, and trying again would only delay the word.
 */
const passing: ReadonlySet<string> = new Set([
  // the way there
  'connection-lost',
  'connection-refused',
  'connection-closed',
  'host-unreachable',
  'ssh-failed',
  'timeout',
  'shell-died',
  'lock-lost',
  // a host that comes up again
  'no-such-pool',
  // the stream
  'damaged-stream',
  'incomplete-stream',
  'killed',
  'receiver-died',
  'sender-died',
  'stalled',
  'busy',
  'interrupted-receive',
  'not-proven',
]);

/** Something changed between the listing and the step: a plan from what is there now is all that it takes. */
const outdated: ReadonlySet<string> = new Set([
  'bad-token',
  'dataset-exists',
  'may-not-hold',
  'diverged',
  'no-base',
  'no-parent',
  'no-resume-state',
  'not-from-raw',
  'not-arrived',
  'snapshot-gone',
  'state-mismatch',
]);

export function mayPass(code: string): boolean {
  return passing.has(code) || outdated.has(code);
}

/** Milliseconds before the first retry; each later one waits three times as long, up to a minute. */
const firstPause = 2000;
const longestPause = 60_000;

/** Milliseconds before the first retry of a plan that was outdated. */
const replanPause = 100;

/**
 * How long to wait before trying again (milliseconds), between half and one and a half of the plain value: runs that failed
 * together shall not come back together.
 * @param failures in a row so far, 1 or more
 * @param random from 0 to 1
 */
export function backoff(code: string, failures: number, random: number): number {
  const plain =
    failures === 1 && outdated.has(code)
      ? replanPause
      : Math.min(firstPause * 3 ** (failures - 1), longestPause);
  return Math.round(plain * (0.5 + random));
}
