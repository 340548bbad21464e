import type { LabHost } from '../../lab/host.ts';
import { quote } from '../../lab/quote.ts';

/** One end of a scenario: a host with a pool. */
export type Side = {
  /** `src` or `dst`. */
  readonly pool: string;
  /** Runs `zfs` there, throws with its stderr when it fails. */
  zfs(...args: string[]): Promise<string>;
  zpool(...args: string[]): Promise<string>;
  /** Runs a script of sh there, for what is not ZFS, with text for its stdin. */
  sh(script: string, stdin?: string): Promise<string>;
  /** A file of a mounted dataset. */
  write(dataset: string, file: string, text: string): Promise<void>;
  read(dataset: string, file: string): Promise<string>;
  /** `name guid` of each snapshot of one dataset, in the order they were made. */
  history(dataset: string): Promise<string[]>;
  get(property: string, dataset: string): Promise<string>;
  /** Everything in the pool: `name guid`, sorted. */
  everything(): Promise<string[]>;
};

export function openSide(host: LabHost, pool: string): Side {
  const mountpoint = (dataset: string) => quote(`/${dataset}`);
  return {
    pool,
    zfs: (...args) => host.zfs(...args),
    zpool: (...args) => host.zpool(...args),
    sh: async (script, stdin) => (await host.exec(script, stdin === undefined ? {} : { stdin })).stdout,
    async write(dataset, file, text) {
      await host.exec(`cat > ${mountpoint(dataset)}/${quote(file)}`, { stdin: text });
    },
    async read(dataset, file) {
      return (await host.exec(`cat ${mountpoint(dataset)}/${quote(file)}`)).stdout;
    },
    async history(dataset) {
      const text = await host.zfs(
        'list',
        '-Hp',
        '-d',
        '1',
        '-t',
        'snapshot',
        '-o',
        'createtxg,name,guid',
        dataset,
      );
      const rows = linesOf(text).map((line) => line.split('\t'));
      return rows
        .sort(([a], [b]) => Number(a) - Number(b))
        .map(([, name = '', guid]) => `${name.slice(name.indexOf('@'))} ${guid}`);
    },
    async get(property, dataset) {
      return (await host.zfs('get', '-Hp', '-o', 'value', property, dataset)).trimEnd();
    },
    async everything() {
      const text = await host.zfs('list', '-Hp', '-r', '-t', 'all', '-o', 'name,guid', pool);
      return linesOf(text)
        .map((line) => line.replace('\t', ' '))
        .sort();
    },
  };
}

export function linesOf(text: string): string[] {
  return text.split('\n').filter((line) => line !== '');
}
