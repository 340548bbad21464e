import { expect, test } from 'vitest';
import { planSync } from '../plan/sync-plan.ts';
import { dataset, side, syncOptions } from '../plan/testing.ts';
import type { SendingPlan } from './send-queue.ts';
import { isSmall } from './send-train.ts';

test('a first step with many words of properties goes alone: a train is one line of a shell', () => {
  const source = side('t', [dataset('t', '@a,1 @b,2')]);
  const small = (note: string, index: number): boolean => {
    const given = {
      properties: new Map([[source.place.dataset, { 'org.x:note': note }]]),
      warnings: [],
    };
    const [plan] = planSync(
      source,
      side('u/t', []),
      syncOptions({ given, snapshot: 'no' }),
      new Set(),
    ).datasets;
    if (plan?.decision.kind !== 'send') throw new Error('not to be sent');
    const step = plan.decision.steps[index];
    if (step === undefined) throw new Error('no such step');
    return isSmall({ dataset: plan as SendingPlan, step: { ...step, bytes: 100 }, index });
  };
  expect(small('a few words', 0)).toBe(true);
  expect(small('x'.repeat(8000), 0)).toBe(false);
  expect(small('"'.repeat(80), 0)).toBe(false);
  expect(small('x'.repeat(8000), 1)).toBe(true);
});
