import { type Parsed, parseArguments } from './arguments.ts';
import { SimError } from './errors.ts';
import { propertyOf, snapshotColumn } from './properties.ts';
import { poolNameOf, type SimBookmark, type SimDataset, type SimPool, type SimSnapshot } from './state.ts';

/** The pools of a host by name. */
export type Pools = ReadonlyMap<string, SimPool>;

/** What was printed, and what went wrong beside it. */
export type Printed = { readonly out: string; readonly err: string };

type Row = (column: string) => string;

/** `zfs list -Hp`. Rows of what exists are printed even where something else does not. */
export function list(pools: Pools, words: readonly string[]): Printed {
  const parsed = parseArguments(words, 'dotsS');
  const columns = (parsed.values.get('o')?.[0] ?? 'name').split(',');
  const types = typesOf(parsed);
  const rows: Row[] = [];
  const faults: string[] = [];
  const names = parsed.operands.length > 0 ? parsed.operands : [...pools.keys()];
  for (const name of names) {
    const pool = pools.get(poolNameOf(name));
    const found = pool && rowsOf(pool, name, types, depthOf(parsed, types));
    if (found) rows.push(...found);
    else faults.push(`cannot open '${name}': dataset does not exist`);
  }
  return { out: rows.map((row) => `${columns.map(row).join('\t')}\n`).join(''), err: faults.join('\n') };
}

function typesOf({ values }: Parsed): ReadonlySet<string> {
  const wanted = (values.get('t')?.[0] ?? 'filesystem,volume').split(',');
  return new Set(
    wanted.flatMap((type) => (type === 'all' ? ['filesystem', 'volume', 'snapshot', 'bookmark'] : [type])),
  );
}

/** How far below; what has no other depth stays with what is named. */
function depthOf({ flags, values, operands }: Parsed, types: ReadonlySet<string>): number {
  if (flags.has('r') || operands.length === 0) return Number.POSITIVE_INFINITY;
  const depth = values.get('d')?.[0];
  if (depth !== undefined) return Number(depth);
  return types.has('filesystem') ? 0 : 1;
}

function rowsOf(pool: SimPool, name: string, types: ReadonlySet<string>, depth: number): Row[] | undefined {
  const [dataset, short] = name.split(/[@#]/);
  const root = pool.datasets.get(dataset ?? '');
  if (root === undefined) return undefined;
  if (name.includes('#')) {
    const mark = root.bookmarks.find((one) => one.name === short);
    return mark && [bookmarkRow(root, mark)];
  }
  if (short !== undefined) {
    const one = root.snapshots.find((snapshot) => snapshot.name === short);
    return one && [(column) => snapshotColumn(pool, root, one, column)];
  }
  const level = (one: SimDataset): number => one.name.split('/').length - root.name.split('/').length;
  return pool
    .tree(root.name)
    .filter((one) => level(one) <= depth)
    .flatMap((one): Row[] => [
      ...(types.has(one.type) ? [(column: string) => propertyOf(pool, one, column).value] : []),
      ...(types.has('snapshot') && level(one) < depth
        ? one.snapshots.map((each) => snapshotRow(pool, one, each))
        : []),
      ...(types.has('bookmark') && level(one) < depth
        ? one.bookmarks.map((mark) => bookmarkRow(one, mark))
        : []),
    ]);
}

function bookmarkRow({ name }: SimDataset, mark: SimBookmark): Row {
  const values: Readonly<Record<string, string>> = {
    name: `${name}#${mark.name}`,
    guid: mark.guid,
    createtxg: String(mark.txg),
    creation: String(mark.creation),
    ivsetguid: mark.ivSet ?? '-',
  };
  return (column) => values[column] ?? '-';
}

function snapshotRow(pool: SimPool, dataset: SimDataset, one: SimSnapshot): Row {
  return (column) => snapshotColumn(pool, dataset, one, column);
}

/** `zfs get -Hp -o COLUMNS PROPERTIES NAMES`. */
export function get(pools: Pools, words: readonly string[]): Printed {
  const parsed = parseArguments(words, 'dost');
  const [wanted = '', ...names] = parsed.operands;
  const columns = (parsed.values.get('o')?.[0] ?? 'name,property,value,source').split(',');
  const sources = parsed.values.get('s')?.[0]?.split(',');
  const types = typesOf(parsed);
  const faults: string[] = [];
  const lines: string[] = [];
  const print = (name: string, property: string, value: string, source: string): void => {
    const kind = source.startsWith('inherited') ? 'inherited' : source === '-' ? 'none' : source;
    if (sources && !sources.includes(kind)) return;
    const all: Readonly<Record<string, string>> = { name, property, value, source };
    lines.push(columns.map((column) => all[column] ?? '-').join('\t'));
  };
  for (const name of names) {
    const pool = pools.get(poolNameOf(name));
    const root = pool?.datasets.get(name);
    // What is named so is there only while something is under way.
    const half = name.endsWith('/%recv') ? pool?.datasets.get(name.slice(0, -'/%recv'.length)) : undefined;
    if (pool === undefined || (root === undefined && half?.partial === undefined)) {
      faults.push(`cannot open '${name}': dataset does not exist`);
      continue;
    }
    const depth = parsed.flags.has('r') ? Number.POSITIVE_INFINITY : Number(parsed.values.get('d')?.[0] ?? 0);
    const base = name.split('/').length;
    for (const one of root ? pool.tree(name) : half ? [half] : []) {
      const level = one.name.split('/').length - base;
      if (level > depth) continue;
      for (const property of wanted === 'all' ? one.local.keys() : wanted.split(',')) {
        const { value, source } = propertyOf(pool, one, property);
        if (value === '-' && property.includes(':') && sources) continue;
        print(one.name, property, value, source);
      }
      if (!types.has('snapshot') || level >= depth) continue;
      for (const snapshot of one.snapshots)
        for (const property of wanted.split(','))
          print(`${one.name}@${snapshot.name}`, property, snapshotColumn(pool, one, snapshot, property), '-');
    }
  }
  return { out: lines.map((line) => `${line}\n`).join(''), err: faults.join('\n') };
}

/** The dataset of that name. @throws SimError */
export function find(pools: Pools, name: string): { readonly pool: SimPool; readonly dataset: SimDataset } {
  const pool = pools.get(poolNameOf(name));
  const dataset = pool?.datasets.get(name);
  if (!pool || !dataset) throw new SimError(`cannot open '${name}': dataset does not exist`);
  return { pool, dataset };
}
