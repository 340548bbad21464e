import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { conflictKinds } from '../../src/plan/conflict.ts';

const page = readFileSync(new URL('../../docs/states.md', import.meta.url), 'utf8');

test('docs/states.md has each reason for a refusal, as the plan names it, and no other', () => {
  const named = [...page.matchAll(/^\| `([a-z-]+)` +\|/gm)].map(([, kind]) => kind);
  expect(new Set(named)).toEqual(new Set(conflictKinds));
});

test('each row says how a state is told, what is done, and what is never done', () => {
  const rows = page.split('\n').filter((line) => line.startsWith('| ') && !line.startsWith('| --'));
  expect(rows.length).toBeGreaterThan(30);
  for (const row of rows) {
    const cells = row.split('|').slice(1, -1);
    expect(cells.length, row).toBeGreaterThanOrEqual(4);
    expect(
      cells.filter((cell) => cell.trim() === ''),
      row,
    ).toEqual([]);
  }
});
