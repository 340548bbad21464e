import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from '../command.ts';
import { expectWords } from '../command-arguments.ts';
import type { LabHost } from '../host.ts';

const header = ['host', 'kernel', 'OpenZFS', 'port', 'pid', 'up'];

export const status: Command = {
  name: 'status',
  usage: '',
  about: 'kernel and OpenZFS version of each host, its port and since when it is up',
  examples: ['lab/lab status'],
  async run(args, { lab, print }) {
    expectWords(args, []);
    const all = lab.list().map(({ record }) => lab.host(record.name));
    if (all.length === 0) {
      print('no hosts; `lab/lab up a b` starts two');
      return 0;
    }
    const rows = [header, ...(await Promise.all(all.map(row)))];
    const widths = header.map((_, column) => Math.max(...rows.map((cells) => cells[column]?.length ?? 0)));
    for (const cells of rows) {
      print(
        cells
          .map((cell, column) => cell.padEnd(widths[column] ?? 0))
          .join('  ')
          .trimEnd(),
      );
    }
    return 0;
  },
};

async function row(host: LabHost): Promise<string[]> {
  const machine = host.machine();
  if (!machine) return [host.name, '-', '-', `${host.port}`, '-', 'off'];
  const { code, stdout } = await host.exec('uname -r && cat /sys/module/zfs/version', { allowFailure: true });
  const [kernel = '', zfs = ''] = code === 0 ? stdout.trim().split('\n') : ['no answer', '-'];
  // The folder of a process in /proc is as old as the process.
  const seconds = Math.round((Date.now() - statSync(join('/proc', `${machine.pid}`)).ctimeMs) / 1000);
  return [host.name, kernel, zfs, `${host.port}`, `${machine.pid}`, duration(seconds)];
}

function duration(seconds: number): string {
  if (seconds < 120) return `${seconds} s`;
  return seconds < 7200 ? `${Math.floor(seconds / 60)} min` : `${Math.floor(seconds / 3600)} h`;
}
