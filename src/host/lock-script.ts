/**
 * The shell script that takes the lock of a replica and keeps it for as long as we send it bytes.
 *
 * The lock is a kernel's (`flock`, or FreeBSD's `lockf`) and so ends with the processes that have the file open. The
 * file itself is never removed: who had opened it before would lock a file that nobody finds any more. It says
 * `PID LINE` of the shell that holds it, and keeps that when the holder dies, or `clean`.
 *
 * `timeout` ends the wait for a byte: the sshd of a driver that lost power waits for hours. Without that program there
 * is no expiry. Busybox's leaves a watcher behind for a second, so the lock's descriptor is closed for what the holder
 * starts: with the others closed, `flock` gets 3 (`lockf` closes its own).
 */
import { createHash } from 'node:crypto';
import type { HostName, LockRequest } from './hosts.ts';
import { oneLine } from './one-line.ts';
import { quoteWord } from './quote.ts';
import { environment } from './script.ts';
import { sshWords } from './shell-line.ts';

/** What each byte means to the holder. The end of stdin, any other byte and the expiry end it, and its line stays. */
export const lockBytes = {
  beat: '.',
  /** Ends it, with nothing left to be cleaned up. */
  clean: 'c',
  /** Ends it, and the file says what it said before. */
  undo: 'u',
} as const;

/**
 * Says `begin`, then one of `held` (with what the file said), `taken` (with the holder's line) and `unavailable` (with
 * the reason), in marker lines with the nonce on stdout.
 */
export function lockScript(
  request: LockRequest,
  nonce: string,
  { expiryMs, peek }: { readonly expiryMs: number; readonly peek: boolean },
): string {
  const pool = quoteWord(request.pool);
  return [
    environment,
    say(nonce),
    '_zp begin 0',
    '_zh(){ command -v $1 >/dev/null 2>&1;}',
    "if _zh flock;then x='flock -n' n=1",
    // EX_TEMPFAIL of sysexits(3)
    "elif _zh lockf;then x='lockf -s -k -t 0' n=75",
    "else _zp unavailable 'neither flock nor lockf is installed there';exit 0;fi",
    'umask 077',
    // Where it fails, the listing that follows says it better.
    `g=$(zpool get -Hp -o value guid ${pool} 2>/dev/null </dev/null)`,
    `case $g in ''|*[!0-9]*)g=${pool};;esac`,
    'case $(id -u) in 0)d=/var/run/zferry;;*)d=$HOME/.local/state/zferry/locks;;esac',
    `f=$d/$g-${datasetHash(request.dataset)}`,
    ...(peek
      ? [
          'p= h=;{ IFS=\' \' read -r p h <"$f";} 2>/dev/null',
          'case $p in \'\'|clean)_zp free "$p";exit 0;;esac',
          'kill -0 "$p" 2>/dev/null&&_zp taken "$h"||_zp free "$p $h"',
          'exit 0',
        ]
      : []),
    'e=$({ mkdir -p "$d"&&true >>"$f";} 2>&1)||{ _zp unavailable "no place for its file: $e";exit 0;}',
    `t='timeout ${expiryMs / 1000}'`,
    '$t true 2>/dev/null||t=',
    'exec 3>&-',
    `$x "$f" sh -c ${quoteWord(holderScript(nonce))} zferry "$f" ${quoteWord(oneLine(request.holder))} "$t"`,
    's=$?',
    'case $s in',
    '0);;',
    // The line of one who has died stands there until the next has written its own.
    '$n)p= h=;IFS=\' \' read -r p h <"$f";kill -0 "$p" 2>/dev/null||h=;_zp taken "$h";;',
    '*)_zp unavailable "$x ended with status $s";;',
    'esac',
  ].join('\n');
}

/** Gets the file, our line and the words that limit a wait. Its status is never one that means `taken`. */
function holderScript(nonce: string): string {
  return [
    say(nonce),
    'w=;IFS= read -r w <"$1"',
    'printf \'%s %s\\n\' $$ "$2" >"$1"||{ _zp unavailable \'its file cannot be written\';exit 0;}',
    '_zp held "$w"',
    'while :;do',
    'b=$(exec $3 dd bs=1 count=1 2>/dev/null 3>&-)',
    'case $b in',
    `${lockBytes.beat});;`,
    `${lockBytes.clean})echo clean >"$1";exit 0;;`,
    `${lockBytes.undo})printf '%s\\n' "$w" >"$1";exit 0;;`,
    '*)exit 0;;',
    'esac',
    'done',
  ].join('\n');
}

function say(nonce: string): string {
  return `_zp(){ printf '\\n${nonce} %s %s\\n' "$1" "$2";}`;
}

/** Any name of a dataset as a part of a file's name. */
function datasetHash(dataset: string): string {
  return createHash('sha256').update(dataset).digest('hex').slice(0, 16);
}

/** The same lock as root would take it by hand, until the end of the input. */
export function lockLine(host: HostName, { pool, dataset }: LockRequest, sshConfig?: string): string {
  const guid = `$(zpool get -Hp -o value guid ${quoteWord(pool)})`;
  const line = `flock -n "/var/run/zferry/${guid}-${datasetHash(dataset)}" cat`;
  return host === '' ? line : `${sshWords(host, sshConfig)} ${quoteWord(line)}`;
}
