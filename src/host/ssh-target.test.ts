import { describe, expect, it } from 'vitest';
import { checkHostName, parseSshTarget } from './ssh-target.ts';

describe('how ssh reaches a host', () => {
  it('finds the name under which known_hosts has its key', () => {
    const keyName = (output: string): string => parseSshTarget('nas', output).keyName;
    expect(keyName('hostname nas.example.net\nport 22\n')).toBe('nas.example.net');
    expect(keyName('hostname 10.0.0.7\nport 2222\n')).toBe('[10.0.0.7]:2222');
    expect(keyName('hostname 10.0.0.7\nport 2222\nhostkeyalias nas\n')).toBe('nas');
    expect(keyName('')).toBe('nas');
  });

  it('takes back what the operator set for sessions of their own, and names nothing that is not set', () => {
    expect(parseSshTarget('nas', 'sessiontype default\nforkafterauthentication no\n').overrides).toEqual([]);
    expect(parseSshTarget('nas', 'remotecommand tmux attach\nsessiontype default\n').overrides).toEqual([
      '-o',
      'RemoteCommand=none',
    ]);
  });

  it.each(['-oProxyCommand=reboot', 'root@-nas', 'a b', 'nas\n', '\u007f'])(
    'refuses to call ssh with %j',
    (host) => {
      expect(() => checkHostName(host)).toThrow(/^Not a host that ssh could be called with/);
    },
  );

  it.each(['nas', 'root@nas', 'nas.example.net', 'fe80::1%eth0', 'ssh://root@nas:2222'])(
    'accepts %j',
    (host) => {
      checkHostName(host);
    },
  );
});
