import { expect, test } from 'vitest';
import { parseDatasetName, parseShortName, type ShortName } from '../zfs/dataset-name.ts';
import { parseGuid } from '../zfs/guid.ts';
import { type Anchor, anchorId, anchorName, byTree, changeAnchor } from './anchors.ts';
import { dataset, points } from './testing.ts';

const name = parseShortName;
const names = (...all: string[]): Set<ShortName> => new Set(all.map(name));

function anchor(differs: Partial<Anchor> = {}): Anchor {
  return {
    source: parseDatasetName('src/a'),
    target: parseDatasetName('dst/a'),
    guid: parseGuid('7'),
    onSource: name('new'),
    onTarget: name('new'),
    ...differs,
  };
}

const change = (history: string, before?: string, held?: Set<ShortName>, differs: Partial<Anchor> = {}) =>
  changeAnchor('ab12cd', anchor(differs), points(history).bookmarks, before ? name(before) : undefined, held);

test('a name of ours is told from any other', () => {
  expect(anchorId(anchorName('ab12cd', parseGuid('7')))).toBe('ab12cd');
  for (const other of ['zferry_ab12cd_20261120T030405Z', 'zferry_ab12cd_0', 'zferry__7', 'mine', 'zferry_7'])
    expect(anchorId(other)).toBeUndefined();
});

test('a new base is marked and held, and the old one let go', () => {
  expect(change('#zferry_ab12cd_3,3', 'old')).toMatchObject({
    mark: { snapshot: 'new', bookmark: 'zferry_ab12cd_7' },
    unmark: ['zferry_ab12cd_3'],
    hold: 'new',
    release: ['old'],
  });
});

test('where the bookmark of this base is the only one, nothing is done', () => {
  const none = { mark: undefined, unmark: [], hold: undefined, release: [] };
  expect(change('#zferry_ab12cd_7,7', 'new')).toMatchObject(none);
  expect(change('#zferry_ab12cd_7,7', 'new', names('new'))).toMatchObject(none);
});

test('a replica that was never anchored is', () => {
  expect(change('', 'new')).toMatchObject({ mark: { snapshot: 'new' }, hold: 'new', release: [] });
});

test('bookmarks of other replicas and of other people stay', () => {
  expect(change('#zferry_zzzzzz_3,3 #mine,4 #zferry_ab12cd_5,5').unmark).toEqual(['zferry_ab12cd_5']);
});

test('what a run that died left is found and let go, what is in use is not', () => {
  expect(change('#zferry_ab12cd_7,7', 'new', names('older', 'old'))).toMatchObject({
    hold: 'new',
    release: ['older', 'old'],
  });
  expect(change('#zferry_ab12cd_7,7', 'new', names('older', 'new'))).toMatchObject({
    hold: undefined,
    release: ['older'],
  });
});

test('where the source has only a foreign bookmark of the base left, our last one stays, too', () => {
  expect(change('#zferry_ab12cd_3,3', 'old', undefined, { onSource: undefined })).toMatchObject({
    mark: undefined,
    unmark: [],
    hold: 'new',
  });
});

test('one name for a tree: it is on the top, and on nothing else than is wanted', () => {
  const top = parseDatasetName('n/c');
  const [a, b] = [parseDatasetName('n/c/a'), parseDatasetName('n/c/b')];
  const wanted = [
    { dataset: top, name: parseShortName('x') },
    { dataset: a, name: parseShortName('x') },
    { dataset: b, name: parseShortName('y') },
  ];
  const there = [dataset('n/c', '@x,1'), dataset('n/c/a', '@x,2'), dataset('n/c/b', '@y,3')];
  expect(byTree(top, wanted, there)).toEqual({ names: ['x'], rest: ['n/c/b@y'] });
  const other = [...there, dataset('n/c/else', '@x,4')];
  expect(byTree(top, wanted, other)).toEqual({ names: [], rest: ['n/c@x', 'n/c/a@x', 'n/c/b@y'] });
});
