import { exitCodes, ZferryError } from '../zfs/failure.ts';
import type { HostName } from './hosts.ts';

/**
 * Refuses what ssh would take for an option, and what no host is called.
 * @throws {ZferryError} `bad-host`
 */
export function checkHostName(host: HostName): void {
  // oxlint-disable-next-line no-control-regex -- exactly those are meant
  if (/^-|@-|[\s\u0000-\u001f\u007f]/.test(host)) {
    throw new ZferryError({
      code: 'bad-host',
      message: `Not a host that ssh could be called with: ${JSON.stringify(host)}`,
      host,
      exitCode: exitCodes.usage,
    });
  }
}

/** How ssh reaches a host, by the operator's configuration. */
export type SshTarget = {
  readonly host: HostName;
  /** The name under which `known_hosts` has its key: `nas.example.net`, `[10.0.0.7]:2222`. */
  readonly keyName: string;
  /** Options that take back settings of the operator which only make sense for a person's own session. */
  readonly overrides: readonly string[];
  readonly ciphers: string | undefined;
};

/** Reads what `ssh -G` prints. */
export function parseSshTarget(host: HostName, output: string): SshTarget {
  const settings = new Map<string, string>();
  for (const line of output.split('\n')) {
    const [key = '', ...rest] = line.split(' ');
    if (!settings.has(key)) settings.set(key, rest.join(' '));
  }
  const name = settings.get('hostname') ?? host;
  const port = settings.get('port') ?? '22';
  return {
    host,
    keyName: settings.get('hostkeyalias') ?? (port === '22' ? name : `[${name}]:${port}`),
    overrides: [
      ...unlessDefault(settings, 'RemoteCommand', 'none'),
      ...unlessDefault(settings, 'SessionType', 'default'),
      ...unlessDefault(settings, 'ForkAfterAuthentication', 'no'),
    ],
    ciphers: settings.get('ciphers'),
  };
}

/** Named only where it is set: an older ssh refuses options it does not know. */
function unlessDefault(settings: ReadonlyMap<string, string>, name: string, standard: string): string[] {
  const value = settings.get(name.toLowerCase());
  return value === undefined || value === standard ? [] : ['-o', `${name}=${standard}`];
}
