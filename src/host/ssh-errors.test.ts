import { describe, expect, it } from 'vitest';
import { sshError, sshErrors } from './ssh-errors.ts';

const nas = { host: 'root@nas', keyName: '[10.0.0.7]:2222' };

describe('what ssh says when it cannot connect', () => {
  it.each(sshErrors.map((row) => [row.code, row] as const))('%s is told from a sample', (code, row) => {
    const error = sshError(nas, `Warning: something else\n${row.sample}\n`);
    expect(error.code).toBe(code);
    expect(sshErrors.filter(({ pattern }) => pattern.test(row.sample))[0]).toBe(row);
    expect([error.message, error.meaning, error.next, error.exitCode]).toMatchSnapshot();
  });

  it('says how to place a key, with the configuration in use', () => {
    const error = sshError(nas, 'root@nas: Permission denied (publickey,password).', '/etc/zferry/ssh');
    expect(error.message).toBe('nas did not let us in as root: no key of ours is accepted there');
    expect(error.next).toBe(
      'ssh-copy-id -F /etc/zferry/ssh root@nas, then try: ssh -F /etc/zferry/ssh root@nas true',
    );
  });

  it('says how to check and to replace a changed host key, by the name that known_hosts uses', () => {
    const words = '@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @\nHost key verification failed.\n';
    const error = sshError(nas, words);
    expect(error.code).toBe('host-key-changed');
    expect(error.next).toContain('ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub');
    expect(error.next).toContain("ssh-keygen -R '[10.0.0.7]:2222', then ssh root@nas true");
  });

  it('names the host to configure without the user', () => {
    expect(sshError(nas, 'ssh: Could not resolve hostname nas: Name or service not known').next).toBe(
      'Check the spelling, or give nas a "Host" entry in ~/.ssh/config.',
    );
  });

  it('repeats words that no row knows', () => {
    const error = sshError(nas, 'debug\nsomething new\n');
    expect([error.code, error.message]).toEqual([
      'ssh-failed',
      'Cannot reach root@nas by ssh: something new',
    ]);
  });
});
