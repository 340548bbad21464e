import type { DatasetName } from './dataset-name.ts';

/** Who may do what on a dataset, and on those below it. */
export function listDelegationsArgs(dataset: DatasetName): string[] {
  return ['zfs', 'allow', dataset];
}

const headings: Readonly<Record<string, readonly string[]>> = {
  'Permission sets:': ['-s'],
  'Create time permissions:': ['-c'],
  'Local permissions:': ['-l'],
  'Descendent permissions:': ['-d'],
  'Local+Descendent permissions:': [],
};

/**
 * The commands that give another dataset the permissions that this one itself has, from what `zfs allow` prints: a section for the
 * dataset and one for each above it that has some.
 */
export function copyDelegationsArgs(text: string, from: DatasetName, to: DatasetName): string[][] {
  const commands: string[][] = [];
  let mine = false;
  let scope: readonly string[] | undefined;
  for (const line of text.split('\n')) {
    const section = /^---- Permissions on (.+?) -+$/.exec(line);
    if (section) mine = section[1] === from;
    else if (!line.startsWith('\t')) scope = headings[line.trim()];
    else if (mine && scope) {
      const allow = allowArgs(scope, line.trim(), to);
      if (allow) commands.push(allow);
    }
  }
  return commands;
}

function allowArgs(scope: readonly string[], entry: string, to: DatasetName): string[] | undefined {
  const words = entry.split(' ');
  const permissions = words.at(-1) ?? '';
  const [first = '', ...middle] = words.slice(0, -1);
  if (scope[0] === '-c') return ['zfs', 'allow', '-c', permissions, to];
  if (scope[0] === '-s') return ['zfs', 'allow', '-s', first, permissions, to];
  if (first === 'everyone') return ['zfs', 'allow', ...scope, '-e', permissions, to];
  const letter = { user: '-u', group: '-g' }[first];
  return letter === undefined
    ? undefined
    : ['zfs', 'allow', ...scope, letter, middle.join(' '), permissions, to];
}
