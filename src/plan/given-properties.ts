import type { Dataset } from '../zfs/dataset.ts';
import { type DatasetName, isWithin } from '../zfs/dataset-name.ts';
import { usageError } from '../zfs/failure.ts';
import { longestValue, nativeProperty } from '../zfs/native-properties.ts';
import type { Refusal } from '../zfs/property-output.ts';
import type { DatasetPlan } from './decision.ts';
import { fitsGlob } from './glob.ts';
import { isAskedFor, isAskedForUnknown, type PropertyRequest } from './property-request.ts';
import { propertyText } from './property-text.ts';

/** What the first receives of a run set beside what zferry sets by itself. */
export type Given = {
  /** By the name of the source dataset. */
  readonly properties: ReadonlyMap<DatasetName, Readonly<Record<string, string>>>;
  /** What is not as it was asked for, a sentence each. */
  readonly warnings: readonly string[];
};

export const nothingGiven: Given = { properties: new Map(), warnings: [] };

/** A dataset whose first receive sets properties. */
export type First = {
  readonly source: DatasetName;
  readonly target: DatasetName;
  readonly type: Dataset['type'];
  /** Names that zferry sets there by itself. */
  readonly preset: ReadonlySet<string>;
};

/** A property of a dataset of the source. */
export type Chosen = { readonly dataset: DatasetName; readonly name: string };

/** A property that a first receive is to set. */
export type Wish = {
  readonly first: First;
  readonly name: string;
  readonly value: string;
  /** By `--override`, and not because the source has it. */
  readonly override: boolean;
};

/**
 * Those that are received for the first time, parents first. Not among them: what goes on from a first receive that was cut off, whose
 * properties are there since it began. The root of a pool is among them also then: it gets its properties at the end.
 */
export function firstReceives(plans: readonly DatasetPlan[], sources: readonly Dataset[]): First[] {
  const types = new Map(sources.map(({ name, type }) => [name, type]));
  return plans.flatMap(({ source, target, decision }) => {
    if (decision.kind !== 'send') return [];
    const preset = new Set(Object.keys(decision.properties));
    return preset.size === 0 ? [] : [{ source, target, type: types.get(source) ?? 'filesystem', preset }];
  });
}

/** The plan's datasets, with what is given to those that are received for the first time. */
export function withGiven(plans: readonly DatasetPlan[], { properties }: Given): readonly DatasetPlan[] {
  return plans.map((plan) => {
    const { decision } = plan;
    const given = properties.get(plan.source);
    const first = decision.kind === 'send' && Object.keys(decision.properties).length > 0;
    if (given === undefined || !first) return plan;
    return { ...plan, decision: { ...decision, properties: { ...decision.properties, ...given } } };
  });
}

/**
 * The properties to take from the source.
 * @param local names of what is set on each dataset itself. What it inherits it does not own; what it received (as a replica) is its source's
 * @param top the source's top dataset: a pattern is more often misspelt than meant where it fits nothing in the whole copy
 */
export function chooseProperties(
  { choice, overrides }: PropertyRequest,
  firsts: readonly First[],
  local: ReadonlyMap<DatasetName, readonly string[]>,
  top: DatasetName,
): { readonly chosen: readonly Chosen[]; readonly warnings: readonly string[] } {
  const all = firsts.flatMap(({ source }) =>
    (local.get(source) ?? []).map((name) => ({ dataset: source, name })),
  );
  // What an override sets reaches those below by inheritance, where they have no value of their own.
  const chosen = all.filter(({ name }) => isAskedFor(choice, name) && !overrides.has(name));
  const unknown = all.filter(({ name }) => isAskedForUnknown(choice, name));
  const whole = firsts.some(({ source }) => source === top);
  const unused = choice.patterns.filter(
    (pattern) => whole && !all.some(({ name }) => isAskedFor(choice, name) && fitsGlob(name, pattern)),
  );
  return {
    chosen,
    warnings: [
      ...[...Map.groupBy(unknown, ({ name }) => name)].map(
        ([name, on]) =>
          `${name} of ${namesText(on.map(({ dataset }) => dataset))} is not given to the copy: zferry does not know what it would do there`,
      ),
      ...unused.map(
        (pattern) =>
          `--properties ${pattern} fits nothing that is set on ${top}${firsts.length > 1 ? ' or below it' : ''} and may be given`,
      ),
    ],
  };
}

/**
 * All that is to be set, parents first. An override is set on the highest dataset that arrives and can have it: those that arrive with it inherit it, and
 * the copy has one place to change it. What is not inherited is set on each.
 */
export function wishesOf(
  firsts: readonly First[],
  values: ReadonlyMap<DatasetName, ReadonlyMap<string, string>>,
  overrides: ReadonlyMap<string, string>,
): Wish[] {
  return firsts.flatMap((first) => {
    const taken = [...(values.get(first.source) ?? [])].map(([name, value]) => ({
      first,
      name,
      value,
      override: false,
    }));
    const set = [...overrides].flatMap(([name, value]) =>
      isSetOn(first, name, firsts) ? [{ first, name, value, override: true }] : [],
    );
    return [...taken, ...set];
  });
}

function isSetOn(first: First, name: string, firsts: readonly First[]): boolean {
  const { types, inherits } = nativeProperty(name) ?? { types: 'both', inherits: true };
  if (types !== 'both' && types !== first.type) return false;
  const above = firsts.some((one) => one !== first && isWithin(first.target, one.target));
  return !inherits || !above || first.preset.has(name);
}

/** Native properties to ask the target about, each value once. */
export function wishesToCheck(wishes: readonly Wish[]): Wish[] {
  const native = wishes.filter(({ name }) => !name.includes(':'));
  return [...Map.groupBy(native, wishKey).values()].flatMap(([one]) => (one ? [one] : []));
}

/** Wishes that ZFS answers alike. */
export function wishKey({ first, name, value }: Wish): string {
  return JSON.stringify([first.type, name, value]);
}

/**
 * What is set of all that was wished for. What the target does not take is left out: it would stop the receive.
 * @param refusals by `wishKey`
 * @throws ZferryError `usage` for an override with a value that cannot be: whoever gave it is there to mend it
 */
export function settleWishes(wishes: readonly Wish[], refusals: ReadonlyMap<string, Refusal>): Given {
  const refused = new Map<string, Wish[]>();
  const properties = new Map<DatasetName, Record<string, string>>();
  const room = new Map<DatasetName, number>();
  const refuse = (wish: Wish, why: string): void => {
    const what = `${propertyText(wish.name, wish.value)} is left out: ${why}`;
    refused.set(what, [...(refused.get(what) ?? []), wish]);
  };
  for (const wish of wishes) {
    const { first, name, value, override } = wish;
    const refusal = refusals.get(wishKey(wish));
    const left = (room.get(first.source) ?? roomForAll) - propertyBytes({ [name]: value });
    if (refusal !== undefined) {
      if (override && refusal.kind === 'bad-value') throw badOverride(wish, refusal);
      // An override goes where it can.
      if (!override || refusal.kind !== 'other-type') refuse(wish, refusalText(refusal));
    } else if (value.includes('\uFFFD')) {
      refuse(wish, 'it is not UTF-8');
    } else if (left < 0 || Buffer.byteLength(value) > longestValue) {
      refuse(wish, 'it is too long for a command line');
    } else {
      room.set(first.source, left);
      properties.set(first.source, { ...properties.get(first.source), [name]: value });
    }
  }
  const warnings = [...refused].map(
    ([what, on]) => `${namesText(on.map(({ first }) => first.target))}: ${what}`,
  );
  return { properties, warnings };
}

/** What a shell's line has for all properties of a dataset; Linux gives it 128 KiB for everything. */
const roomForAll = 60_000;

/** How many bytes properties can take in a shell's line at most: each byte that a shell could read otherwise travels as several. */
export function propertyBytes(properties: Readonly<Record<string, string>>): number {
  return Object.entries(properties).reduce((sum, [name, value]) => {
    const plain = value.replaceAll(/[^A-Za-z0-9_./:,@=+ -]/g, '').length;
    return sum + name.length + plain + 20 * (Buffer.byteLength(value) - plain) + 10;
  }, 0);
}

function refusalText({ kind, said }: Refusal): string {
  return kind === 'unknown' ? 'the ZFS there has no such property' : `the ZFS there says: ${said}`;
}

function badOverride({ name, value, first }: Wish, { said }: Refusal): Error {
  return usageError(
    `--override ${propertyText(name, value)}: the ZFS of the target does not take it for ${first.target}: ${said}`,
    'give it another value; nothing was changed',
  );
}

function namesText(names: readonly string[]): string {
  const shown = names.slice(0, 3).join(', ');
  return names.length > 3 ? `${shown} and ${names.length - 3} more` : shown;
}
