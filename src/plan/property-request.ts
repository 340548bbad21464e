import { usageError } from '../zfs/failure.ts';
import { isUserProperty, longestValue, nativeProperty } from '../zfs/native-properties.ts';
import { fitsGlob } from './glob.ts';
import { fateOf } from './property-policy.ts';

/** Which of the properties that are set on a source dataset its copy is given when it arrives first. */
export type PropertyChoice = {
  /** All that can do no harm there. */
  readonly own: boolean;
  /** Those that fit one of these; a name that is written out is taken from what could do harm, too. */
  readonly patterns: readonly string[];
};

/** What is set on a copy when it arrives first. */
export type PropertyRequest = {
  readonly choice: PropertyChoice;
  /** By name, whatever the source has. */
  readonly overrides: ReadonlyMap<string, string>;
};

/**
 * @param properties words of `--properties`
 * @param overrides words of `--override`, `NAME=VALUE`
 * @throws ZferryError `usage`
 */
export function parsePropertyRequest(
  properties: readonly string[],
  overrides: readonly string[],
): PropertyRequest {
  return { choice: parseChoice(properties), overrides: parseOverrides(overrides) };
}

export function asksForNothing({ choice, overrides }: PropertyRequest): boolean {
  return !choice.own && choice.patterns.length === 0 && overrides.size === 0;
}

/** Whether a property that is set on a source dataset is asked for, and may be given. */
export function isAskedFor(choice: PropertyChoice, name: string): boolean {
  const fate = fateOf(name);
  if (choice.patterns.includes(name)) return fate.kind === 'free' || fate.kind === 'by-name';
  return fate.kind === 'free' && fits(choice, name);
}

/** Whether it would be asked for if it were known what it does. */
export function isAskedForUnknown(choice: PropertyChoice, name: string): boolean {
  return fateOf(name).kind === 'unknown' && fits(choice, name);
}

function fits({ own, patterns }: PropertyChoice, name: string): boolean {
  return own || patterns.some((pattern) => fitsGlob(name, pattern));
}

function parseChoice(words: readonly string[]): PropertyChoice {
  const patterns = words.filter((word) => word !== 'own' && word !== 'none');
  if (words.includes('none') && words.some((word) => word !== 'none')) {
    throw usageError('--properties none excludes any other --properties', 'leave one of them out');
  }
  for (const pattern of patterns) refusePattern(pattern);
  return { own: words.includes('own'), patterns };
}

function refusePattern(pattern: string): void {
  const option = `--properties ${pattern}`;
  if (pattern === '') {
    throw usageError(
      '--properties needs "none", "own", a name or a pattern',
      'for instance --properties recordsize',
    );
  }
  if (!/[*?]/.test(pattern)) return refuseName(pattern, option);
  if (/[^a-z0-9._:*?-]/.test(pattern)) {
    throw usageError(`${option}: no property has such a name`, 'names are lower-case, like org.example:*');
  }
  if (pattern.startsWith('zferry:')) refuseName(pattern, option);
}

function parseOverrides(words: readonly string[]): ReadonlyMap<string, string> {
  const overrides = new Map<string, string>();
  for (const word of words) {
    const option = `--override ${word}`;
    const cut = word.indexOf('=');
    if (cut < 1) throw usageError(`${option}: it has no NAME=VALUE`, 'for instance --override atime=off');
    const name = word.slice(0, cut);
    const value = word.slice(cut + 1);
    refuseName(name, option);
    if (nativeProperty(name) && value === '') {
      throw usageError(`${option}: ${name} needs a value`, 'see what it can have: man zfsprops');
    }
    if (Buffer.byteLength(value) > longestValue) {
      throw usageError(`--override ${name}: its value is longer than ${longestValue} bytes`);
    }
    if (overrides.has(name)) throw usageError(`--override ${name} is given twice`, 'leave one of them out');
    overrides.set(name, value);
  }
  return overrides;
}

/** @param option as it was given, to be named */
function refuseName(name: string, option: string): void {
  const fate = fateOf(name);
  if (fate.kind === 'never') {
    throw usageError(`${option}: ${name} is not for a copy to be given: ${fate.why}`, 'leave it out');
  }
  if (nativeProperty(name) || isUserProperty(name)) return;
  throw usageError(
    `${option}: "${name}" is no property that can be set on a copy`,
    'look at: zfs get all; a property of your own has a colon in its name, and only a-z, 0-9 and - _ . :',
  );
}
