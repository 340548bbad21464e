import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { release } from 'node:os';
import { join } from 'node:path';
import { cacheFolder } from './cache-folder.ts';
import type { Image } from './image.ts';
import { runCommand } from './run-command.ts';

/** How guests run: by the machine's virtualisation, or all in software. */
export type Accelerator = 'kvm' | 'tcg';

/**
 * KVM where it really runs the image's kernel, else emulation. There are machines with a `/dev/kvm` that cannot
 * run a stock kernel, so the first call tries it (a few seconds) and the finding is kept until the machine's or
 * the image's kernel changes.
 */
export async function accelerator(image: Image): Promise<Accelerator> {
  if (!existsSync('/dev/kvm')) return 'tcg';
  const file = join(cacheFolder(), `accelerator-${image.hash}-${release()}`);
  if (existsSync(file)) return readFileSync(file, 'utf8') === 'kvm' ? 'kvm' : 'tcg';
  const found = (await kvmRuns(image)) ? 'kvm' : 'tcg';
  mkdirSync(cacheFolder(), { recursive: true });
  writeFileSync(file, found);
  return found;
}

/** Without a disk the kernel panics once all of it has run: that message is what a good trial ends with. */
async function kvmRuns(image: Image): Promise<boolean> {
  const trial = await runCommand(
    [
      [
        'timeout',
        '--signal=KILL',
        '20',
        'qemu-system-x86_64',
        '-nodefaults',
        '-no-user-config',
        '-no-reboot',
      ],
      ['-display', 'none', '-M', 'pc', '-accel', 'kvm', '-cpu', 'host', '-smp', '1', '-m', '512'],
      ['-kernel', image.kernel, '-append', 'console=ttyS0 panic=-1', '-serial', 'stdio'],
    ].flat(),
    { allowFailure: true },
  );
  return trial.stdout.includes('Unable to mount root fs');
}
