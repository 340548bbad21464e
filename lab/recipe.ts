import { createHash } from 'node:crypto';

/** The OpenZFS lines that the lab can build, named by what Debian carries. */
export const zfsVersions = ['2.1', '2.3', '2.4'] as const;
export type ZfsVersion = (typeof zfsVersions)[number];

/** One of Debian's archives that an image is built from. */
export interface Source {
  /** Its name in Debian: `trixie`, `trixie-backports`. */
  readonly suite: string;
  readonly components: readonly string[];
}

/** All that decides what is inside an image. Two equal recipes make images that behave alike. */
export interface Recipe {
  readonly zfs: ZfsVersion;
  /** The first is the release itself, the rest are added to it. */
  readonly sources: readonly [Source, ...Source[]];
  readonly packages: readonly string[];
  /** Files put into the root before packages are installed, by their path there. */
  readonly filesBefore: Readonly<Record<string, string>>;
  /** Files put into the root at the end. */
  readonly filesAfter: Readonly<Record<string, string>>;
  /** A shell script run inside the root at the end. */
  readonly finish: string;
  /** How long the packages and the module take on two cores, in seconds; measured. */
  readonly expectedSeconds: number;
}

/** Counts up when the builder itself changes what it makes of a recipe. */
const builderGeneration = 1;

const components = ['main', 'contrib'];

const packages = [
  // the kernel, OpenZFS as a module built for it, and what boots it
  'linux-image-cloud-amd64',
  'linux-headers-cloud-amd64',
  'zfs-dkms',
  'zfsutils-linux',
  'initramfs-tools',
  'systemd-sysv',
  'udev',
  'kmod',
  // the other end of ssh, and every login shell that has to be no obstacle
  'openssh-server',
  'openssh-client',
  'csh',
  'fish',
  'ksh',
  // what a replication may find on its way
  'mbuffer',
  'pv',
  'zstd',
  'lz4',
  // looking around and doing harm
  'iproute2',
  'nftables',
  'perl-base',
  'procps',
  'util-linux',
];

const filesBefore = {
  // The guests are virtio machines and nothing else, so their initrd can be small.
  '/etc/initramfs-tools/conf.d/lab': 'MODULES=list\nCOMPRESS=zstd\n',
  '/usr/share/initramfs-tools/modules.d/lab': 'virtio_pci\nvirtio_blk\next4\n',
};

const network = (mac: string, address: string, gateway: string): string =>
  `[Match]\nMACAddress=${mac}\n\n[Network]\nAddress=${address}/24\n${gateway}LinkLocalAddressing=no\n` +
  // As with a cable pulled somewhere on the way: addresses and connections stay.
  'ConfigureWithoutCarrier=yes\nIgnoreCarrierLoss=yes\n';

const filesAfter = {
  '/etc/hostname': 'zferry-lab\n',
  '/etc/hosts': '127.0.0.1 localhost zferry-lab\n',
  '/etc/fstab': '/dev/vda / ext4 noatime 0 1\n',
  // eth0 carries what hosts say to each other; eth1 is the lab's own way in, so that `delay` and `unplug`
  // hit the first and never the lab's own commands.
  '/etc/systemd/network/10-eth0.network': network(
    '52:54:00:00:00:10',
    '10.0.2.15',
    'Gateway=10.0.2.2\nDNS=10.0.2.3\n',
  ),
  '/etc/systemd/network/10-eth1.network': network('52:54:00:00:00:11', '10.0.3.15', ''),
  '/etc/ssh/sshd_config.d/lab.conf': 'PermitRootLogin prohibit-password\nUseDNS no\n',
  // Pools are imported by whoever tests, and the module is loaded by the lab once it has fed the kernel fresh
  // randomness. udev would load it as soon as it sees a disk with a pool on it.
  '/etc/udev/rules.d/90-zfs.rules': '',
  // Runs the script that its one argument holds in base64, whatever the login shell makes of quotes.
  '/usr/local/bin/lab-sh': '#!/bin/sh\nexec sh -c "$(printf %s "$1" | base64 -d)"\n',
};

/** Units that a host of the lab has no use for: timers, consoles, and everything that imports a pool by itself. */
const maskedUnits = [
  'apt-daily.timer',
  'apt-daily-upgrade.timer',
  'dpkg-db-backup.timer',
  'e2scrub_all.timer',
  'e2scrub_reap.service',
  'fstrim.timer',
  'man-db.timer',
  'getty@tty1.service',
  'getty-static.service',
  'serial-getty@ttyS0.service',
  'systemd-networkd-wait-online.service',
  'systemd-pcrphase.service',
  'systemd-random-seed.service',
  'systemd-rfkill.socket',
  'systemd-timesyncd.service',
  'systemd-update-utmp.service',
  'zfs-import-cache.service',
  'zfs-import-scan.service',
  'zfs-load-module.service',
  'zfs-mount.service',
  'zfs-share.service',
  'zfs-volume-wait.service',
  'zfs-zed.service',
];

const finish = `set -eu
chmod 755 /usr/local/bin/lab-sh
ln -sf /dev/null /etc/systemd/network/99-default.link
systemctl enable systemd-networkd.service ssh.service
systemctl mask ${maskedUnits.join(' ')}
passwd -d root
# Tests that are refused a key on purpose must not end in a host that refuses everybody (sshd 9.8 and up).
echo 'PerSourcePenalties no' > /etc/ssh/sshd_config.d/penalties.conf
mkdir -p /run/sshd
sshd -t 2>/dev/null || rm /etc/ssh/sshd_config.d/penalties.conf
# Loading the module costs every host emulated time: unpacking it half a second, and finding the name of each of
# its 6577 traceable functions among 23000 symbols two. Neither the code nor what it exports is touched; only
# ftrace cannot see into it.
find /lib/modules -path '*dkms*' -name '*.ko.xz' -exec xz -d {} +
find /lib/modules -path '*dkms*' -name '*.ko.zst' -exec zstd -q -d --rm {} +
find /lib/modules -path '*dkms*' -name '*.ko' \\
  -exec objcopy --strip-unneeded -R __mcount_loc -R .rela__mcount_loc {} \\;
for kernel in /lib/modules/*; do depmod "\${kernel##*/}"; done
rm -rf /var/cache/apt/archives/*.deb /var/lib/apt/lists/*
`;

const backportsPin = `Package: src:zfs-linux
Pin: release n=trixie-backports
Pin-Priority: 900
`;

const common = { packages, filesBefore, filesAfter, finish };

const recipes: Record<ZfsVersion, Recipe> = {
  '2.1': {
    ...common,
    zfs: '2.1',
    sources: [{ suite: 'bookworm', components }],
    expectedSeconds: 210,
  },
  '2.3': {
    ...common,
    zfs: '2.3',
    sources: [{ suite: 'trixie', components }],
    expectedSeconds: 260,
  },
  '2.4': {
    ...common,
    zfs: '2.4',
    sources: [
      { suite: 'trixie', components },
      { suite: 'trixie-backports', components },
    ],
    // A pin on the source package: naming single packages `/trixie-backports` leaves one of its libraries behind.
    filesBefore: { ...filesBefore, '/etc/apt/preferences.d/lab': backportsPin },
    expectedSeconds: 240,
  },
};

/** The recipe of an OpenZFS line. */
export function recipe(version: ZfsVersion): Recipe {
  return recipes[version];
}

/** Twelve hex digits that change when anything in the recipe or in its builder does. */
export function recipeHash(of: Recipe): string {
  return createHash('sha256')
    .update(JSON.stringify([builderGeneration, of]))
    .digest('hex')
    .slice(0, 12);
}
