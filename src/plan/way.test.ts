import { describe, expect, test } from 'vitest';
import { planText } from './plan-text.ts';
import { planSync } from './sync-plan.ts';
import { dataset, side, syncOptions } from './testing.ts';
import type { Way } from './way.ts';

const filter = { send: undefined, receive: undefined };

function plan(way: Way, from = 'web', to = 'nas', encrypted = false) {
  const source = side('t/s', [dataset('t/s', '@one,1'), dataset('t/s/a', '@one,2', { encrypted })]);
  const target = side('u/d', []);
  const at = (one: typeof source, host: string) => ({ ...one, place: { ...one.place, host } });
  return planSync(at(source, from), at(target, to), syncOptions({ snapshot: 'no', way }), new Set());
}

describe('compression', () => {
  test('is for a network between the ends', () => {
    const made = plan({ compress: 'zstd', filter });
    expect([made.way.compress, made.notes]).toEqual(['zstd', []]);
    expect(planText(made)).toContain('  data      compressed with zstd on its way\n');
  });

  test.each([
    ['', ''],
    ['nas', 'nas'],
  ])('is left out on one host, and that is said (%j to %j)', (from, to) => {
    const made = plan({ compress: 'lz4', filter }, from, to);
    expect(made.way.compress).toBe('off');
    expect(made.notes).toEqual([
      'nothing is compressed on its way: both ends are on one host, without a network between them',
    ]);
    expect(planText(made)).not.toContain('compressed with');
  });

  test('does without what is sent raw, and that is said', () => {
    const made = plan({ compress: 'zstd', filter }, '', 'nas', true);
    expect(made.way.compress).toBe('zstd');
    expect(made.notes).toEqual([
      'what is sent raw is not compressed on its way: encrypted, it would not get smaller',
    ]);
  });

  test('that nobody asked for is not spoken of', () => {
    const made = plan({ compress: 'off', filter }, '', '', true);
    expect([made.notes, planText(made)]).toEqual([[], expect.not.stringContaining('  data  ')]);
  });
});

test('filters are told without their words', () => {
  const made = plan({ compress: 'zstd', filter: { send: ['hide', '-k', 'secret'], receive: ['show'] } }, '');
  expect(planText(made)).toContain(
    '  data      filtered on this machine (--filter-send), compressed with zstd on its way, filtered on nas (--filter-receive)\n',
  );
  expect(planText(made)).not.toContain('secret');
});
