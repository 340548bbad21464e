import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseDatasetName } from '../zfs/dataset-name.ts';
import { onHost, parsePlace, placeText } from './place.ts';

test.each([
  ['tank/home', '', 'tank/home'],
  ['nas:backup/home', 'nas', 'backup/home'],
  ['root@nas:backup/a:b', 'root@nas', 'backup/a:b'],
  [':tank', '', 'tank'],
  ['tank/a:b', '', 'tank/a:b'],
  [':po:ol/a', '', 'po:ol/a'],
  ['nas:backup/my files', 'nas', 'backup/my files'],
])('%j is %j and %j, and is written back', (text, host, dataset) => {
  const place = parsePlace(text);
  expect(place).toEqual({ host, dataset });
  expect(parsePlace(placeText(place))).toEqual(place);
});

const form = 'write a place as [[user@]host:]dataset';

test.each<[string, string, string | undefined]>([
  ['nas:', '"nas:" names a host without a dataset', 'write it as nas:pool/dataset'],
  ['-oProxyCommand=x:tank', '"-oProxyCommand=x" in "-oProxyCommand=x:tank" is not a host\'s name', form],
  ['root@:tank', '"root@" in "root@:tank" is not a host\'s name', form],
  ['my nas:tank', '"my nas" in "my nas:tank" is not a host\'s name', form],
  ['"nas":tank', '""nas"" in ""nas":tank" is not a host\'s name', form],
  [
    '[fe80::1]:tank',
    '"[fe80::1]:tank" gives a host by its IPv6 address',
    'give it a "Host" entry in ~/.ssh/config and use that name',
  ],
  [
    'nas:/tank',
    '"/tank" is not a dataset\'s name: it begins with "/"; give the dataset, not the path where it is mounted',
    undefined,
  ],
  ['', '"" is not a dataset\'s name: it is empty', undefined],
])('%j is refused: %s', (text, message, next) => {
  expect(() => parsePlace(text)).toThrow(expect.objectContaining({ code: 'usage', message, next }));
});

test('a slash before the first colon belongs to a dataset, one after it to a dataset on a host', () => {
  expect(parsePlace('a/b:c')).toEqual({ host: '', dataset: 'a/b:c' });
  expect(parsePlace('a:b/c')).toEqual({ host: 'a', dataset: 'b/c' });
  expect(['', 'nas'].map(onHost)).toEqual(['on this machine', 'on nas']);
  expect(placeText({ host: '', dataset: parseDatasetName('po:ol/a') })).toBe(':po:ol/a');
  expect(placeText({ host: '', dataset: parseDatasetName('pool/a:b') })).toBe('pool/a:b');
  expect(placeText({ host: 'nas', dataset: parseDatasetName('po:ol/a') })).toBe('nas:po:ol/a');
});

test('any text is a place or a usage error', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      try {
        expect(parsePlace(placeText(parsePlace(text)))).toEqual(parsePlace(text));
      } catch (error) {
        expect(error).toMatchObject({ code: 'usage', exitCode: 2 });
      }
    }),
  );
});
