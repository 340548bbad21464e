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
  /** So many bytes of chance in a file of a mounted dataset, written out. */
  fill(dataset: string, file: string, bytes: number): Promise<void>;
  read(dataset: string, file: string): Promise<string>;
  /** `name guid` of each snapshot of one dataset, in the order they were made. */
  history(dataset: string): Promise<string[]>;
  get(property: string, dataset: string): Promise<string>;
  /** Everything in the pool that is whole: `name guid`, sorted. */
  everything(): Promise<string[]>;
  /** Datasets with data that are not encrypted, although something above them is. */
  inClear(): Promise<string[]>;
  /** `snapshot tag` of each hold in the pool. */
  holds(): Promise<string[]>;
  /** Destroys, one by one, the snapshots and bookmarks of one dataset whose names `is` takes. */
  destroyPoints(dataset: string, is: (name: string) => boolean): Promise<void>;
  /** Turns the clock of its machine. */
  turnClock(hours: number): Promise<void>;
  /** Lets go of every hold on a dataset's snapshots, so that they can be destroyed. */
  release(dataset: string): Promise<void>;
  /** What runs there: each `zfs` process with its arguments. */
  processes(): Promise<string[]>;
  /** Waits until a receive there has read so many bytes of its stream. */
  received(bytes: number): Promise<void>;
  /** Waits until a script of sh succeeds there. */
  until(script: string): Promise<void>;
  /**
   * From now on, until the pools are made anew: a script of sh that is run there in the place of each `zfs VERB` that zferry starts, with its
   * arguments. In it, `real "$@"` is that command itself.
   */
  intercept(verb: string, script: string): Promise<void>;
  /** From now on, somebody runs these commands of `zfs` there right before each `zfs VERB` that zferry starts, or each whose words have that in them. */
  before(verb: string, commands: readonly (readonly string[])[], word?: string): Promise<void>;
  /** From now on, streams that arrive there end after so many bytes, or those into datasets whose name ends so. */
  breakOff(bytes: number, name?: string): Promise<void>;
  /** Stops receives into datasets whose name ends so, each after its first half megabyte, until `goOn`. */
  pause(name: string): Promise<void>;
  /** Waits until one has been stopped. */
  paused(): Promise<void>;
  goOn(): Promise<void>;
  /** Takes the interception away. */
  letPass(): Promise<void>;
};

/** Where a login shell looks first. */
export const interceptor = '/usr/local/sbin/zfs';

/** What is the same wherever the other end of `zfs` is. */
export function zfsSide(
  pool: string,
  zfs: Side['zfs'],
): Pick<Side, 'pool' | 'zfs' | 'history' | 'get' | 'everything' | 'inClear' | 'destroyPoints'> {
  return {
    pool,
    zfs,
    async history(dataset) {
      const columns = 'createtxg,name,guid';
      const text = await zfs('list', '-Hp', '-d', '1', '-t', 'snapshot', '-o', columns, dataset);
      const rows = linesOf(text).map((line) => line.split('\t'));
      return rows
        .sort(([a], [b]) => Number(a) - Number(b))
        .map(([, name = '', guid]) => `${name.slice(name.indexOf('@'))} ${guid}`);
    },
    async destroyPoints(dataset, is) {
      const text = await zfs('list', '-H', '-d', '1', '-t', 'snapshot,bookmark', '-o', 'name', dataset);
      for (const name of linesOf(text).filter(is)) await zfs('destroy', name);
    },
    async get(property, dataset) {
      return (await zfs('get', '-Hp', '-o', 'value', property, dataset)).trimEnd();
    },
    async inClear() {
      const columns = 'name,encryption,zferry:placeholder';
      const text = await zfs('list', '-Hp', '-r', '-t', 'filesystem,volume', '-o', columns, pool);
      const rows = linesOf(text).map((line) => line.split('\t'));
      const roots = rows.filter(([, encryption]) => encryption !== 'off').map(([name]) => `${name}/`);
      return rows
        .filter(([name = '', encryption, placeholder]) => {
          const below = roots.some((root) => name.startsWith(root));
          return below && encryption === 'off' && placeholder !== 'on';
        })
        .map(([name = '']) => name);
    },
    async everything() {
      const text = await zfs('list', '-Hp', '-r', '-t', 'all', '-o', 'name,guid,inconsistent', pool);
      return linesOf(text)
        .map((line) => line.split('\t'))
        .filter(([, , inconsistent]) => inconsistent !== '1')
        .map(([name, guid]) => `${name} ${guid}`)
        .sort();
    },
  };
}

export function openSide(host: LabHost, pool: string): Side {
  const mountpoint = (dataset: string) => quote(`/${dataset}`);
  const until = async (script: string): Promise<void> => {
    await host.exec(
      `for i in $(seq 600); do { ${script}\n} >/dev/null 2>&1 && exit 0; sleep 0.05; done; exit 1`,
    );
  };
  const intercept: Side['intercept'] = async (verb, script) => {
    const text = `#!/bin/sh\nreal() { /usr/sbin/zfs "$@"; }\nif [ "$1" = ${verb} ]; then\n${script}\nexit\nfi\nexec /usr/sbin/zfs "$@"\n`;
    await host.exec(`cat > ${interceptor} && chmod +x ${interceptor}`, { stdin: text });
  };
  return {
    ...zfsSide(pool, (...args) => host.zfs(...args)),
    zpool: (...args) => host.zpool(...args),
    sh: async (script, stdin) => (await host.exec(script, stdin === undefined ? {} : { stdin })).stdout,
    async write(dataset, file, text) {
      await host.exec(`cat > ${mountpoint(dataset)}/${quote(file)}`, { stdin: text });
    },
    async fill(dataset, file, bytes) {
      await host.exec(`head -c ${bytes} /dev/urandom > ${mountpoint(dataset)}/${quote(file)} && sync`);
    },
    async read(dataset, file) {
      return (await host.exec(`cat ${mountpoint(dataset)}/${quote(file)}`)).stdout;
    },
    turnClock: async (hours) => void (await host.exec(`date -s "@$(($(date +%s) + ${hours} * 3600))"`)),
    async holds() {
      const { stdout } = await host.exec(
        `zfs list -H -r -t snapshot -o name,userrefs ${pool} | awk -F '\\t' '$2 > 0 { print $1 }' |
          while read -r name; do zfs holds -H "$name" </dev/null; done`,
      );
      return linesOf(stdout).map((line) => line.split('\t').slice(0, 2).join(' '));
    },
    async release(dataset) {
      await host.exec(`zfs list -H -r -t snapshot -o name ${quote(dataset)} | while read -r name; do
        zfs holds -H "$name" </dev/null | cut -f 2 | while read -r tag; do zfs release "$tag" "$name" </dev/null; done
      done`);
    },
    processes: async () => linesOf((await host.exec('pgrep -ax zfs || true')).stdout),
    until,
    received: async (bytes) => {
      await until(`grep -qs . /proc/$(pgrep -xf 'zfs receive .*')/io &&
        awk '/^rchar/ { exit !($2 > ${bytes}) }' /proc/$(pgrep -xf 'zfs receive .*')/io`);
    },
    intercept,
    async before(verb, commands, word = '') {
      const lines = commands.map((args) => `real ${args.map(quote).join(' ')} 2>/dev/null`).join('; ');
      await intercept(verb, `case " $* " in *${quote(word)}*) ${lines} ;; esac\nreal "$@"`);
    },
    async breakOff(bytes, name = '') {
      await intercept(
        'receive',
        `case "$*" in *${quote(name)}) head -c ${bytes} | real "$@" ;; *) real "$@" ;; esac`,
      );
    },
    async pause(name) {
      await host.exec('rm -f /root/paused; touch /root/pause');
      const stop = 'head -c 500000; touch /root/paused; while [ -e /root/pause ]; do sleep 0.2; done; cat';
      await intercept('receive', `case "$*" in *${name}) { ${stop}; } | real "$@" ;; *) real "$@" ;; esac`);
    },
    paused: () => until('[ -e /root/paused ]'),
    goOn: async () => void (await host.exec('rm /root/pause')),
    letPass: async () => void (await host.exec(`rm -f ${interceptor}`)),
  };
}

export function linesOf(text: string): string[] {
  return text.split('\n').filter((line) => line !== '');
}
