import { describe, expect, test } from 'vitest';
import { planSync } from '../plan/sync-plan.ts';
import { dataset, side, syncOptions } from '../plan/testing.ts';
import { type SendingPlan, type SendQueue, sendQueue, type Turn } from './send-queue.ts';

/** Plans for these datasets, `name history`, onto a target that has these. */
function sending(sources: readonly string[], targets: readonly string[] = []): SendingPlan[] {
  const datasets = (lines: readonly string[]) =>
    lines.map((line) => dataset(line.split(' ')[0] ?? '', line.slice(line.indexOf(' ') + 1)));
  const source = side('t/s', datasets(sources));
  const target = side('u/d', datasets(targets));
  const plan = planSync(source, target, syncOptions({ snapshot: 'no' }), new Set());
  return plan.datasets.filter((one): one is SendingPlan => one.decision.kind === 'send');
}

/** Each goes alone. */
const queueOf = (datasets: readonly SendingPlan[]) => sendQueue(datasets, () => false);

const taken = (turn: Turn | undefined): string | undefined =>
  turn && `${turn.dataset.source} @${turn.step.stream.to.name}`;

/** All that can be sent right now. */
function takeAll(queue: SendQueue): Turn[] {
  const turns: Turn[] = [];
  for (let [turn] = queue.take(1); turn !== undefined; [turn] = queue.take(1)) turns.push(turn);
  return turns;
}

test('a first send waits for that of its parent, siblings go side by side', () => {
  const queue = queueOf(sending(['t/s @a,1', 't/s/x @a,2', 't/s/x/deep @a,3', 't/s/y @a,4']));
  const [top, ...none] = takeAll(queue);
  expect([taken(top), none]).toEqual(['t/s @a', []]);
  if (top) queue.arrived(top);
  const siblings = takeAll(queue);
  expect(siblings.map(taken)).toEqual(['t/s/x @a', 't/s/y @a']);
  for (const turn of siblings) queue.arrived(turn);
  expect(takeAll(queue).map(taken)).toEqual(['t/s/x/deep @a']);
});

test('only the first step of a parent is waited for, and a long history lets others go between', () => {
  const queue = queueOf(sending(['t/s @a,1 @b,2', 't/s/x @a,3']));
  const order: (string | undefined)[] = [];
  for (let [turn] = queue.take(1); turn !== undefined; [turn] = queue.take(1)) {
    order.push(taken(turn));
    queue.arrived(turn);
  }
  expect(order).toEqual(['t/s @a', 't/s/x @a', 't/s @b']);
});

test('an increment waits for nothing', () => {
  const queue = queueOf(
    sending(['t/s @a,1 @b,2', 't/s/x @a,3 @b,4', 't/s/new @a,9'], ['u/d @a,1', 'u/d/x @a,3']),
  );
  expect(takeAll(queue).map(taken)).toEqual(['t/s @b', 't/s/x @b', 't/s/new @a']);
});

test('what is dropped takes those along that waited for it, each with the parent that it lacks', () => {
  const datasets = sending(['t/s @a,1', 't/s/x @a,2', 't/s/x/deep @a,3', 't/s/y @a,4']);
  const queue = queueOf(datasets);
  const [top] = takeAll(queue);
  if (top) queue.arrived(top);
  const x = takeAll(queue)[0];
  const orphans = x ? queue.drop(x.dataset) : [];
  expect(orphans.map(({ dataset: { source }, parent }) => `${source} lacks ${parent}`)).toEqual([
    't/s/x/deep lacks u/d/x',
  ]);
  expect(queue.rest()).toEqual([]);
});

test('one that is dropped while it waits does not come with its parent', () => {
  const datasets = sending(['t/s @a,1', 't/s/x @a,2', 't/s/y @a,3']);
  const queue = queueOf(datasets);
  const [top] = queue.take(1);
  if (datasets[1]) queue.drop(datasets[1]);
  if (top) queue.arrived(top);
  expect(takeAll(queue).map(taken)).toEqual(['t/s/y @a']);
});

test('what is left over tells whether some of it has arrived', () => {
  const queue = queueOf(sending(['t/s @a,1 @b,2', 't/s/x @a,3', 't/s/x/deep @a,4']));
  const [top] = queue.take(1);
  if (top) queue.arrived(top);
  expect(queue.rest().map(({ dataset: { source }, begun }) => `${source} ${begun}`)).toEqual([
    't/s/x false',
    't/s true',
    't/s/x/deep false',
  ]);
});

describe('trains', () => {
  const names = Array.from({ length: 10 }, (_, i) => `t/s/d${i} @a,${i + 1}`);
  const small = ({ dataset }: Turn) => !dataset.source.endsWith('3');
  const lengths = (queue: SendQueue, slots: number[]) => slots.map((n) => queue.take(n).length);

  test('small steps are spread over the slots that are free; a large one goes alone, in its turn', () => {
    const queue = sendQueue(sending(names), small);
    expect(lengths(queue, [4, 3, 2, 1, 1])).toEqual([3, 1, 3, 3, 0]);
  });

  test('no train is longer than a command line', () => {
    const many = Array.from({ length: 100 }, (_, i) => `t/s/d${i} @a,${i + 1}`);
    expect(
      lengths(
        sendQueue(sending(many), () => true),
        [1, 1, 1, 1],
      ),
    ).toEqual([40, 40, 20, 0]);
  });

  test('what was not tried comes next', () => {
    const queue = sendQueue(sending(names), () => true);
    const [, ...rest] = queue.take(2);
    queue.again(rest);
    expect(taken(queue.take(1)[0])).toBe('t/s/d1 @a');
  });
});
