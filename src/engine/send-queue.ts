import type { DatasetPlan } from '../plan/dataset-plan.ts';
import type { Step } from '../plan/steps.ts';
import { type DatasetName, isWithin } from '../zfs/dataset-name.ts';

/** A dataset to which something is to be sent. */
export type SendingPlan = DatasetPlan & { readonly decision: { readonly kind: 'send' } };

/** One step that can be sent now. */
export type Turn = { readonly dataset: SendingPlan; readonly step: Step; readonly index: number };

export type SendQueue = {
  /** The step whose turn it is; `undefined` where none can be sent before another has arrived. */
  take(): Turn | undefined;
  /** It arrived: its dataset stands at the end of the queue again, and what waited for it may go. */
  arrived(turn: Turn): void;
  /** Nothing more of this dataset comes. @returns those below it that waited for it, with the parent that each lacks */
  drop(dataset: SendingPlan): readonly Orphan[];
  /** What still wanted its turn, or another one after some that arrived. */
  rest(): readonly Rest[];
};

export type Rest = { readonly dataset: SendingPlan; readonly begun: boolean };

export type Orphan = { readonly dataset: SendingPlan; readonly parent: DatasetName };

/**
 * Which dataset sends next. A first send waits for the first send of the parent that it is received into, and for nothing else.
 * Taking turns step by step, a dataset with a long history keeps none of the others waiting.
 * @param datasets parents before children
 */
export function sendQueue(datasets: readonly SendingPlan[]): SendQueue {
  const ready: Turn[] = [];
  const waiting = new Map<DatasetName, SendingPlan[]>();
  const firsts = datasets.filter(isFirst);
  const enqueue = (dataset: SendingPlan, index: number): void => {
    const step = dataset.decision.steps[index];
    if (step !== undefined) ready.push({ dataset, step, index });
  };
  for (const dataset of datasets) {
    const parent = isFirst(dataset) ? nearestAbove(dataset, firsts) : undefined;
    if (parent === undefined) enqueue(dataset, 0);
    else waiting.set(parent.target, [...(waiting.get(parent.target) ?? []), dataset]);
  }
  const release = (parent: DatasetName): readonly SendingPlan[] => {
    const below = waiting.get(parent) ?? [];
    waiting.delete(parent);
    return below;
  };
  const drop = ({ target }: SendingPlan): readonly Orphan[] =>
    release(target).flatMap((dataset) => [{ dataset, parent: target }, ...drop(dataset)]);
  return {
    take: () => ready.shift(),
    arrived({ dataset, index }) {
      for (const child of index === 0 ? release(dataset.target) : []) enqueue(child, 0);
      enqueue(dataset, index + 1);
    },
    drop(dataset) {
      const at = ready.findIndex((turn) => turn.dataset === dataset);
      if (at !== -1) ready.splice(at, 1);
      return drop(dataset);
    },
    rest: () => [
      ...ready.map(({ dataset, index }) => ({ dataset, begun: index > 0 })),
      ...[...waiting.values()].flat().map((dataset) => ({ dataset, begun: false })),
    ],
  };
}

/** The target is not there yet, or only the beginning of it. */
function isFirst({ decision }: SendingPlan): boolean {
  return decision.base === undefined;
}

function nearestAbove({ target }: SendingPlan, others: readonly SendingPlan[]): SendingPlan | undefined {
  return others.findLast((other) => other.target !== target && isWithin(target, other.target));
}
