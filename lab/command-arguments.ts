import { UsageError } from './lab-error.ts';
import { type ZfsVersion, zfsVersions } from './recipe.ts';

/** @throws UsageError when these are not exactly the words that are named */
export function expectWords<const Names extends readonly string[]>(
  args: readonly string[],
  names: Names,
): { [Index in keyof Names]: string } {
  const option = args.find((arg) => arg.startsWith('-'));
  if (option !== undefined) throw new UsageError(`There is no option ${option} here.`);
  if (args.length < names.length) throw new UsageError(`It needs ${names[args.length]} too.`);
  if (args.length > names.length) throw new UsageError(`It takes nothing like ${args[names.length]}.`);
  return args as unknown as { [Index in keyof Names]: string };
}

/** Takes `--zfs VERSION` out of `args`; 2.3 when it is not there. */
export function takeVersion(args: string[]): ZfsVersion {
  const at = args.findIndex((arg) => arg === '--zfs' || arg.startsWith('--zfs='));
  if (at < 0) return '2.3';
  const inline = args[at]?.split('=')[1];
  const given = inline ?? args[at + 1];
  args.splice(at, inline === undefined ? 2 : 1);
  const version = zfsVersions.find((one) => one === given);
  if (version === undefined) {
    throw new UsageError(`--zfs is one of ${zfsVersions.join(', ')}, not ${given ?? 'nothing'}.`);
  }
  return version;
}

/** Takes an option without a value out of `args`. */
export function takeFlag(args: string[], flag: string): boolean {
  const at = args.indexOf(flag);
  if (at >= 0) args.splice(at, 1);
  return at >= 0;
}
