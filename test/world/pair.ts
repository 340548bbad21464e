import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { hosts, type Lab } from '../../lab/hosts.ts';
import { variants } from '../variants.ts';
import { buildToolsImage, toolsFolder } from './tools-image.ts';

export type Pair = Lab<'a' | 'b'>;

let running: Promise<Pair> | undefined;
let tools: string | undefined;
const withTools = new Set<'a' | 'b'>();

/** The two hosts that all scenarios of one test process share, as the variant wants them. */
export async function sharedPair(): Promise<Pair> {
  running ??= startPair();
  return await running;
}

/** Throws both hosts away, for a scenario that broke more of them than their pools. */
export async function dropPair(): Promise<void> {
  const last = running;
  running = undefined;
  withTools.clear();
  await (await last)?.dispose();
}

/** Makes zferry and a Node run on that host. */
export async function bringTools(pair: Pair, name: 'a' | 'b'): Promise<void> {
  if (withTools.has(name)) return;
  if (tools === undefined) {
    const image = buildToolsImage();
    tools = image;
    process.once('exit', () => rmSync(dirname(image), { recursive: true, force: true }));
  }
  const device = await pair.hosts[name].plugImage(tools);
  await pair.hosts[name].exec(`mkdir -p ${toolsFolder} && mount -o ro ${device} ${toolsFolder}`);
  withTools.add(name);
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
