import { type ZfsVersion, zfsVersions } from '../../../lab/recipe.ts';
import { explainZfsError, zfsErrors } from '../../../src/zfs/errors.ts';
import type { Side } from '../side.ts';
import type { ErrorCase, ErrorSection } from './error-case.ts';

/** A folder of their own in memory, which is ten times as fast; the pools `src` and `dst`; and words that the cases use. */
const prelude = `exec < /dev/null
t=/dev/shm/errors
parameters=/sys/module/zfs/parameters
pool() { truncate -s 64M $t/$1.img && zpool create -f "$@" $t/$1.img; }
as_nobody() { setpriv --reuid=65534 --regid=65534 --clear-groups "$@"; }
raw_key() { head -c 32 /dev/urandom > $t/$1.key; echo "-o encryption=on -o keyformat=raw -o keylocation=file://$t/$1.key"; }
partial() { head -c $1 $2 | zfs receive -s -u $3 || true; [ "$(zfs get -Ho value receive_resume_token $3)" != - ]; }
patch() { printf "$1" | dd of=$3 bs=1 seek=$2 conv=notrunc status=none; }
in_time() { for i in $(seq 100); do eval "$1" && return; sleep 0.1; done; false; }
chmod 666 /dev/zfs
for pool in src dst; do zpool destroy -f $pool 2> /dev/null; rm -rf /$pool; done
rm -rf $t; mkdir $t; cd $t
pool src; pool dst
`;

const nothingLeft = `chmod 600 /dev/zfs
cd /; zpool destroy -f src; zpool destroy -f dst; rm -rf $t
`;

/**
 * Provokes what a section has for the release of a host, whose pools `src` and `dst` it replaces.
 *
 * @returns what was not as it should be, in words
 */
export async function provoke(host: Pick<Side, 'sh'>, { setup, cases }: ErrorSection): Promise<string[]> {
  const version = releaseOf(await host.sh('zfs version'));
  const possible = cases.filter((one) => one.not?.[version] === undefined);
  const text = await host.sh(`${prelude}${setup}${possible.map(scriptOf).join('')}${nothingLeft}`);
  const wrong: string[] = [];
  const seen = new Set<number>();
  for (const part of text.split('\x1e').slice(1)) {
    const [index = '', status = '', said = ''] = part.split('\x1f');
    const one = possible[Number(index)];
    if (one === undefined) continue;
    seen.add(Number(index));
    const fault = faultOf(one, version, status, said);
    if (fault !== undefined) wrong.push(`${one.title}: ${fault}\n${said}`);
  }
  return [
    ...wrong,
    ...possible.filter((_, index) => !seen.has(index)).map(({ title }) => `${title}: not tried`),
  ];
}

function scriptOf({ before = ':', run, after = ':' }: ErrorCase, index: number): string {
  return `
(set -e
${before}
) > $t/before 2>&1
[ $? = 0 ] || printf '\\036${index}\\037before\\037%s' "$(cat $t/before)"
(
${run}
) > $t/out 2> $t/said
printf '\\036${index}\\037%s\\037%s' $? "$(cat $t/said)"
(
${after}
) > /dev/null 2>&1
`;
}

function faultOf(one: ErrorCase, version: ZfsVersion, status: string, said: string): string | undefined {
  if (status === 'before') return 'could not be made ready';
  if (status === '0' && !one.succeeds) return 'did not fail';
  const found = explainZfsError(said);
  if (found?.code !== one.code) return `${found?.code ?? 'no code'} instead of ${one.code}`;
  if (one.meaning && !one.meaning.test(found.meaning)) return `it means: ${found.meaning}`;
  const row = zfsErrors.find(({ pattern }) => pattern.test(said));
  return row?.seen.includes(version)
    ? undefined
    : `its row does not say that ${version} was seen to print it`;
}

function releaseOf(text: string): ZfsVersion {
  const found = zfsVersions.find((version) => text.startsWith(`zfs-${version}.`));
  if (found === undefined) throw new Error(`What was provoked is not known for ${text}`);
  return found;
}
