import type { ZfsVersion } from '../lab/recipe.ts';

/** Whether this is the full run: what takes long and shows little more is left to it. */
export const isFull = process.env['ZFERRY_FULL'] === '1';

/** What the full run changes about the hosts of a scenario. None of it may make a difference to what is seen. */
export type Variant = {
  /** A script of `sh` that is run on each host first. */
  readonly script: string;
  /** The OpenZFS line of the source's host `a` and the target's host `b`. */
  readonly zfs: { readonly a: ZfsVersion; readonly b: ZfsVersion };
  /** What the name of a file begins with, of those it is tried on; all when left out. */
  readonly files?: readonly string[];
};

const current = { a: '2.3', b: '2.3' } as const;

/** What has to do with what a release of OpenZFS knows and prints. */
const aboutZfs =
  '01 02 03 04 05 10 11 12 20 22 23 29 30 31 32 33 35 36 37 38 40 41 45 57 59 67 68 69 70 73 74 75 81 83'.split(
    ' ',
  );

/** A script of `sh` that greets at each login but not on the lab's own network, by which tests look at what is there. */
const greet = `cat > /root/.greet <<'END'
case "$SSH_CONNECTION" in *' 10.0.2.15 22') echo Welcome; echo Mind the gap >&2 ;; esac
END
sed -i '1i . /root/.greet' /root/.bashrc 2>/dev/null || echo '. /root/.greet' > /root/.bashrc`;

const withZfs = (a: ZfsVersion, b: ZfsVersion): Variant => ({
  script: 'true',
  zfs: { a, b },
  files: aboutZfs,
});

export const variants: Readonly<Record<string, Variant>> = {
  main: { script: 'true', zfs: current },
  csh: { script: 'chsh -s /bin/csh root', zfs: current },
  fish: { script: 'chsh -s /usr/bin/fish root', zfs: current },
  greeting: { script: greet, zfs: current },
  'zfs-2.1-to-2.3': withZfs('2.1', '2.3'),
  'zfs-2.3-to-2.1': withZfs('2.3', '2.1'),
  'zfs-2.4-to-2.3': withZfs('2.4', '2.3'),
  'zfs-2.3-to-2.4': withZfs('2.3', '2.4'),
  'zfs-2.1-to-2.4': withZfs('2.1', '2.4'),
  'zfs-2.4-to-2.1': withZfs('2.4', '2.1'),
};

/** The variant of this run. @throws Error with the names that there are */
export function variant(): Variant {
  const name = process.env['ZFERRY_VARIANT'] ?? 'main';
  const found = variants[name];
  if (found === undefined)
    throw new Error(`no variant "${name}"; there are ${Object.keys(variants).join(', ')}`);
  return found;
}
