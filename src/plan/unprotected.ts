import { ownProperties, valueOwn } from '../zfs/dataset.ts';
import { quotedName } from './conflict.ts';
import type { DatasetPlan } from './decision.ts';
import { onHost, placeText } from './place.ts';
import type { Side } from './side.ts';

/** How many names are given before the rest is counted. */
const shown = 3;

/** Copies that anybody can write to, so that they will diverge: those that something else has made, and those whose `readonly` somebody has taken away. */
export function unprotectedWarnings(plans: readonly DatasetPlan[], source: Side, target: Side): string[] {
  const going = plans.filter(
    ({ decision, remedies = [] }) =>
      'base' in decision && decision.base !== undefined && !remedies.some(({ kind }) => kind === 'set-aside'),
  );
  const names = new Set(going.map((plan) => plan.target));
  const { host, dataset } = target.place;
  const top = target.datasets.find(({ name }) => name === dataset && names.has(name));
  if (top !== undefined && valueOwn(top, ownProperties.id) === undefined) {
    return [
      `${placeText(target.place)} is not marked as a replica, so nothing keeps it read-only or tells it apart; to have it marked: zferry adopt ${quotedName(placeText(source.place))} ${quotedName(placeText(target.place))}`,
    ];
  }
  const open = target.datasets.filter((one) => names.has(one.name) && !one.readonly).map(({ name }) => name);
  const [first] = open;
  if (first === undefined) return [];
  const rest = open.length > shown ? ` and ${open.length - shown} more` : '';
  return [
    `${open.slice(0, shown).join(', ')}${rest} can be written to ${onHost(host)}, and a copy that is written to cannot go on: zfs set readonly=on ${quotedName(first)}`,
  ];
}
