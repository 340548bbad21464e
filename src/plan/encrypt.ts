import { usageError } from '../zfs/failure.ts';

/** With what a copy is encrypted where it arrives: a key of the target's, which the source never sees. */
export type EncryptRequest = {
  readonly keyformat: 'passphrase' | 'hex' | 'raw';
  /** As ZFS takes it: `file:///path`, or `https://…`. */
  readonly keylocation: string;
};

/**
 * `[FORMAT:]LOCATION`; the format is `passphrase` unless said otherwise.
 * @throws ZferryError `usage`
 */
export function parseEncrypt(text: string): EncryptRequest {
  const [, format = 'passphrase', keylocation = ''] = /^(?:(passphrase|hex|raw):)?(.*)$/s.exec(text) ?? [];
  const next =
    'for instance --encrypt file:///root/backup.key, or --encrypt raw:file:///root/backup.key (a file on the target)';
  if (keylocation === 'prompt')
    throw usageError('Nobody can be asked for a key while a stream is received', next);
  if (!/^(?:file:\/\/\/|https?:\/\/)\S+$/.test(keylocation)) {
    throw usageError(`"${keylocation}" is not where a key can be on the target's host: file:///…`, next);
  }
  return { keyformat: format as EncryptRequest['keyformat'], keylocation };
}

/** What makes a dataset an encryption root. */
export function encryptProperties({ keyformat, keylocation }: EncryptRequest): Record<string, string> {
  return { encryption: 'on', keyformat, keylocation };
}
