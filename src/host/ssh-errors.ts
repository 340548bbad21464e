/**
 * What ssh's words mean and what to do: one table, the first row that matches counts. Each row has a sample as ssh
 * printed it (OpenSSH 9.2 unless said otherwise; names and keys shortened).
 */
import { type ExitCode, exitCodes, ZferryError } from '../zfs/failure.ts';
import { quoteArgv } from './quote.ts';
import { sshWords } from './shell-line.ts';
import type { SshTarget } from './ssh-target.ts';

type Subject = {
  /** As the operator wrote it. */
  readonly host: string;
  /** `ssh nas`, what the operator would type. */
  readonly ssh: string;
  /** `ssh-copy-id nas` */
  readonly copyId: string;
  readonly keyName: string;
  readonly stderr: string;
  /** The line of it that the pattern found. */
  readonly line: string;
};

export type SshErrorRow = {
  readonly pattern: RegExp;
  readonly code: string;
  readonly message: (subject: Subject) => string;
  readonly meaning: string | ((subject: Subject) => string);
  readonly next: (subject: Subject) => string;
  readonly exitCode?: ExitCode;
  readonly sample: string;
};

export const sshErrors: readonly SshErrorRow[] = [
  {
    pattern: /failed to execute ssh\b|cannot start ssh\b|ssh: not found/,
    code: 'ssh-missing',
    message: ({ host }) => `Cannot reach ${host}: this machine has no ssh`,
    meaning: 'zferry uses the ssh program of the system.',
    next: () => 'Install it: apt install openssh-client',
    sample: 'setpriv: failed to execute ssh: No such file or directory',
  },
  {
    pattern:
      /Bad configuration option|bad configuration options|Bad owner or permissions on|Can't open user config/,
    code: 'ssh-config',
    message: ({ host }) => `Cannot reach ${host}: ssh does not accept its configuration`,
    meaning: ({ line }) => `ssh stopped before it connected: ${line}`,
    next: ({ ssh }) => `Mend that, then try: ${ssh} true`,
    exitCode: exitCodes.usage,
    sample:
      '/root/.ssh/config: line 3: Bad configuration option: cyphers\n/root/.ssh/config: terminating, 1 bad configuration options',
  },
  {
    pattern: /Could not resolve hostname/,
    code: 'host-unknown',
    message: ({ host }) => `No host is known by the name ${host}`,
    meaning: 'Neither the ssh configuration nor the name service knows it.',
    next: ({ host }) => `Check the spelling, or give ${bare(host)} a "Host" entry in ~/.ssh/config.`,
    sample: 'ssh: Could not resolve hostname nas: Name or service not known',
  },
  {
    pattern: /REMOTE HOST IDENTIFICATION HAS CHANGED|[Hh]ost key for .* has changed/,
    code: 'host-key-changed',
    message: ({ host }) => `${host} shows another host key than before`,
    meaning: 'It was installed anew, its address now belongs to another machine, or somebody stands between.',
    next: ({ keyName, ssh, stderr }) => {
      const file = /^Offending .* key in (.*):\d+$/m.exec(stderr)?.[1];
      const forget = quoteArgv(['ssh-keygen', ...(file === undefined ? [] : ['-f', file]), '-R', keyName]);
      return (
        'Compare the fingerprint at the machine itself (ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub); ' +
        `if it is right: ${forget}, then ${ssh} true`
      );
    },
    sample: `@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@
@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @
@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@
IT IS POSSIBLE THAT SOMEONE IS DOING SOMETHING NASTY!
The fingerprint for the ED25519 key sent by the remote host is
SHA256:IKZBxM5v1u+VNVOOe8tNAV44DmxWQfX4hqH9HJGFaEM.
Add correct host key in /root/.ssh/known_hosts to get rid of this message.
Offending ED25519 key in /root/.ssh/known_hosts:1
  remove with:
  ssh-keygen -f "/root/.ssh/known_hosts" -R "[127.0.0.1]:2222"
Host key for [127.0.0.1]:2222 has changed and you have requested strict checking.
Host key verification failed.`,
  },
  {
    pattern: /Host key verification failed|No \S+ host key is known for/,
    code: 'host-key-unknown',
    message: ({ host }) => `The host key of ${host} is not known here`,
    meaning: 'ssh has not talked to it before and asks a person to compare its fingerprint once.',
    next: ({ ssh }) => `Run once, as the same user, and compare the fingerprint: ${ssh} true`,
    sample: 'Host key verification failed.',
  },
  {
    pattern: /UNPROTECTED PRIVATE KEY FILE/,
    code: 'key-refused',
    message: ({ host }) => `${host} did not let us in: ssh does not use a private key that others can read`,
    meaning: 'The permissions of the key file are too open.',
    next: ({ stderr }) => `chmod 600 ${/Permissions \S+ for '([^']+)'/.exec(stderr)?.[1] ?? 'the key file'}`,
    sample: `@         WARNING: UNPROTECTED PRIVATE KEY FILE!          @
Permissions 0644 for '/root/.ssh/id_ed25519' are too open.
It is required that your private key files are NOT accessible by others.
This private key will be ignored.
root@127.0.0.1: Permission denied (publickey).`,
  },
  {
    pattern: /Too many authentication failures/,
    code: 'key-refused',
    message: ({ host }) => `${host} did not let us in: ssh offered too many keys`,
    meaning: 'The agent holds more keys than the server lets ssh try.',
    next: ({ host }) =>
      `Name the right one in ~/.ssh/config for ${bare(host)}: IdentityFile …, IdentitiesOnly yes`,
    sample: 'Received disconnect from 127.0.0.1 port 2222:2: Too many authentication failures',
  },
  {
    pattern: /Permission denied/,
    code: 'key-refused',
    message: ({ host, line }) => {
      const user = /^(\S+)@\S+: Permission denied/.exec(line)?.[1];
      const who =
        user === undefined ? `${host} did not let us in` : `${bare(host)} did not let us in as ${user}`;
      return `${who}: no key of ours is accepted there`;
    },
    meaning:
      'The server refused every key that ssh offered. Nobody is asked for passwords, nor for the passphrase of a key.',
    next: ({ copyId, ssh }) => `${copyId}, then try: ${ssh} true`,
    sample: 'root@127.0.0.1: Permission denied (publickey).',
  },
  {
    pattern: /Unable to negotiate with|no matching .* found/,
    code: 'no-common-algorithm',
    message: ({ host }) => `Our ssh and that of ${host} have no algorithm in common`,
    meaning: ({ line }) => `One of the two is much older, or a configuration allows too little: ${line}`,
    next: ({ ssh }) =>
      `Bring the older one up to date, or allow what it offers in ~/.ssh/config; try: ${ssh} true`,
    sample:
      'Unable to negotiate with 127.0.0.1 port 2222: no matching key exchange method found. Their offer: curve25519-sha256',
  },
  {
    pattern: /Connection refused/,
    code: 'connection-refused',
    message: ({ host }) => `${host} refused the connection`,
    meaning: 'The machine is up, but no ssh server listens there (or a firewall rejects us).',
    next: ({ host, ssh }) => `Start sshd on ${bare(host)}, or check the port: ${ssh} true`,
    sample: 'ssh: connect to host 127.0.0.1 port 2223: Connection refused',
  },
  {
    pattern:
      /timed out|No route to host|Network is unreachable|Host is down|Connection timeout|did not finish the ssh handshake/,
    code: 'host-unreachable',
    message: ({ host }) => `${host} does not answer`,
    meaning: 'The machine is down, the network between is, or a firewall drops what we send.',
    next: ({ host, ssh }) => `See whether ${bare(host)} is up; try: ${ssh} true`,
    sample: 'ssh: connect to host 192.0.2.1 port 22: Connection timed out',
  },
  {
    pattern:
      /kex_exchange_identification|Connection (closed|reset) by|Connection to .* closed|banner exchange|ssh_dispatch_run_fatal/,
    code: 'connection-closed',
    message: ({ host }) => `${host} closed the connection before we were logged in`,
    meaning:
      'Something answered, but did not become an ssh session: sshd is overloaded (MaxStartups), blocks our address, or it is no sshd.',
    next: ({ host, ssh }) => `Look at the log of sshd on ${bare(host)}; try: ${ssh} true`,
    sample: `kex_exchange_identification: read: Connection reset by peer
Connection reset by 127.0.0.1 port 2224`,
  },
];

/** @param stderr what ssh said when it could not connect. */
export function sshError(
  target: Pick<SshTarget, 'host' | 'keyName'>,
  stderr: string,
  config?: string,
): ZferryError {
  const { host, keyName } = target;
  const ssh = sshWords(host, config);
  const command = `${ssh} true`;
  const lines = stderr.split('\n').map((text) => text.trim());
  const row = sshErrors.find(({ pattern }) => pattern.test(stderr));
  if (row === undefined) {
    const said = lines.findLast((text) => text !== '');
    return new ZferryError({
      code: 'ssh-failed',
      message: `Cannot reach ${host} by ssh${said === undefined ? '' : `: ${said}`}`,
      host,
      command,
      next: `See what it says: ${command}`,
    });
  }
  const line = lines.find((text) => row.pattern.test(text)) ?? '';
  const subject = { host, keyName, ssh, copyId: ssh.replace(/^ssh/, 'ssh-copy-id'), stderr, line };
  return new ZferryError({
    code: row.code,
    message: row.message(subject),
    host,
    command,
    meaning: typeof row.meaning === 'string' ? row.meaning : row.meaning(subject),
    next: row.next(subject),
    exitCode: row.exitCode,
  });
}

function bare(host: string): string {
  return host.slice(host.lastIndexOf('@') + 1);
}
