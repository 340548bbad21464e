/**
 * What every ssh of ours is started with. The master carries all; a session has them too, since ssh connects by
 * itself where the master has no session left (`MaxSessions`) or just ended.
 *
 * No question is asked (nobody is there), and forwardings that the operator set
 * up for sessions of their own are left to those.
 *
 * A dead peer is noticed within 30 s: ssh gives up one interval after the last of CountMax unanswered questions
 * (seen: 40 s with a CountMax of 3).
 */
export const sshOptions: readonly string[] = [
  'BatchMode=yes',
  'ConnectTimeout=10',
  'ServerAliveInterval=10',
  'ServerAliveCountMax=2',
  'Compression=no',
  'ClearAllForwardings=yes',
  'ForwardX11=no',
  'ControlPersist=no',
].flatMap((option) => ['-o', option]);
