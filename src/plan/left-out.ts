import { type Dataset, localOwn, ownProperties, valueOwn } from '../zfs/dataset.ts';
import { type DatasetName, isWithin } from '../zfs/dataset-name.ts';
import { isAside } from './aside.ts';
import { isExcluded } from './own-snapshot.ts';
import { propertyText } from './property-text.ts';

/** A dataset of the source that is not copied because somebody said so. */
export type LeftOut = { readonly name: DatasetName; readonly reason: string };

/** What is left out of a tree, each with the one reason that came first. @param source all that was listed, its top first */
export function findLeftOut(
  source: readonly Dataset[],
  root: DatasetName,
  exclude: readonly string[],
): LeftOut[] {
  const aside = source.filter(isAside).map(({ name }) => name);
  return source.flatMap((dataset) => {
    const { name } = dataset;
    const pattern = exclude.find((one) => isExcluded(name, root, [one]));
    if (pattern !== undefined) return [{ name, reason: `excluded (--exclude ${pattern})` }];
    if (valueOwn(dataset, ownProperties.sync) === 'off')
      return [{ name, reason: `${ownProperties.sync}=off` }];
    if (aside.some((copy) => isWithin(name, copy))) return [{ name, reason: 'set aside' }];
    return [];
  });
}

/** Where nothing is copied at all, or where a wish cannot be understood: it is more often misspelt than meant. */
export function leftOutWarnings(source: readonly Dataset[], leftOut: readonly LeftOut[]): string[] {
  const [top] = source;
  const [first] = leftOut;
  const nothing =
    top !== undefined && first !== undefined && leftOut.length === source.length
      ? [`nothing of ${top.name} is copied: ${reasonsText(leftOut)}`]
      : [];
  const odd = source.flatMap((dataset) => {
    const wish = localOwn(dataset, ownProperties.sync);
    return wish === undefined || wish === 'on' || wish === 'off'
      ? []
      : [
          `${dataset.name} is copied: its ${propertyText(ownProperties.sync, wish)} is neither on nor off (zfs set ${ownProperties.sync}=off leaves it out)`,
        ];
  });
  return [...nothing, ...odd];
}

function reasonsText(leftOut: readonly LeftOut[]): string {
  return [...new Set(leftOut.map(({ reason }) => reason))].join(', ');
}
