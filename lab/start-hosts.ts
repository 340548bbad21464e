import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { freePorts } from './free-ports.ts';
import { type HostPlace, type HostRecord, type LabHost, openHost } from './host.ts';
import { PortTakenError } from './machine.ts';

/** How often other ports are tried when somebody was faster. */
const attempts = 5;

/** A host that was just started, and what to remember of it. */
export interface StartedHost {
  readonly record: HostRecord;
  readonly host: LabHost;
}

/** Starts one more host in a run's folder, on ports that are free. It still has to be woken. */
export async function startHost(
  name: string,
  diskGiB: number,
  place: Omit<HostPlace, 'folder'>,
  runFolder: string,
): Promise<StartedHost> {
  const hostid = randomBytes(4).toString('hex');
  for (let attempt = 1; ; attempt++) {
    const [ssh = 0, control = 0] = await freePorts(2);
    const record = { name, diskGiB, hostid, ports: { ssh, control } };
    const host = openHost(record, { ...place, folder: join(runFolder, name) });
    try {
      await host.start();
      return { record, host };
    } catch (error) {
      await host.dispose();
      if (!(error instanceof PortTakenError) || attempt === attempts) throw error;
    }
  }
}
