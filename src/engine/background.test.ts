import { expect, test } from 'vitest';
import { ZferryError } from '../zfs/failure.ts';
import { inBackground } from './background.ts';

test('what goes on beside is over when all of it is', async () => {
  const { begin, isOver, settled } = inBackground();
  const [one, other] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  begin(one.promise);
  begin(other.promise);
  one.resolve();
  await one.promise;
  expect(isOver()).toBe(false);
  other.resolve();
  expect(await settled()).toBe(true);
  expect(isOver()).toBe(true);
});

test('what stopped it is an answer, but for a fault of ours', async () => {
  const stopped = inBackground();
  stopped.begin(Promise.reject(new ZferryError({ code: 'cancelled', message: 'stopped' })));
  expect(await stopped.settled()).toBe(false);
  await expect(stopped.done()).rejects.toThrow('stopped');
  const broken = inBackground();
  broken.begin(Promise.reject(new TypeError('not a function')));
  await expect(broken.settled()).rejects.toThrow('not a function');
});
