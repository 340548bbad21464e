import type { ZfsErrorCode } from '../../../src/zfs/errors.ts';

/** Codes that no case provokes. */
export const unprovoked: readonly { readonly code: ZfsErrorCode; readonly reason: string }[] = [
  { code: 'no-zfs', reason: 'a text of the shell where there is no zfs' },
  {
    code: 'no-zfs-module',
    reason: 'the module cannot be unloaded while the pools of the other cases are imported',
  },
  { code: 'not-root', reason: 'the device is opened to everybody for the sake of the other cases' },
  { code: 'no-such-pool', reason: 'a text of zpool, not of zfs' },
  { code: 'large-microzap', reason: 'needs a folder of tens of thousands of names; 2.3 and later' },
  { code: 'old-raw-stream', reason: 'needs a dataset or a sender from before OpenZFS 0.8' },
  { code: 'other-encryption', reason: 'needs a sender with a cipher that the target has not' },
  { code: 'module-too-old', reason: 'needs a zfs command of another release than its module' },
  { code: 'no-memory', reason: 'needs a host that has run out of memory for its kernel' },
  { code: 'killed', reason: 'a signal that ends zfs also keeps it from saying so' },
];
