import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LabError } from './lab-error.ts';
import { type Monitor, openMonitor } from './monitor.ts';
import { type ProcessIdentity, processIdentity } from './process-identity.ts';
import { type MachineShape, qemuArguments } from './qemu-arguments.ts';
import { machineFile } from './run-folder.ts';

/** `tied`: dies with this process, however that ends. `detached`: goes on until it is ended by its id. */
export type Lifetime = 'tied' | 'detached';

export interface Machine {
  readonly process: ProcessIdentity;
  readonly monitor: Monitor;
}

/** Another program listens on a port that the machine was to have. */
export class PortTakenError extends LabError {}

/**
 * Starts QEMU in `folder` and waits until it answers, which is when a saved state is loaded.
 *
 * @throws PortTakenError
 * @throws LabError with QEMU's own words when it does not start
 */
export async function startMachine(
  folder: string,
  shape: MachineShape,
  lifetime: Lifetime,
): Promise<Machine> {
  const log = join(folder, 'qemu.log');
  rmSync(shape.monitor, { force: true });
  const output = openSync(log, 'w');
  const tie = lifetime === 'tied' ? ['setpriv', '--pdeathsig', 'KILL', '--'] : [];
  const [program = '', ...args] = [...tie, ...qemuArguments(shape)];
  const child = spawn(program, args, { cwd: folder, detached: true, stdio: ['ignore', output, output] });
  closeSync(output);
  child.unref();
  const process = child.pid === undefined ? undefined : processIdentity(child.pid);
  // Before anything else, so that whoever cleans up finds it.
  if (process) writeFileSync(join(folder, machineFile), JSON.stringify(process));
  let ended = false;
  let complaint = '';
  child.once('error', (error) => {
    complaint = error.message;
    ended = true;
  });
  child.once('exit', () => {
    ended = true;
  });

  for (;;) {
    if (ended) {
      const why = complaint || readFileSync(log, 'utf8').trim() || 'it gave no reason';
      if (why.includes('Could not set up host forwarding')) {
        const { ssh, control } = shape.ports;
        throw new PortTakenError(
          `Another program took port ${ssh} or ${control} of 127.0.0.1: end it, or take this host down and start it anew.`,
        );
      }
      throw new LabError(`QEMU did not start: ${why}`);
    }
    const monitor = existsSync(shape.monitor) ? await openedMonitor(shape.monitor) : undefined;
    if (monitor && process) return { process, monitor };
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Undefined while QEMU has made the socket's file but does not listen yet. */
async function openedMonitor(path: string): Promise<Monitor | undefined> {
  try {
    return await openMonitor(path);
  } catch (error) {
    if (error instanceof LabError) return undefined;
    if (['ECONNREFUSED', 'ENOENT'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}
