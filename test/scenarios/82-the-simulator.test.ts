import { expect } from 'vitest';
import { conform } from '../../sim/conformance.ts';
import { randomFrom } from '../../sim/random.ts';
import { isFull } from '../variants.ts';
import { scenario } from '../world/scenario.ts';

scenario('what the simulator does is what ZFS does', { minutes: isFull ? 30 : 3 }, async ({ source }) => {
  // What is below a mountpoint that a rollback takes away cannot be unmounted, which is not what is compared here.
  await source.zfs('set', 'mountpoint=legacy', 'src');
  await source.sh('echo correct horse > /root/key');
  const count = isFull ? 2000 : 100;
  const { compared, refused, differences } = await conform(
    (script) => source.sh(script),
    'src',
    randomFrom(Number(process.env['ZFERRY_SEED'] ?? '1')),
    count,
  );
  expect(differences).toEqual([]);
  expect(compared).toBeGreaterThanOrEqual(count);
  // What is refused is compared by what is said.
  expect(refused.size).toBeGreaterThan(5);
});
