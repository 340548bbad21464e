import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { hosts, type Lab } from '../../lab/hosts.ts';
import { variants } from '../variants.ts';
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
    const device = await host.plugImage(image);
    await host.exec(`mkdir -p ${toolsFolder} && mount -o ro ${device} ${toolsFolder}`);
  }
  // The hosts hold it open.
  rmSync(dirname(image), { recursive: true });
}

async function startPair(): Promise<Pair> {
  const variant = process.env['ZFERRY_VARIANT'] ?? 'main';
  const script = variants[variant];
  if (script === undefined)
    throw new Error(`no variant "${variant}"; there are ${Object.keys(variants).join(', ')}`);
  const pair = await hosts(['a', 'b']);
  // A third of an emulated login is spent in PAM.
  const quicker = "sed -i 's/^UsePAM yes/UsePAM no/' /etc/ssh/sshd_config && systemctl reload ssh";
  await Promise.all([pair.hosts.a, pair.hosts.b].map((host) => host.exec(`${script}\n${quicker}`)));
  return pair;
}
