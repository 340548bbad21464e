import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where history is kept: `/var/lib/zferry` for root, else `$XDG_STATE_HOME/zferry` (`~/.local/state/zferry`). */
export function stateFolder(env: NodeJS.ProcessEnv, uid: number | undefined): string {
  const asked = env['ZFERRY_STATE'];
  if (asked !== undefined && asked !== '') return asked;
  if (uid === 0) return '/var/lib/zferry';
  return join(env['XDG_STATE_HOME'] || join(env['HOME'] || homedir(), '.local', 'state'), 'zferry');
}
