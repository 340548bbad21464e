import { hostKeyAlias, type Image } from './image.ts';

/** The text of a file for `ssh -F` in which each of these is a host at 127.0.0.1. */
export function sshConfig(image: Image, ports: Readonly<Record<string, number>>): string {
  return Object.entries(ports)
    .map(
      ([name, port]) => `Host ${name}
  HostName 127.0.0.1
  Port ${port}
  User root
  IdentityFile ${quoted(image.key)}
  IdentitiesOnly yes
  UserKnownHostsFile ${quoted(image.knownHosts)}
  GlobalKnownHostsFile /dev/null
  HostKeyAlias ${hostKeyAlias}
  StrictHostKeyChecking yes
  LogLevel ERROR
`,
    )
    .join('\n');
}

/** The text of root's `~/.ssh/config` on a host, in which the others are at the address that means this machine. */
export function guestSshConfig(ports: Readonly<Record<string, number>>): string {
  return Object.entries(ports)
    .map(
      ([name, port]) => `Host ${name}
  HostName 10.0.2.2
  Port ${port}
  HostKeyAlias ${hostKeyAlias}
  StrictHostKeyChecking yes
`,
    )
    .join('\n');
}

const quoted = (path: string): string => `"${path}"`;
