import { setImmediate as soon } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { sessions } from './sessions.ts';

describe("a host's sessions", () => {
  it('lets in as many as there are, the others in the order in which they came', async () => {
    const free = sessions(2);
    const order: number[] = [];
    const releases = new Map<number, () => void>();
    for (const number of [1, 2, 3, 4]) {
      void free.take(1).then((release) => releases.set(number, release) && order.push(number));
    }
    await soon();
    expect(order).toEqual([1, 2]);
    releases.get(2)?.();
    releases.get(2)?.();
    await soon();
    expect(order).toEqual([1, 2, 3]);
  });

  it('takes several at once or none, so that two pipelines never hold one each and wait', async () => {
    const free = sessions(3);
    const first = await free.take(2);
    const got: string[] = [];
    void free.take(2).then(() => got.push('second'));
    await soon();
    expect(got).toEqual([]);
    first();
    await soon();
    expect(got).toEqual(['second']);
  });

  it('lets a waiting one go when it is cancelled, and those behind it in', async () => {
    const free = sessions(2);
    await free.take(1);
    const stop = new AbortController();
    const big = free.take(2, stop.signal);
    const small = free.take(1);
    stop.abort();
    await expect(big).rejects.toMatchObject({ code: 'cancelled' });
    await small;
  });

  it('lets in alone what wants more than there are', async () => {
    const release = await sessions(2).take(5);
    release();
  });
});
