import { existsSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Monitor } from './monitor.ts';

/** A host's two data disks, as sparse files that outlive its power. */
export interface Disks {
  /** Their names on the host, under `/dev/disk/by-id`. */
  readonly names: readonly string[];
  /** Plugs them in, made empty where they are missing. */
  plug(monitor: Monitor): Promise<void>;
  /** Plugs in an image for reading; returns its serial. */
  plugImage(monitor: Monitor, path: string): Promise<string>;
  /** Throws away what they hold. Only while nothing runs from them. */
  clear(): void;
}

export function openDisks(folder: string, gib: number): Disks {
  const serials = ['disk0', 'disk1'];
  const file = (serial: string): string => join(folder, `${serial}.img`);
  return {
    names: serials.map((serial) => `virtio-${serial}`),
    async plug(monitor) {
      for (const serial of serials) {
        if (!existsSync(file(serial))) {
          writeFileSync(file(serial), '');
          truncateSync(file(serial), gib * 1024 ** 3);
        }
        await plug(monitor, serial, file(serial), false);
      }
    },
    async plugImage(monitor, path) {
      const nodes = (await monitor.execute('query-named-block-nodes')) as { 'node-name': string }[];
      const serial = `image${nodes.filter((node) => /^image\d+$/.test(node['node-name'])).length}`;
      await plug(monitor, serial, resolve(path), true);
      return serial;
    },
    clear() {
      for (const serial of serials) rmSync(file(serial), { force: true });
    },
  };
}

/** What the guest has flushed is in this machine's page cache, which the death of QEMU does not touch. */
async function plug(monitor: Monitor, serial: string, filename: string, readOnly: boolean): Promise<void> {
  await monitor.execute('blockdev-add', {
    driver: 'raw',
    'node-name': serial,
    'read-only': readOnly,
    cache: { direct: false, 'no-flush': true },
    file: { driver: 'file', filename, 'read-only': readOnly, ...(!readOnly && { discard: 'unmap' }) },
    ...(!readOnly && { discard: 'unmap' }),
  });
  await monitor.execute('device_add', { driver: 'virtio-blk-pci', id: serial, drive: serial, serial });
}
