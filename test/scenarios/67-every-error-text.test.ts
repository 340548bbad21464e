import { expect, test } from 'vitest';
import { zfsErrors } from '../../src/zfs/errors.ts';
import { keeping } from '../world/errors/keeping.ts';
import { provoke } from '../world/errors/provoke.ts';
import { receiving } from '../world/errors/receiving.ts';
import { sending } from '../world/errors/sending.ts';
import { unprovoked } from '../world/errors/unprovoked.ts';
import { scenario } from '../world/scenario.ts';

scenario(
  'what ZFS says when something cannot be done is understood',
  { minutes: 6 },
  async ({ source, target }) => {
    const [ofReceiving, ofOthers] = await Promise.all([
      provoke(target, receiving),
      provoke(source, sending).then(async (wrong) => [...wrong, ...(await provoke(source, keeping))]),
    ]);
    expect([...ofReceiving, ...ofOthers]).toEqual([]);
  },
);

test('every code is provoked here, or there is a reason why not', () => {
  const provoked = [receiving, sending, keeping].flatMap(({ cases }) => cases.map(({ code }) => code));
  const known = [...new Set([...provoked, ...unprovoked.map(({ code }) => code)])].sort();
  expect(known).toEqual([...new Set(zfsErrors.map(({ code }) => code))].sort());
});
