import { type DatasetName, parseDatasetName } from '../zfs/dataset-name.ts';
import { usageError } from '../zfs/failure.ts';

/** `[[user@]host:]dataset`. A host of `''` is this machine. */
export type Place = { readonly host: string; readonly dataset: DatasetName };

/**
 * What stands before the first colon is a host if it has no slash. ZFS allows colons in names, so `:tank/a:b` is
 * always here.
 * @throws ZferryError `usage`
 */
export function parsePlace(text: string): Place {
  if (text.startsWith('[')) {
    throw usageError(
      `"${text}" gives a host by its IPv6 address`,
      'give it a "Host" entry in ~/.ssh/config and use that name',
    );
  }
  const colon = text.indexOf(':');
  const slash = text.indexOf('/');
  if (colon === -1 || (slash !== -1 && slash < colon)) return { host: '', dataset: parseDatasetName(text) };
  const host = text.slice(0, colon);
  if (host.startsWith('-') || host.endsWith('@') || /[\s'"\\]/.test(host)) {
    throw usageError(`"${host}" in "${text}" is not a host's name`, 'write a place as [[user@]host:]dataset');
  }
  const rest = text.slice(colon + 1);
  if (rest === '') {
    throw usageError(`"${text}" names a host without a dataset`, `write it as ${host}:pool/dataset`);
  }
  return { host, dataset: parseDatasetName(rest) };
}

/** How a place is written: what `parsePlace` reads back. */
export function placeText({ host, dataset }: Place): string {
  if (host !== '') return `${host}:${dataset}`;
  return dataset.split('/', 1)[0]?.includes(':') ? `:${dataset}` : dataset;
}

/** `on nas` or `here`, for sentences. */
export function onHost(host: string): string {
  return host === '' ? 'on this machine' : `on ${host}`;
}
