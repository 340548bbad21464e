import { ZferryError } from '../zfs/failure.ts';
import type { Machine } from './machine.ts';
import { checkLength } from './render.ts';
import type { Tie } from './tie.ts';

/** This machine. Its scripts are the same as elsewhere, so that their answers are read in one way. */
export function localMachine(tie: Tie): Machine {
  return {
    host: '',
    enter: async () => () => undefined,
    argv(script) {
      checkLength(script);
      return ['sh', '-c', script];
    },
    tie: tie.script,
    greets: 'no',
    explain: ({ exit, words, command }) =>
      new ZferryError({
        code: 'shell-died',
        message: `A shell on this machine was ended before its commands were done (${exit.signal ?? `status ${exit.code}`})`,
        host: '',
        command,
        meaning: words.trim() === '' ? undefined : `It said: ${words.trim()}`,
      }),
    close: async () => undefined,
  };
}
