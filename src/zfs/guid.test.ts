import { expect, test } from 'vitest';
import { parseGuid } from './guid.ts';

test('keeps a GUID above 2^63 digit for digit', () => {
  expect(parseGuid('17469734179129440246')).toBe('17469734179129440246');
  expect(parseGuid('18446744073709551615')).toBe('18446744073709551615');
});

test.each(['', '0', '-', '-1', '1.0', '1e3', '01', '18446744073709551616', '9 ', '٣'])(
  'does not take %j for a GUID',
  (text) => {
    expect(() => parseGuid(text)).toThrow(
      expect.objectContaining({ code: 'bad-output', message: `Cannot read "${text}" as a GUID` }),
    );
  },
);
