import { readFileSync } from 'node:fs';
import { hostKeyAlias, type Image } from './image.ts';

/** How a host is reached. Hosts of different images have different keys. */
export interface Peer {
  readonly port: number;
  readonly image: Image;
}

/** Hosts by name. */
export type Peers = Readonly<Record<string, Peer>>;

/** The text of a file for `ssh -F` in which each of these is a host at 127.0.0.1. */
export function sshConfig(peers: Peers): string {
  return Object.entries(peers)
    .map(
      ([name, { port, image }]) => `Host ${name}
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

/** The files under root's `~/.ssh` on a host that let it and the others reach each other, at the address that means this machine. */
export function guestSshFiles(peers: Peers): Record<string, string> {
  const images = [...new Set(Object.values(peers).map(({ image }) => image))];
  const read = (path: (image: Image) => string): string =>
    [...new Set(images.map((image) => readFileSync(path(image), 'utf8')))].join('');
  const config = Object.entries(peers).map(
    ([name, { port }]) => `Host ${name}
  HostName 10.0.2.2
  Port ${port}
  HostKeyAlias ${hostKeyAlias}
  StrictHostKeyChecking yes
`,
  );
  return {
    config: config.join('\n'),
    known_hosts: read((image) => image.knownHosts),
    authorized_keys: read((image) => `${image.key}.pub`),
  };
}

const quoted = (path: string): string => `"${path}"`;
