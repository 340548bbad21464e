import { describe, expect, it } from 'vitest';
import { rootCause } from './root-cause.ts';

type Row = {
  readonly name: string;
  /** Stage by stage: status (or `lost`, `ended` by us, a signal), when it ended, what it said. */
  readonly stages: readonly (readonly [
    status: number | 'lost' | 'ended' | 'SIGPIPE' | 'SIGKILL',
    endedAt: number,
    said?: string,
  ])[];
  readonly cause: number | undefined;
};

const brokenPipe = "warning: cannot send 'tank/a@s1': Broken pipe\n";
const incomplete = 'cannot receive: failed to read from stream\n';
const checksum = 'cannot receive incremental stream: checksum mismatch or incomplete stream.\n';
const noSpace = 'cannot receive new filesystem stream: out of space\n';

const rows: readonly Row[] = [
  {
    name: 'all went well',
    stages: [
      [0, 1],
      [0, 2],
    ],
    cause: undefined,
  },
  {
    name: 'the receiver is full, the sender dies of it',
    stages: [
      [141, 2],
      [1, 1, noSpace],
    ],
    cause: 1,
  },
  {
    name: 'the sender notices first that nobody reads',
    stages: [
      ['SIGPIPE', 1],
      [1, 2, noSpace],
    ],
    cause: 1,
  },
  {
    name: 'the sender says it in words',
    stages: [
      [1, 1, brokenPipe],
      [1, 2, noSpace],
    ],
    cause: 1,
  },
  {
    name: 'the sender got the signal',
    stages: [
      [1, 1, 'signal received\n'],
      [1, 2, noSpace],
    ],
    cause: 1,
  },
  {
    name: 'the sender fails, the receiver starves',
    stages: [
      [1, 1, 'cannot open\n'],
      [1, 2, incomplete],
    ],
    cause: 0,
  },
  {
    name: 'the receiver ends before its failed sender',
    stages: [
      [1, 2, 'cannot open\n'],
      [1, 1, incomplete],
    ],
    cause: 0,
  },
  {
    name: 'a cut stream looks like a damaged one',
    stages: [
      [255, 1, 'cannot resume send\n'],
      [1, 2, checksum],
    ],
    cause: 0,
  },
  {
    name: 'a damaged stream from a content sender',
    stages: [
      [0, 1],
      [1, 2, checksum],
    ],
    cause: 1,
  },
  {
    name: 'the sender was killed',
    stages: [
      ['SIGKILL', 1],
      [1, 2, incomplete],
    ],
    cause: 0,
  },
  {
    name: 'the connection of the source is lost',
    stages: [
      ['lost', 1],
      [1, 2, incomplete],
    ],
    cause: 0,
  },
  {
    name: 'the connection of the target is lost',
    stages: [
      [141, 2],
      ['lost', 3],
    ],
    cause: 1,
  },
  {
    name: 'both connections are lost, one first',
    stages: [
      ['lost', 5],
      ['lost', 4],
    ],
    cause: 1,
  },
  {
    name: 'the target fails, the source can no longer report',
    stages: [
      ['lost', 3],
      [1, 2, noSpace],
    ],
    cause: 1,
  },
  {
    name: 'both in one millisecond: who says something',
    stages: [
      ['lost', 2],
      [1, 2, noSpace],
    ],
    cause: 1,
  },
  {
    name: 'the middle fails',
    stages: [
      [141, 1],
      [1, 2, 'zstd: bad frame\n'],
      [1, 3, incomplete],
    ],
    cause: 1,
  },
  {
    name: 'the middle only says that nobody reads',
    stages: [
      [141, 1],
      [1, 2, 'mbuffer: error writing to <stdout>: Broken pipe\n'],
      [1, 3, noSpace],
    ],
    cause: 2,
  },
  {
    name: 'the sender is gone, and what unpacks and receives both miss the rest',
    stages: [
      ['lost', 1],
      [1, 2, '/*stdin*\\ : Read error (39) : premature end \n'],
      [1, 3, incomplete],
    ],
    cause: 0,
  },
  {
    name: 'what unpacks can have missed the rest sooner than the loss is seen',
    stages: [
      ['lost', 3],
      [1, 2, 'gzip: stdin: unexpected end of file\n'],
      [1, 2, incomplete],
    ],
    cause: 0,
  },
  {
    name: 'who did not end in time was ended by us',
    stages: [
      ['ended', 9],
      [1, 2, noSpace],
    ],
    cause: 1,
  },
  {
    name: 'nobody says why',
    stages: [
      [141, 1],
      [0, 2],
    ],
    cause: 0,
  },
];

describe('the root cause of a failed pipeline', () => {
  it.each(rows)('$name', ({ stages, cause }) => {
    const ended = stages.map(([status, endedAt, stderr = '']) => ({
      result: {
        host: '',
        statuses: [typeof status === 'number' ? status : status === 'SIGKILL' ? 137 : undefined],
        exit:
          typeof status === 'number'
            ? { code: status }
            : status.startsWith('SIG')
              ? { signal: status }
              : { code: 255 },
        stderr,
        said: [],
        endedAt,
      },
      words: stderr,
      optional: [false],
      lost: status === 'lost',
      endedByUs: status === 'ended',
    }));
    expect(rootCause(ended)?.stage).toBe(cause);
  });

  it('is not hidden by the SIGPIPE of another stage of the same session', () => {
    const result = { host: 'a', statuses: [1], exit: { code: 141 }, stderr: '', said: [], endedAt: 1 };
    const failed = { result, words: 'no key\n', optional: [false], lost: false, endedByUs: false };
    const cut = { ...failed, words: '', result: { ...result, statuses: [141], endedAt: 0 } };
    expect(rootCause([cut, failed])).toMatchObject({ stage: 1, status: 1 });
  });

  it('does not count a command whose failure is allowed, and names the status of the one that counts', () => {
    const result = { host: '', statuses: [3, 4], exit: { code: 4 }, stderr: 'a\nb\n', said: [], endedAt: 1 };
    const stage = { result, words: 'b\n', optional: [true, false], lost: false, endedByUs: false };
    expect(rootCause([stage])).toEqual({ stage: 0, status: 4, stderr: 'b\n' });
    expect(rootCause([{ ...stage, optional: [true, true] }])).toBeUndefined();
  });
});
