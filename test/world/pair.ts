import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { hosts, type Lab } from '../../lab/hosts.ts';
import { variant } from '../variants.ts';
import { buildToolsImage, toolsFolder } from './tools-image.ts';

export type Pair = Lab<'a' | 'b'>;

let running: Promise<Pair> | undefined;
const withTools = new WeakSet<Pair>();

/** The two hosts that all scenarios of one test process share, as the variant wants them. */
export async function sharedPair(): Promise<Pair> {
  running ??= startPair();
  return await running;
}

/** Makes zferry and a Node run on both hosts. */
export async function bringTools(pair: Pair): Promise<void> {
  if (withTools.has(pair)) return;
  withTools.add(pair);
  const image = buildToolsImage();
  for (const host of [pair.hosts.a, pair.hosts.b]) {
    // After a power cut of the other.
    if ((await host.exec(`mountpoint -q ${toolsFolder}`, { allowFailure: true })).code === 0) continue;
    const device = await host.plugImage(image);
    await host.exec(`mkdir -p ${toolsFolder} && mount -o ro ${device} ${toolsFolder}`);
  }
  // The hosts hold it open.
  rmSync(dirname(image), { recursive: true });
}

/** A power cut of one host. What it had besides its pools is as it was when the pair was started. */
export async function cutPower(pair: Pair, name: 'a' | 'b'): Promise<void> {
  const host = pair.hosts[name];
  await host.cut();
  withTools.delete(pair);
  await host.exec(asWanted());
  await host.importPools();
}

async function startPair(): Promise<Pair> {
  const script = asWanted();
  const pair = await hosts(['a', 'b'], { zfs: variant().zfs });
  await Promise.all([pair.hosts.a, pair.hosts.b].map((host) => host.exec(script)));
  return pair;
}

/** What makes a fresh host one of this variant. A third of an emulated login is spent in PAM. */
function asWanted(): string {
  return `${variant().script}\nsed -i 's/^UsePAM yes/UsePAM no/' /etc/ssh/sshd_config && systemctl reload ssh`;
}
