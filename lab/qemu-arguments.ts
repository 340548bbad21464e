import type { Accelerator } from './accelerator.ts';
import type { Image } from './image.ts';

export interface Ports {
  /** On 127.0.0.1, to the host's sshd by the network that tests may delay and cut. */
  readonly ssh: number;
  /** On 127.0.0.1, to the same sshd by the lab's own network. */
  readonly control: number;
}

export interface MachineShape {
  readonly image: Image;
  readonly accelerator: Accelerator;
  /** The qcow2 file over the image's root. Relative to the folder that QEMU runs in, as is `monitor`. */
  readonly root: string;
  readonly monitor: string;
  readonly console: string;
  readonly ports: Ports;
  /** The saved state to start from; a real boot without one. */
  readonly load?: string;
}

/** Counts up when a change below makes saved states unusable. */
export const machineGeneration = 1;

/** Enough for a pool, its ARC and a receive. A state can only be loaded with the memory it was saved with. */
const memoryMiB = 1024;

const kernelLine = [
  'root=/dev/vda rw console=ttyS0 quiet net.ifnames=0',
  // The guests run their own tests and nothing else; what protects from others costs emulated time.
  'mitigations=off audit=0 apparmor=0 fsck.mode=skip',
].join(' ');

/**
 * The command line of a guest: one disk for its root, eth0 for what hosts say to each other, eth1 for the lab.
 * `-M pc`, because its PCI bus takes disks while it runs. Data disks are plugged in later: a saved state can only
 * be loaded into a machine with the same devices.
 */
export function qemuArguments(shape: MachineShape): string[] {
  const { image, ports } = shape;
  const network = (id: string, mac: string, subnet: string, port: number): string[] => [
    '-netdev',
    `user,id=${id},net=${subnet}.0/24,hostfwd=tcp:127.0.0.1:${port}-${subnet}.15:22`,
    '-device',
    `virtio-net-pci,netdev=${id},id=nic-${id},mac=${mac},romfile=`,
  ];
  return [
    ['qemu-system-x86_64', '-nodefaults', '-no-user-config', '-display', 'none', '-M', 'pc'],
    ['-smp', '1', '-m', `${memoryMiB}`],
    shape.accelerator === 'kvm'
      ? ['-accel', 'kvm', '-cpu', 'host']
      : ['-accel', 'tcg,thread=multi', '-cpu', 'max'],
    ['-kernel', image.kernel, '-initrd', image.initrd, '-append', kernelLine],
    ['-drive', `file=${shape.root},if=none,id=root,format=qcow2,cache=unsafe`],
    ['-device', 'virtio-blk-pci,drive=root'],
    network('net0', '52:54:00:00:00:10', '10.0.2', ports.ssh),
    network('net1', '52:54:00:00:00:11', '10.0.3', ports.control),
    ['-chardev', `file,id=console,path=${shape.console}`, '-serial', 'chardev:console'],
    ['-qmp', `unix:${shape.monitor},server=on,wait=off`],
    shape.load === undefined ? [] : ['-loadvm', shape.load],
  ].flat();
}
