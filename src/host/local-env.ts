import { sbin } from './script.ts';

/** The environment of every process we start here: messages in English, and `zfs` found by a plain user too. */
export function localEnv(): NodeJS.ProcessEnv {
  return { ...process.env, LC_ALL: 'C', PATH: `${process.env['PATH'] ?? '/usr/bin:/bin'}:${sbin}` };
}
