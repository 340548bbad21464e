import { type DatasetName, datasetNameFault } from './dataset-name.ts';
import { ZferryError } from './failure.ts';

/** The answer to `localPropertyNamesArgs`, by dataset. @throws ZferryError `bad-output` */
export function parseLocalPropertyNames(text: string): Map<DatasetName, string[]> {
  const found = new Map<DatasetName, string[]>();
  for (const line of text.split('\n').filter(Boolean)) {
    const [dataset = '', property = '', more] = line.split('\t');
    if (property === '' || more !== undefined || datasetNameFault(dataset) !== undefined) {
      throw new ZferryError({
        code: 'bad-output',
        message: `Cannot read a dataset and the name of a property in the line ${JSON.stringify(line.slice(0, 200))} that ZFS printed`,
        next: 'report this line, with the output of: zfs version',
      });
    }
    const name = dataset as DatasetName;
    found.set(name, [...(found.get(name) ?? []), property]);
  }
  return found;
}

/** The answer to `localValueArgs`, to the byte; `undefined` where it is not set any more. */
export function parseLocalValue(text: string): string | undefined {
  return text.endsWith('\n') ? text.slice(0, -1) : undefined;
}

/** Why a property is not taken. `unknown`: that release has none of that name. `other-type`: only filesystems have it, or only volumes. */
export type Refusal = {
  readonly kind: 'unknown' | 'other-type' | 'bad-value';
  /** In the words of ZFS. */
  readonly said: string;
};

/** The answer to `checkPropertyArgs`; `undefined` where it is taken, and where the question was not understood. */
export function parsePropertyCheck(answer: {
  readonly status: number | undefined;
  readonly stderr: string;
}): Refusal | undefined {
  const said = /^cannot \w+ '[^']*': (.+)$/m.exec(answer.stderr)?.[1];
  if (answer.status === 0 || said === undefined) return undefined;
  if (said.startsWith('invalid property')) return { kind: 'unknown', said };
  if (said.includes('does not apply to datasets of this type')) return { kind: 'other-type', said };
  return { kind: 'bad-value', said };
}
