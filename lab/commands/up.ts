import type { Command } from '../command.ts';
import { takeFlag, takeVersion } from '../command-arguments.ts';
import { UsageError } from '../lab-error.ts';
import { prepareLab } from '../prepare-lab.ts';
import { secondsSince } from '../say.ts';

export const up: Command = {
  name: 'up',
  usage: 'HOST… [--zfs 2.1|2.3|2.4] [--pools]',
  about: 'start hosts with real OpenZFS and two empty disks each',
  details: `The first time it prepares what is missing: Debian packages, an image, a saved state; about six minutes.
The disks are /dev/disk/by-id/virtio-disk0 and virtio-disk1, sparse, 2 GiB each. With --pools, disk0 of each host
is a pool named tank. Hosts reach each other by name with ssh. They run until \`down\`.`,
  examples: ['lab/lab up a b --pools', 'lab/lab up old --zfs 2.1'],
  changes: true,
  async run(args, { lab, say, print }) {
    const zfs = takeVersion(args);
    const pools = takeFlag(args, '--pools');
    const option = args.find((arg) => arg.startsWith('-'));
    if (option !== undefined) throw new UsageError(`There is no option ${option} here.`);
    if (args.length === 0) throw new UsageError('It needs the name of a host, such as a.');
    const present = new Set(lab.list().map(({ record }) => record.name));
    const wanted = [...new Set(args)].filter((name) => !present.has(name));
    for (const name of args.filter((one) => present.has(one))) {
      const host = lab.host(name);
      print(host.isOn() ? `${name} is up already` : `${name} has power again`);
      await host.power('on');
    }
    if (wanted.length === 0) return 0;
    const ready = await prepareLab(zfs, say);
    const start = performance.now();
    const hosts = await lab.add(wanted, zfs, ready);
    if (pools) {
      await Promise.all(hosts.map((host) => host.zpool('create', 'tank', '/dev/disk/by-id/virtio-disk0')));
    }
    print(
      `${wanted.join(' and ')} ${wanted.length > 1 ? 'are' : 'is'} up with OpenZFS ${zfs} (${secondsSince(start)} s)`,
    );
    return 0;
  },
};
