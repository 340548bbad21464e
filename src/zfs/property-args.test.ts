import { expect, test } from 'vitest';
import { parseDatasetName } from './dataset-name.ts';
import { checkPropertyArgs, localPropertyNamesArgs, localValueArgs } from './property-args.ts';

const [a, b] = [parseDatasetName('tank/a'), parseDatasetName('tank/b')];

test.each([
  ['zfs get -Hp -s local -o name,property all tank/a tank/b', localPropertyNamesArgs([a, b])],
  ['zfs get -Hp -s local -o value quota tank/a', localValueArgs(a, 'quota')],
  ['zfs create -n -o quota=1G tank/a', checkPropertyArgs(a, 'filesystem', 'quota', '1G')],
  ['zfs create -n -s -V 8M -o volmode=none tank/a', checkPropertyArgs(a, 'volume', 'volmode', 'none')],
])('%s', (line, argv) => {
  expect(argv).toEqual(line.split(' '));
});
