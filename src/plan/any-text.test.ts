import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ZferryError } from '../zfs/failure.ts';
import { fitsGlob } from './glob.ts';
import { isChosen, ownSnapshotName, parseSnapshotChoice } from './own-snapshot.ts';
import { parsePlace, placeText } from './place.ts';
import { parsePropertyRequest } from './property-request.ts';
import { parseUtc, utcText } from './utc.ts';

const fragments = [
  ...'tank nas root@nas : / [ - -o = own none all * ** ? zferry: atime readonly org.x:a . ^ $ ( ) \\ | +'.split(
    ' ',
  ),
  ' ',
  '\n',
  "'",
  '\u0000',
  '\u{1f4be}',
];
const almost = fc.array(fc.constantFrom(...fragments), { maxLength: 12 }).map((words) => words.join(''));
const anyText = fc.oneof(fc.string({ unit: 'binary', maxLength: 60 }), almost);

/** The value, or `undefined` where it was said what is wrong with the text. */
function valueOf<T>(parse: () => T): T | undefined {
  try {
    return parse();
  } catch (error) {
    expect(error).toBeInstanceOf(ZferryError);
    return undefined;
  }
}

describe('whatever a person writes', () => {
  test('is a place that is written back as the same one, or it is said what is wrong with it', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const place = valueOf(() => parsePlace(text));
        if (place) expect(parsePlace(placeText(place))).toEqual(place);
      }),
    );
  });

  test('is a wish for properties, or it is said what is wrong with it', () => {
    fc.assert(
      fc.property(
        fc.array(anyText, { maxLength: 3 }),
        fc.array(anyText, { maxLength: 3 }),
        (names, overrides) => {
          const asked = valueOf(() => parsePropertyRequest(names, overrides));
          if (!asked) return;
          expect([...asked.overrides].map(([name, value]) => `${name}=${value}`)).toEqual(overrides);
          const own = asked.choice.own ? ['own'] : [];
          expect(new Set([...own, ...asked.choice.patterns])).toEqual(
            new Set(names.filter((one) => one !== 'none')),
          );
        },
      ),
    );
  });

  test('is a choice of snapshots that can be asked of any name', () => {
    fc.assert(
      fc.property(anyText, fc.nat(4_000_000_000), (text, seconds) => {
        const choice = valueOf(() => parseSnapshotChoice(text));
        const name = ownSnapshotName('ab12cd', seconds * 1000);
        if (choice)
          expect(isChosen(choice, name, 'ab12cd')).toBe(choice.kind !== 'glob' || fitsGlob(name, text));
      }),
    );
  });

  test('fits itself as a pattern, its parts fit a star, and all of it two', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(fitsGlob(text, text)).toBe(true);
        expect(fitsGlob(text, '*')).toBe(!text.includes('/'));
        expect(fitsGlob(text, '**')).toBe(true);
        if (!/[*?]/.test(text)) expect(fitsGlob(`${text}x`, text)).toBe(false);
      }),
    );
  });

  test('is a time only where it is written as one', () => {
    fc.assert(
      fc.property(fc.nat(4_000_000_000), anyText, (seconds, text) => {
        expect(parseUtc(utcText(seconds * 1000))).toBe(seconds * 1000);
        expect(parseUtc(text)).toBeUndefined();
      }),
    );
  });
});
