import { execFile } from 'node:child_process';
import type { HostName } from './hosts.ts';
import { localEnv } from './local-env.ts';
import { parseSshTarget, type SshTarget } from './ssh-target.ts';

const fastCipher = '^aes128-gcm@openssh.com';

/**
 * Asks the ssh of this machine, without connecting, how it would reach a host and which options it should be given.
 * `-G` failing is no error here: the connection then fails with the same words.
 */
export type SshProbe = (host: HostName) => Promise<{ target: SshTarget; cipher: readonly string[] }>;

/** @param config the words that name a configuration file: `['-F', file]` or none. */
export function sshProbe(config: readonly string[]): SshProbe {
  let standard: Promise<string | undefined> | undefined;
  return async (host) => {
    standard ??= standardCiphers();
    const [output, untouched] = await Promise.all([sshG([...config, host]), standard]);
    const target = parseSshTarget(host, output ?? '');
    const chosen = untouched === undefined || target.ciphers !== untouched;
    return { target, cipher: chosen ? [] : ['-c', fastCipher] };
  };
}

/**
 * The ciphers that ssh offers where nobody has chosen; `undefined` where it does not know the fast one.
 * An AEAD cipher that the processor computes is twice as fast as ssh's first choice, but a choice that the operator
 * or the distribution made stands.
 */
async function standardCiphers(): Promise<string | undefined> {
  const [standard, fast] = await Promise.all([
    sshG(['-F', 'none', 'localhost']),
    sshG(['-F', 'none', '-c', fastCipher, 'localhost']),
  ]);
  return standard === undefined || fast === undefined ? undefined : parseSshTarget('', standard).ciphers;
}

async function sshG(args: readonly string[]): Promise<string | undefined> {
  return await new Promise((resolve) => {
    execFile('ssh', ['-G', ...args], { env: localEnv() }, (error, stdout) => {
      resolve(error === null ? stdout : undefined);
    });
  });
}
