import { SimError } from './errors.ts';
import { valueToKeep } from './properties.ts';

export type Parsed = {
  readonly flags: ReadonlySet<string>;
  /** Options with a value, each as often as it was given. */
  readonly values: ReadonlyMap<string, readonly string[]>;
  readonly operands: readonly string[];
};

/** Reads options as getopt does: letters can be put together, and those of `valued` take the rest or the next word. */
export function parseArguments(words: readonly string[], valued: string): Parsed {
  const flags = new Set<string>();
  const values = new Map<string, string[]>();
  let at = 0;
  for (; at < words.length && /^-./.test(words[at] ?? ''); at++) {
    const letters = (words[at] ?? '').slice(1);
    for (let i = 0; i < letters.length; i++) {
      const letter = letters[i] ?? '';
      if (!valued.includes(letter)) {
        flags.add(letter);
        continue;
      }
      const value = letters.slice(i + 1) || words[++at];
      if (value === undefined) throw new SimError(`missing argument for '${letter}' option`, 2);
      values.set(letter, [...(values.get(letter) ?? []), value]);
      break;
    }
  }
  return { flags, values, operands: words.slice(at) };
}

/** `name=value` of each `-o`. */
export function propertiesOf({ values }: Parsed): Map<string, string> {
  return new Map(
    (values.get('o') ?? []).map((pair) => {
      const cut = pair.indexOf('=');
      const name = pair.slice(0, cut);
      return [name, valueToKeep(name, pair.slice(cut + 1))];
    }),
  );
}
