import type { DatasetPlan } from '../plan/decision.ts';
import type { Step } from '../plan/steps.ts';
import { type DatasetName, parentOf } from '../zfs/dataset-name.ts';

/** A dataset to which something is to be sent. */
export type SendingPlan = DatasetPlan & { readonly decision: { readonly kind: 'send' } };

/** One step that can be sent now. */
export type Turn = { readonly dataset: SendingPlan; readonly step: Step; readonly index: number };

export type SendQueue = {
  /**
   * The step whose turn it is, and with a small one its part of the other small ones that can go now, so that `slots` trains take them
   * all. Empty where none can be sent before another has arrived.
   */
  take(slots: number): readonly Turn[];
  /** They were not tried, and are the next. */
  again(turns: readonly Turn[]): void;
  /** It arrived: its dataset stands at the end of the queue again, and what waited for it may go. */
  arrived(turn: Turn): void;
  /** Nothing more of this dataset comes. @returns those that waited for it, with the target that each lacks */
  drop(dataset: SendingPlan): readonly Orphan[];
  /** What still wanted its turn, or another one after some that arrived. */
  rest(): readonly Rest[];
};

export type Rest = { readonly dataset: SendingPlan; readonly begun: boolean };

export type Orphan = { readonly dataset: SendingPlan; readonly parent: DatasetName };

/** What another may wait for: that a target is there, or has all. */
type Signal = `first:${string}` | `all:${string}`;

/** Steps in one train: a shell takes a line of 128 KiB, and a step can need 2 of it. */
const mostTogether = 40;

/**
 * Which dataset sends next. A first send waits for the first send of the parent that it is received into, a clone for all of its origin, and nothing
 * waits for anything else.
 * Taking turns step by step, a dataset with a long history keeps none of the others waiting.
 * @param datasets parents before children
 */
export function sendQueue(datasets: readonly SendingPlan[], isSmall: (turn: Turn) => boolean): SendQueue {
  let ready: Turn[] = [];
  /** What each of those that cannot go yet waits for. */
  const waiting = new Map<SendingPlan, Set<Signal>>();
  const firsts = new Set(datasets.filter(isFirst).map(({ target }) => target));
  const sources = new Map(datasets.map((one) => [one.source, one.target]));
  const enqueue = (dataset: SendingPlan, index: number): void => {
    const step = dataset.decision.steps[index];
    if (step !== undefined) ready.push({ dataset, step, index });
  };
  for (const dataset of datasets) {
    const parent = isFirst(dataset) ? nearestAbove(dataset, firsts) : undefined;
    const origin = dataset.after === undefined ? undefined : sources.get(dataset.after);
    const signals = new Set<Signal>([
      ...(parent === undefined ? [] : [`first:${parent}` as const]),
      ...(origin === undefined ? [] : [`all:${origin}` as const]),
    ]);
    if (signals.size === 0) enqueue(dataset, 0);
    else waiting.set(dataset, signals);
  }
  const give = (signal: Signal): void => {
    for (const [dataset, signals] of waiting) {
      if (!signals.delete(signal) || signals.size > 0) continue;
      waiting.delete(dataset);
      enqueue(dataset, 0);
    }
  };
  const drop = ({ target }: SendingPlan): readonly Orphan[] => {
    const lost = [...waiting].filter(
      ([, signals]) => signals.has(`first:${target}`) || signals.has(`all:${target}`),
    );
    for (const [dataset] of lost) waiting.delete(dataset);
    return lost.flatMap(([dataset]) => [{ dataset, parent: target }, ...drop(dataset)]);
  };
  return {
    take(slots) {
      const [first] = ready;
      if (first === undefined) return [];
      const small = isSmall(first) ? ready.filter(isSmall) : [];
      const count = Math.min(Math.ceil(small.length / slots), mostTogether);
      const turns = small.length === 0 ? [first] : small.slice(0, count);
      ready = ready.filter((turn) => !turns.includes(turn));
      return turns;
    },
    again(turns) {
      ready = [...turns, ...ready];
    },
    arrived({ dataset, index }) {
      const { target, decision } = dataset;
      if (index === 0) give(`first:${target}`);
      if (index === decision.steps.length - 1) give(`all:${target}`);
      enqueue(dataset, index + 1);
    },
    drop(dataset) {
      ready = ready.filter((turn) => turn.dataset !== dataset);
      waiting.delete(dataset);
      return drop(dataset);
    },
    rest: () => [
      ...ready.map(({ dataset, index }) => ({ dataset, begun: index > 0 })),
      ...[...waiting.keys()].map((dataset) => ({ dataset, begun: false })),
    ],
  };
}

/** The target is not there yet, or only the beginning of it. */
function isFirst({ decision }: SendingPlan): boolean {
  return decision.base === undefined;
}

function nearestAbove({ target }: SendingPlan, others: ReadonlySet<DatasetName>): DatasetName | undefined {
  let parent = parentOf(target);
  while (parent !== undefined && !others.has(parent)) parent = parentOf(parent);
  return parent;
}
