import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hosts, type Lab } from '../../lab/hosts.ts';
import { runCommand } from '../../lab/run-command.ts';
import { isFull } from '../variants.ts';

const disk = '/dev/disk/by-id/virtio-disk0';

test.runIf(isFull)(
  'hosts of different releases run them, and reach each other',
  async () => {
    await using lab = await hosts(['a', 'b'], { zfs: { a: '2.1', b: '2.4' } });
    const { a, b } = lab.hosts;
    const version = 'cat /sys/module/zfs/version';
    expect((await a.exec(`${version}; ssh b '${version}'`)).stdout).toMatch(/^2\.1\..*\n2\.4\./);
    expect((await b.exec('ssh a hostname')).stdout).toBe('a\n');
    const outside = await runCommand(['ssh', '-F', lab.sshConfig, 'b', 'ssh a hostname']);
    expect(outside.stdout).toBe('a\n');
  },
  600_000,
);

describe('two hosts from one saved state', () => {
  let lab: Lab<'a' | 'b'>;
  beforeAll(async () => {
    lab = await hosts(['a', 'b']);
  });
  afterAll(() => lab.dispose());

  /** A fresh pool and two snapshots on it; the GUIDs of all three. */
  const guids = async (name: 'a' | 'b', pool: string, device: string): Promise<string[]> => {
    const host = lab.hosts[name];
    await host.zpool('create', pool, device);
    for (const snapshot of ['1', '2']) await host.zfs('snapshot', `${pool}@${snapshot}`);
    const text = await host.zfs('get', '-Hp', '-r', '-o', 'value', '-t', 'filesystem,snapshot', 'guid', pool);
    return text.trim().split('\n');
  };

  test('run OpenZFS 2.3 and know their names and the time', async () => {
    const { stdout } = await lab.hosts.a.exec('hostname; cat /sys/module/zfs/version; date +%s');
    const [name, version, time] = stdout.trim().split('\n');
    expect(name).toBe('a');
    expect(version).toMatch(/^2\.3\./);
    expect(Math.abs(Number(time) - Date.now() / 1000)).toBeLessThan(5);
  });

  test('reach each other by name, and are reached by the file for ssh -F', async () => {
    const { stdout } = await lab.hosts.a.exec('ssh b hostname; ssh b ssh a hostname');
    expect(stdout).toBe('b\na\n');
    const outside = await runCommand(['ssh', '-F', lab.sshConfig, 'b', 'hostname']);
    expect(outside.stdout).toBe('b\n');
  });

  test('never give one GUID to two snapshots, also after a power cut', async () => {
    const before = await Promise.all([guids('a', 'tank', disk), guids('b', 'tank', disk)]);
    await Promise.all([lab.hosts.a.cut(), lab.hosts.b.cut()]);
    const second = '/dev/disk/by-id/virtio-disk1';
    const after = await Promise.all([guids('a', 'other', second), guids('b', 'other', second)]);
    const all = [...before, ...after].flat();
    expect(all).toHaveLength(12);
    expect(new Set(all).size).toBe(12);
    expect((await lab.hosts.a.exec('hostid')).stdout).not.toBe((await lab.hosts.b.exec('hostid')).stdout);
  });

  test('a power cut loses what was not synced and keeps a snapshot that was', async () => {
    const { a } = lab.hosts;
    await a.reset();
    await a.zpool('create', 'tank', disk);
    await a.exec('echo kept > /tank/kept');
    await a.zfs('snapshot', 'tank@kept');
    await a.zpool('sync', 'tank');
    await a.exec('echo lost > /tank/lost');
    await a.cut();
    await a.importPools();
    expect(await a.zfs('list', '-H', '-o', 'name', '-t', 'snapshot')).toBe('tank@kept\n');
    expect((await a.exec('ls /tank')).stdout).toBe('kept\n');
  });

  test('a reset host is a fresh one', async () => {
    const { a } = lab.hosts;
    await a.exec('touch /root/mark');
    const { port } = a;
    await a.reset();
    expect(a.port).toBe(port);
    expect((await a.exec('ls /root; zpool import -d /dev/disk/by-id', { allowFailure: true })).stdout).toBe(
      '',
    );
  });

  test('the network suffers what it is told to, and the way in for the lab does not', async () => {
    const { a, b } = lab.hosts;
    // The best of three: a machine that is busy with something else only makes it longer.
    const millisecondsToB = async (): Promise<number> => {
      const clock = 'cut -d" " -f1 /proc/uptime';
      const { stdout } = await a.exec(`ssh b true; ${clock}; for i in 1 2 3; do ssh b true; ${clock}; done`);
      const times = stdout.trim().split('\n').map(Number);
      return Math.min(...times.slice(1).map((time, i) => time - (times[i] ?? 0))) * 1000;
    };
    const plain = await millisecondsToB();
    await b.delay('200ms');
    expect(await millisecondsToB()).toBeGreaterThan(plain + 600);
    await b.delay(undefined);
    await b.unplug();
    const cut = await a.exec('timeout 4 ssh b true', { allowFailure: true });
    expect(cut.code).toBe(124);
    expect((await b.exec('hostname')).stdout).toBe('b\n');
    await b.plug();
    expect((await a.exec('ssh b hostname')).stdout).toBe('b\n');
    await expect(b.delay('25')).rejects.toThrow('A delay is a number with its unit, such as 25ms, not 25.');
  });

  test('a script is passed on unchanged, whatever the login shell', async () => {
    const { a } = lab.hosts;
    const script = `printf '%s|' "it's" '!x' 'two\nlines' '$HOME' '\\'`;
    const wanted = `it's|!x|two\nlines|$HOME|\\|`;
    for (const shell of ['/bin/sh', '/usr/bin/fish', '/bin/csh', '/bin/bash']) {
      await a.exec(`usermod -s ${shell} root`);
      expect((await a.exec(script)).stdout).toBe(wanted);
    }
    expect((await a.exec('cat', { stdin: 'through' })).stdout).toBe('through');
  });

  test('what fails on a host is an error with its words', async () => {
    await expect(lab.hosts.a.zfs('list', 'no pool')).rejects.toThrow(
      "On a, `zfs list 'no pool'` ended with status 1: cannot open 'no pool': dataset does not exist",
    );
    await lab.hosts.a.power('off');
    await expect(lab.hosts.a.zfs('list')).rejects.toThrow('The host a is off: give it power first.');
    await lab.hosts.a.power('on');
    expect((await lab.hosts.a.exec('hostname')).stdout).toBe('a\n');
  });

  test('files come and go, and an image can be plugged in', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'zferry-files-'));
    try {
      const file = join(folder, 'a file');
      writeFileSync(file, 'x'.repeat(1024 ** 2));
      await lab.hosts.a.put(file, '/root/there');
      await lab.hosts.a.get('/root/there', join(folder, 'back'));
      expect(readFileSync(join(folder, 'back')).equals(readFileSync(file))).toBe(true);
      const device = await lab.hosts.a.plugImage(file);
      expect((await lab.hosts.a.exec(`head -c 3 ${device}; blockdev --getro ${device}`)).stdout).toBe(
        'xxx1\n',
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
