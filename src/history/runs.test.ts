import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { isRunning, processKey } from './process-key.ts';
import { recordRun } from './runs.ts';
import { openSqlite } from './sqlite.ts';
import { stateFolder } from './state-folder.ts';

let folder: string;
let warnings: string[];
const warn = (message: string) => void warnings.push(message);
const start = { source: 'tank/a', target: 'nas:backup/a', startedAt: 1000 };

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'zferry-history-'));
  warnings = [];
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function rows() {
  const db = await openSqlite(join(folder, 'zferry.db'));
  const found = await db.selectFrom('runs').selectAll().orderBy('id').execute();
  await db.destroy();
  return found;
}

test('a run leaves one record', async () => {
  const run = await recordRun(folder, start, warn);
  expect(await rows()).toMatchObject([{ state: 'running', source: 'tank/a', exit_code: null }]);
  await run.end({ endedAt: 2000, exitCode: 3, bytes: 7, detail: { why: 'x' } });
  expect(await rows()).toMatchObject([
    { state: 'ended', ended_at: 2000, exit_code: 3, bytes: 7, detail: '{"why":"x"}' },
  ]);
  expect(warnings).toEqual([]);
});

test('a run whose process is gone becomes interrupted; one that still runs does not', async () => {
  const dead = spawnSync('true').pid;
  const killed = await recordRun(folder, start, warn);
  const db = await openSqlite(join(folder, 'zferry.db'));
  await db
    .updateTable('runs')
    .set({ process: `${dead}:1` })
    .execute();
  await db.destroy();
  const running = await recordRun(folder, start, warn);
  const next = await recordRun(folder, start, warn);
  expect((await rows()).map((row) => row.state)).toEqual(['interrupted', 'running', 'running']);
  for (const run of [killed, running, next])
    await run.end({ endedAt: 1, exitCode: 0, bytes: 0, detail: null });
});

test('a process id that is used again is not the process', () => {
  expect(isRunning(processKey(process.pid))).toBe(true);
  expect(isRunning(`${process.pid}:12345`)).toBe(false);
});

test('a database that cannot be used warns, and the run goes on', async () => {
  writeFileSync(
    join(folder, 'zferry.db'),
    'this is no database, and long enough to be seen as a file of another kind'.repeat(20),
  );
  const run = await recordRun(folder, start, warn);
  await run.end({ endedAt: 2000, exitCode: 0, bytes: 0, detail: null });
  expect(warnings).toHaveLength(1);
  expect(warnings[0]).toContain('not recorded');
});

test('a state folder that cannot be made warns', async () => {
  const file = join(folder, 'file');
  writeFileSync(file, '');
  mkdirSync(join(folder, 'locked'));
  chmodSync(join(folder, 'locked'), 0o500);
  await recordRun(join(file, 'below'), start, warn);
  expect(warnings[0]).toContain(join(file, 'below'));
});

test('where the state is', () => {
  expect(stateFolder({}, 0)).toBe('/var/lib/zferry');
  expect(stateFolder({ HOME: '/home/ann' }, 1000)).toBe('/home/ann/.local/state/zferry');
  expect(stateFolder({ HOME: '/home/ann', XDG_STATE_HOME: '/s' }, 1000)).toBe('/s/zferry');
  expect(stateFolder({ ZFERRY_STATE: '/x' }, 0)).toBe('/x');
});
