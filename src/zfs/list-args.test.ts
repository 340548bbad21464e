import { expect, test } from 'vitest';
import { ownProperties } from './dataset.ts';
import { parseDatasetName } from './dataset-name.ts';
import * as list from './list-args.ts';

const [a, b] = [parseDatasetName('tank/a'), parseDatasetName('tank/b')];
const columns =
  'name,type,guid,createtxg,used,available,referenced,written,readonly,mounted,encryption,keystatus,receive_resume_token,inconsistent,origin,encryptionroot,keyguid,pbkdf2salt';
const own =
  'zferry:id,zferry:source,zferry:mode,zferry:large-blocks,zferry:placeholder,zferry:aside,zferry:rebuilding,zferry:vanished,zferry:sync';
const get = 'zfs get -Hp';
const all = `-t filesystem,volume -o property,value,source ${columns},${own}`;

test.each([
  [`${get} -d 0 ${all} tank/a`, list.getDatasetsArgs(a, 'dataset')],
  [`${get} -r ${all} tank/a`, list.getDatasetsArgs(a, 'tree')],
  [`${get} -r ${all},snapshots_changed tank/a`, list.getDatasetsArgs(a, 'tree', true)],
  [`${get} ${all} tank/a tank/b`, list.getNamedDatasetsArgs([a, b])],
  ['zfs list -Hp -d 1 -t snapshot,bookmark -o name,guid,createtxg tank/a', list.listPointsArgs(a, 'dataset')],
  ['zfs list -Hp -r -t snapshot,bookmark -o name,guid,createtxg tank/a', list.listPointsArgs(a, 'tree')],
  ['zfs list -Hp -d 1 -t snapshot -o name,guid,createtxg tank/a tank/b', list.listPointsOfArgs([a, b])],
  [
    'zfs list -Hp -d 1 -t snapshot,bookmark -o name,guid,createtxg tank/a tank/b',
    list.listHistoriesArgs([a, b]),
  ],
  [
    'zfs list -Hp -t snapshot,bookmark -o name,guid,createtxg tank/a@x tank/a#y',
    list.listNamedPointsArgs(['tank/a@x', 'tank/a#y']),
  ],
  [
    'zfs list -Hp -t snapshot -o name,guid,createtxg,written,referenced tank/a@x',
    list.listNewSnapshotsArgs(['tank/a@x']),
  ],
  ['zfs list -Hp -t snapshot -o name,written,referenced tank/a@x', list.snapshotSizesArgs(['tank/a@x'])],
  [`${get} -d 1 -t filesystem,volume,snapshot -o name,value creation tank/a`, list.creationArgs(a)],
  [
    `${get} -r -t filesystem,volume -s local -o name,property,value zferry:aside,zferry:vanished tank/a`,
    list.getMarksArgs(a, [ownProperties.aside, ownProperties.vanished]),
  ],
  [
    'zfs list -Hp -d 1 -t filesystem,volume -o name,type,origin,mounted,inconsistent,encryptionroot,keystatus tank/a',
    list.listChildrenArgs(a),
  ],
  [`${get} -o value quota tank/a`, list.propertyValueArgs('quota', a)],
  ['zfs list -Hp -d 1 -t snapshot,bookmark -o guid,ivsetguid tank/a', list.ivSetsArgs(a)],
  ['zfs list -Hp -t snapshot -o name,clones tank/a@x', list.keptSnapshotsArgs(['tank/a@x'])],
  ['zfs list -Hp -t volume -o name,volsize,refreservation tank/a tank/b', list.volumeRoomArgs([a, b])],
  ['zfs list -H -d 1 -t filesystem,volume,snapshot,bookmark -o name tank/a', list.listBelowArgs(a)],
  ['zfs userspace -Hp -o objused tank/a', list.countObjectsArgs(a)],
  ['zfs version', list.versionArgs()],
  ['zpool get -Hp -o property,value all tank/a', list.poolArgs(a)],
])('%s', (line, argv) => {
  expect(argv).toEqual(line.split(' '));
});
