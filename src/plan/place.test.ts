import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parsePlace, placeText } from './place.ts';

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

test.each([
  ['nas:', 'without a dataset'],
  ['-oProxyCommand=x:tank', "is not a host's name"],
  ['my nas:tank', "is not a host's name"],
  ['nas:/tank', 'begins with "/"'],
  ['', 'empty'],
])('%j is refused: %s', (text, reason) => {
  expect(() => parsePlace(text)).toThrow(reason);
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
