import type { Dataset, OwnProperty, UserProperty } from './dataset.ts';

/**
 * The datasets with the true source of each of our properties: a value that is inherited from a received one counts as
 * received. `zfs send -p` and `-R` bring our properties along to a dataset that is no replica of ours, and below it ZFS
 * prints `inherited from …`, exactly as below a replica.
 * @param ancestors of the datasets, as far as they were listed; from an ancestor that was not listed, a value counts
 */
export function withReceivedOwn(datasets: readonly Dataset[], ancestors: readonly Dataset[]): Dataset[] {
  const listed = new Map<string, Dataset>([...ancestors, ...datasets].map((one) => [one.name, one]));
  const isReceived = (property: OwnProperty, { source }: UserProperty): boolean => {
    if (source === 'received' || source === 'local') return source === 'received';
    const from = listed.get(source.inheritedFrom)?.own.get(property);
    return from?.source === 'received';
  };
  return datasets.map((dataset) => {
    const found = [...dataset.own].filter(([property, value]) => isReceived(property, value));
    if (found.every(([, { source }]) => source === 'received')) return dataset;
    const received = found.map(([property, { value }]) => [property, { value, source: 'received' }] as const);
    return { ...dataset, own: new Map([...dataset.own, ...received]) };
  });
}
