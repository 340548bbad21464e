import { expect, test } from 'vitest';
import * as change from './change-args.ts';
import { parseDatasetName, parseShortName } from './dataset-name.ts';

const a = parseDatasetName('tank/a');
const b = parseDatasetName('tank/b');
const one = parseShortName('one');
const two = parseShortName('two');

test.each([
  ['zfs destroy tank/a@one,two', change.destroySnapshotsArgs(a, [one, two])],
  ['zfs bookmark tank/a@one tank/a#two', change.bookmarkArgs(a, one, two)],
  ['zfs destroy tank/a#one', change.destroyBookmarkArgs(a, one)],
  ['zfs set refreservation=auto tank/a', change.reserveVolumeArgs(a)],
  ['zfs set overlay=off tank/a', change.forbidOverlayArgs(a)],
  ['zfs mount tank/a', change.mountArgs(a)],
  ['zfs unmount tank/a', change.unmountArgs(a)],
  ['zfs inherit -r quota tank/a', change.inheritBelowArgs('quota', a)],
  ['zfs inherit quota tank/a', change.inheritArgs('quota', a)],
  ['zfs load-key tank/a', change.loadKeyArgs(a)],
  ['zpool sync tank', change.syncPoolArgs(parseDatasetName('tank'))],
  ['zfs rename tank/a tank/b', change.renameArgs(a, b)],
  ['zfs rename tank/a@one tank/a@two', change.renameSnapshotArgs(a, one, two)],
  [
    'zfs clone -o readonly=on -o canmount=noauto tank/a@one tank/b',
    change.cloneArgs(a, one, b, { readonly: 'on', canmount: 'noauto' }),
  ],
  ['zfs clone tank/a@one tank/b', change.cloneArgs(a, one, b, {})],
  ['zfs promote tank/b', change.promoteArgs(b)],
  ['zfs rollback tank/a@one', change.rollbackArgs(a, one)],
  ['zfs set quota=1G atime=off tank/a', change.setArgs(a, { quota: '1G', atime: 'off' })],
  ['zfs destroy tank/a', change.destroyEmptyArgs(a)],
])('%s', (line, argv) => {
  expect(argv).toEqual(line.split(' '));
});

test('snapshots of one pool are taken by one command, those of another by another', () => {
  expect(change.snapshotArgs([a, parseDatasetName('nas/c'), b], one)).toEqual([
    ['zfs', 'snapshot', 'tank/a@one', 'tank/b@one'],
    ['zfs', 'snapshot', 'nas/c@one'],
  ]);
});

test('more than one command takes: the top of their tree, or several commands where that has others below it, too', () => {
  const many = Array.from({ length: 3000 }, (_, i) => parseDatasetName(`tank/a/user${1000 + i}/documents`));
  expect(change.snapshotArgs([a, ...many], one, a)).toEqual([['zfs', 'snapshot', '-r', 'tank/a@one']]);
  const parts = change.snapshotArgs(many, one);
  expect(parts.length).toBeGreaterThan(2);
  expect(parts.flatMap((argv) => argv.slice(2))).toEqual(many.map((name) => `${name}@one`));
  for (const argv of parts) expect(argv.join(' ').length).toBeLessThan(50_000);
  // As many as fit are named, each by itself.
  expect(change.snapshotArgs(many.slice(0, 1000), one, a)).toHaveLength(1);
  expect(change.snapshotArgs(many.slice(0, 1000), one, a)[0]).toHaveLength(1002);
});

test('a placeholder is never mounted and says what it is, whatever else it is given', () => {
  expect(change.createPlaceholderArgs(a, { readonly: 'on' })).toEqual(
    'zfs create -o canmount=off -o zferry:placeholder=on -o readonly=on tank/a'.split(' '),
  );
});
