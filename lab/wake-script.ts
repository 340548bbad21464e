import { randomBytes } from 'node:crypto';
import { quote } from './quote.ts';
import { guestSshFiles, type Peers } from './ssh-config.ts';

export interface Identity {
  readonly name: string;
  /** Eight hex digits; what a pool remembers as the last host that had it imported. */
  readonly hostid: string;
  /** All hosts of the run, this one among them. */
  readonly peers: Peers;
  /** Paths under `/dev/disk/by-id` that must be there in the end. */
  readonly disks: readonly string[];
}

/**
 * What makes one host of its own out of a saved state that many start from: fresh randomness, the time, a name.
 *
 * The order matters. OpenZFS seeds the generator of its GUIDs from the kernel's when its module is loaded, and the
 * kernel's is the same in all hosts from one state, so first the kernel is fed and told to reseed (RNDADDENTROPY
 * and RNDRESEEDCRNG, random(4)), and only then comes the module.
 */
export function wakeScript({ name, hostid, peers, disks }: Identity): string {
  const entropy = randomBytes(64).toString('hex');
  const feed =
    'open R, ">", "/dev/urandom" or die "urandom: $!"; ' +
    'ioctl(R, 0x40085203, pack("iia*", 512, 64, pack("H*", $ARGV[0]))) or die "RNDADDENTROPY: $!"; ' +
    'ioctl(R, 0x5207, 0) or die "RNDRESEEDCRNG: $!"; ' +
    'open H, ">", "/etc/hostid" or die "hostid: $!"; print H pack("L<", hex $ARGV[1])';
  const now = (Date.now() / 1000).toFixed(3);
  return `set -eu
date -u -s @${now} >/dev/null
perl -e '${feed}' ${entropy} ${hostid}
hostname ${quote(name)}
echo ${quote(name)} > /etc/hostname
echo ${quote(`127.0.0.1 localhost ${name}`)} > /etc/hosts
${peersScript(peers)}modprobe zfs
n=0
for disk in ${disks.join(' ')}; do
  while ! [ -e /dev/disk/by-id/$disk ]; do
    n=$((n + 1))
    if [ $n -gt 200 ]; then echo "disk $disk does not appear" >&2; exit 1; fi
    sleep 0.05
  done
done
`;
}

/** Lets `ssh` on the host reach the others by name. */
export function peersScript(peers: Peers): string {
  return Object.entries(guestSshFiles(peers))
    .map(([file, text]) => `cat > /root/.ssh/${file} <<'END'\n${text}END\n`)
    .join('');
}
