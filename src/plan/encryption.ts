import type { Dataset } from '../zfs/dataset.ts';
import type { DatasetName } from '../zfs/dataset-name.ts';
import type { DatasetPlan, Secrecy } from './decision.ts';
import { onHost } from './place.ts';
import type { Side } from './side.ts';

export function secrecyOf(source: Dataset, raw: boolean, there: Secrecy | false): Secrecy {
  if (raw) return 'raw';
  if (there) return there;
  return source.encrypted ? 'exposed' : 'plain';
}

/** What has to be said loudly about what is encrypted. @param sources of the same datasets as `plans`, in their order */
export function encryptionWarnings(
  sources: readonly Dataset[],
  plans: readonly DatasetPlan[],
  target: Side,
): string[] {
  const exposed = plans.filter(({ decision }) => decision.kind === 'send' && decision.secrecy === 'exposed');
  const there = new Map([...target.ancestors, ...target.datasets].map((dataset) => [dataset.name, dataset]));
  const salts = saltsAfter(sources, plans, there);
  return [
    ...exposed.map(
      ({ source, target: name }) =>
        `${source} is encrypted and is sent IN PLAIN, as asked: ${name} ${onHost(target.place.host)} is not encrypted`,
    ),
    ...plans.flatMap(({ target: name }) => {
      const root = there.get(name)?.key?.root;
      const [own, above] = [salts.get(name), root === undefined ? undefined : salts.get(root)];
      if (root === undefined || root === name || own === undefined || above === undefined || own === above)
        return [];
      return [
        `${name} cannot be opened ${onHost(target.place.host)} until ${root} has been sent, too: its passphrase was changed on the source, and is kept with ${root} (openzfs/zfs#12614). Send both in one run, each with a new snapshot`,
      ];
    }),
  ];
}

/** Placeholders that are made without encryption in an encrypted tree. @param names parents first */
export function clearPlaceholderWarnings(names: ReadonlySet<DatasetName>, host: string): string[] {
  const [first] = names;
  if (first === undefined) return [];
  const rest = names.size > 1 ? ` and ${names.size - 1} below it` : '';
  return [
    `the placeholder ${first}${rest} is made without encryption ${onHost(host)}, since the key of what is above it is not loaded there: what arrives raw stays encrypted, and nothing plain will be accepted below it`,
  ];
}

/** Which passphrase each dataset of the target is for, once all has been sent: a raw stream brings that of its source. */
function saltsAfter(
  sources: readonly Dataset[],
  plans: readonly DatasetPlan[],
  there: ReadonlyMap<DatasetName, Dataset>,
): Map<DatasetName, string> {
  const salts = new Map([...there].flatMap(([name, { key }]) => (key ? [[name, key.salt] as const] : [])));
  for (const [index, { target, decision }] of plans.entries()) {
    const salt = sources[index]?.key?.salt;
    if (decision.kind === 'send' && decision.flags.raw && salt !== undefined) salts.set(target, salt);
  }
  return salts;
}
