import { describe, expect, it } from 'vitest';
import { directLine, pipeLine, shellLine } from './shell-line.ts';

const list = { argv: ['zfs', 'list', '-Hp', 'tank/my data'] };

describe('a line that can be pasted', () => {
  it('is the command itself on this machine', () => {
    expect(shellLine('', [list])).toBe("zfs list -Hp 'tank/my data'");
  });

  it('is quoted once more for ssh', () => {
    expect(shellLine('root@nas', [list])).toBe(`ssh root@nas 'zfs list -Hp '\\''tank/my data'\\'''`);
    expect(shellLine('nas', [{ argv: ['uptime'] }], '/etc/my ssh')).toBe("ssh -F '/etc/my ssh' nas uptime");
  });

  it('stops where the batch would stop', () => {
    expect(
      shellLine('', [{ argv: ['zpool', 'version'], optional: true }, { argv: ['zfs', 'version'] }]),
    ).toBe('{ zpool version || true; } && zfs version');
  });

  it('has those that go on at the same time beside each other', () => {
    const commands = ['a', 'b', 'c'].map((one) => ({
      argv: ['zfs', 'destroy', `tank#${one}`],
      optional: true as const,
    }));
    expect(shellLine('', commands, undefined, undefined, 2)).toBe(
      "{ { zfs destroy 'tank#a'; zfs destroy 'tank#c'; } & { zfs destroy 'tank#b'; } & wait; }",
    );
    expect(shellLine('', [list, ...commands.slice(0, 1)], undefined, undefined, 2)).toBe(
      "zfs list -Hp 'tank/my data' && { { zfs destroy 'tank#a'; } & wait; }",
    );
    expect(shellLine('nas', commands.slice(0, 1), undefined, undefined, 8)).toBe(
      "ssh nas '{ { zfs destroy '\\''tank#a'\\''; } & wait; }'",
    );
  });

  it('joins the stages of a pipeline', () => {
    const stages = [
      { host: '', commands: [{ argv: ['zfs', 'send', 'a@1'] }, { argv: ['zfs', 'send', 'b@1'] }] },
      { host: 'nas', commands: [{ argv: ['zfs', 'receive', 'c'] }, { argv: ['zfs', 'receive', 'd'] }] },
    ];
    expect(pipeLine(stages)).toBe(
      "(zfs send a@1 && zfs send b@1) | ssh nas 'zfs receive c && zfs receive d'",
    );
  });

  it('joins neighbours where they are', () => {
    const stage = (host: string, ...commands: string[]) => ({
      host,
      commands: commands.map((line) => ({ argv: line.split(' ') })),
    });
    const stages = [
      stage('web', 'zfs send a@1', 'zfs send b@1'),
      stage('web', 'zstd'),
      stage('', 'pv -q'),
      stage('nas', 'zstd -d'),
      stage('nas', 'zfs receive c', 'zfs receive d'),
    ];
    expect(pipeLine(stages)).toBe(
      "ssh web '(zfs send a@1 && zfs send b@1) | zstd' | pv -q | ssh nas 'zstd -d | (zfs receive c && zfs receive d)'",
    );
    expect(directLine(stages.filter(({ host }) => host !== ''))).toBe(
      "ssh web '(zfs send a@1 && zfs send b@1) | zstd | ssh nas '\\''zstd -d | (zfs receive c && zfs receive d)'\\'''",
    );
  });
});
