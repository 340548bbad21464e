import { connect, type Socket } from 'node:net';
import { LabError } from './lab-error.ts';

/** The control connection to one QEMU, in its machine protocol (QMP). */
export interface Monitor {
  /**
   * Runs a command of the protocol.
   *
   * @throws LabError with QEMU's own words when it refuses, or when it has ended
   */
  execute(command: string, values?: Record<string, unknown>): Promise<unknown>;
  /** Runs a line of the human monitor; for what has no command of its own, as `savevm`. */
  human(line: string): Promise<void>;
  close(): void;
}

interface Reply {
  readonly id?: number;
  readonly return?: unknown;
  readonly error?: { readonly desc: string };
  readonly QMP?: unknown;
}

interface Waiting {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/** Connects to QEMU's monitor; the socket must be there already. */
export async function openMonitor(path: string): Promise<Monitor> {
  const socket = await connected(path);
  const waiting = new Map<number, Waiting>();
  const greeting = Promise.withResolvers<void>();
  let next = 1;
  let ended = false;

  readLines(socket, (line) => {
    const reply = JSON.parse(line) as Reply;
    if (reply.QMP !== undefined) greeting.resolve();
    if (reply.id === undefined) return;
    const one = waiting.get(reply.id);
    waiting.delete(reply.id);
    if (waiting.size === 0) socket.unref();
    if (reply.error) one?.reject(new LabError(`QEMU refused: ${reply.error.desc}`));
    else one?.resolve(reply.return);
  });
  socket.on('close', () => {
    ended = true;
    const error = new LabError('The host ended while it was given a command: `reset` it.');
    greeting.reject(error);
    for (const one of waiting.values()) one.reject(error);
    waiting.clear();
  });
  // What follows an error is 'close', which tells all that wait.
  socket.on('error', () => socket.destroy());

  const execute = async (command: string, values?: Record<string, unknown>): Promise<unknown> => {
    if (ended) throw new LabError('The host is not running: `reset` it or give it power.');
    const id = next++;
    const answer = Promise.withResolvers<unknown>();
    waiting.set(id, answer);
    // An idle monitor keeps nobody from ending.
    socket.ref();
    socket.write(`${JSON.stringify({ execute: command, arguments: values, id })}\n`);
    return answer.promise;
  };

  await greeting.promise;
  await execute('qmp_capabilities');
  return {
    execute,
    async human(line) {
      const said = String(await execute('human-monitor-command', { 'command-line': line })).trim();
      if (said !== '') throw new LabError(`QEMU answered to \`${line}\`: ${said}`);
    },
    close: () => socket.destroy(),
  };
}

function connected(path: string): Promise<Socket> {
  const socket = connect(path);
  return new Promise((resolve, reject) => {
    socket.once('connect', () => resolve(socket));
    socket.once('error', reject);
  });
}

function readLines(socket: Socket, onLine: (line: string) => void): void {
  let rest = '';
  socket.setEncoding('utf8');
  socket.on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line.trim() !== '') onLine(line);
  });
}
