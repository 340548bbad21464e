import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { keptOf } from '../plan/known-listing.ts';
import { dataset } from '../plan/testing.ts';
import { knownListings } from './known-listings.ts';

const folder = mkdtempSync(join(tmpdir(), 'zferry-known-'));
afterAll(() => rmSync(folder, { recursive: true }));

const told: string[] = [];
const open = (state = folder) => knownListings(state, (message) => void told.push(message));
const listing = keptOf([dataset('t/a', '@x,1 #y,2', { changed: 5 })], 100, 100);
const files = (): string[] =>
  readdirSync(join(folder, 'listings')).map((name) => join(folder, 'listings', name));

test('what was kept is known to the next, by its key', () => {
  open().write('tree a:t/a', listing);
  expect(open().read('tree a:t/a')).toEqual(listing);
  expect(open().read('tree b:t/a')).toBeUndefined();
  open().write('tree b:t/a', 'not told');
  expect(open().read('tree b:t/a')).toBe('not told');
  expect(files()).toHaveLength(2);
  open().write('tree b:t/a', undefined);
  expect(open().read('tree b:t/a')).toBe('not told');
  open().write('tree b:t/a', listing);
  open().write('tree b:t/a', undefined);
  open().write('tree b:t/a', undefined);
  expect(open().read('tree b:t/a')).toBeUndefined();
});

test.each([
  ['cut off', (text: string) => text.slice(0, -9)],
  ['of another format', (text: string) => text.replace('"format":2', '"format":1')],
  ['of another place', (text: string) => text.replace('tree a:t/a', 'tree a:t/b')],
  ['with what is no number', (text: string) => text.replace('["@","x","1",1]', '["@","x","-1",1]')],
])('a file that is %s is as good as none', (_, spoil) => {
  open().write('tree a:t/a', listing);
  const [file = ''] = files();
  const text = readFileSync(file, 'utf8');
  expect(spoil(text)).not.toBe(text);
  writeFileSync(file, spoil(text));
  expect(open().read('tree a:t/a')).toBeUndefined();
});

test('where nothing can be kept that is said once', () => {
  const [file = ''] = files();
  const one = open(file);
  one.write('tree a:t/a', listing);
  one.write('tree a:t/a', listing);
  expect(told).toEqual([expect.stringContaining('is not kept in')]);
});
