import { globSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const src = fileURLToPath(new URL('../../src', import.meta.url));

/** What each layer may import; `types of` others only as types. */
const layers: Readonly<
  Record<string, { readonly may: readonly string[]; readonly types?: readonly string[] }>
> = {
  zfs: { may: [] },
  plan: { may: ['zfs'] },
  host: { may: ['zfs'] },
  engine: { may: ['plan', 'host', 'zfs'] },
  history: { may: ['zfs'], types: ['plan', 'engine'] },
  cli: { may: ['history', 'engine', 'plan', 'host', 'zfs'] },
};

/** Layers that only compute, and what of Node they may use. */
const pure = { zfs: ['node:zlib'], plan: [] } as const;

type Import = {
  readonly file: string;
  readonly layer: string;
  readonly what: string;
  readonly typeOnly: boolean;
};

function importsOf(file: string, text: string): Import[] {
  const layer = relative(src, file).split('/')[0] ?? '';
  const statements = text.matchAll(
    /^\s*(?:import|export)\s+(type\s)?[^;]*?from\s+'([^']+)'|^import\s+'([^']+)'|\bimport\('([^']+)'\)/gms,
  );
  return [...statements].map((found) => ({
    file: relative(src, file),
    layer,
    what: found[2] ?? found[3] ?? found[4] ?? '',
    typeOnly: found[1] !== undefined,
  }));
}

/** Why an import is not allowed; `undefined` where it is. */
function fault({ file, layer, what, typeOnly }: Import): string | undefined {
  const rules = layers[layer];
  if (rules === undefined) return `${file} lies in the layer "${layer}", which the matrix does not know`;
  if (what.startsWith('.')) {
    const other = relative(src, resolve(src, dirname(file), what)).split('/')[0] ?? '';
    if (other === layer || rules.may.includes(other) || (typeOnly && rules.types?.includes(other)))
      return undefined;
    return `${file} imports ${what}: ${layer} may not import ${other}`;
  }
  if (layer in pure && (what.startsWith('node:') || builtinModules.includes(what))) {
    const allowed: readonly string[] = pure[layer as keyof typeof pure];
    return allowed.includes(what) ? undefined : `${file} imports ${what}: ${layer} only computes`;
  }
  return undefined;
}

const files = globSync('**/*.ts', { cwd: src }).map((name) => resolve(src, name));
const sources = files.filter((name) => !name.endsWith('.test.ts'));

test('no import breaks the order of the layers, and what computes touches nothing', () => {
  const found = sources.flatMap((file) => importsOf(file, readFileSync(file, 'utf8')));
  expect(found.length).toBeGreaterThan(100);
  expect(found.map(fault).filter((one) => one !== undefined)).toEqual([]);
});

test('what computes uses no clock and no chance', () => {
  const reaching = sources.filter(
    (file) =>
      Object.keys(pure).includes(relative(src, file).split('/')[0] ?? '') &&
      /\bDate\.now\(|\bnew Date\(\)|\bMath\.random\(|\bprocess\.|\bfetch\(|\bsetTimeout\(/.test(
        readFileSync(file, 'utf8'),
      ),
  );
  expect(reaching).toEqual([]);
});

test.each([
  ['plan/a.ts', "import { x } from '../engine/x.ts';", 'plan may not import engine'],
  ['zfs/a.ts', "import { y } from '../plan/y.ts';", 'zfs may not import plan'],
  ['zfs/a.ts', "import { readFileSync } from 'node:fs';", 'zfs only computes'],
  ['plan/a.ts', "import fs from 'fs';", 'plan only computes'],
  ['plan/a.ts', "const x = await import('node:child_process');", 'plan only computes'],
  ['engine/a.ts', "export { z } from '../cli/z.ts';", 'engine may not import cli'],
  ['history/a.ts', "import {\n  z,\n} from '../engine/z.ts';", 'history may not import engine'],
  ['new/a.ts', "import { z } from './z.ts';", 'does not know'],
])('finds a broken import in %s: %s', (name, text, words) => {
  const [found] = importsOf(resolve(src, name), text);
  expect(found && fault(found)).toContain(words);
});

test.each([
  ['history/a.ts', "import type { Z } from '../engine/z.ts';"],
  ['zfs/a.ts', "import { inflateSync } from 'node:zlib';"],
  ['engine/a.ts', "import { createHash } from 'node:crypto';"],
])('leaves a good one in %s alone: %s', (name, text) => {
  const [found] = importsOf(resolve(src, name), text);
  expect(found && fault(found)).toBeUndefined();
});
