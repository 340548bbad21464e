import { ZferryError } from '../zfs/failure.ts';

const plain = /^[A-Za-z0-9_./:,@=+-]+$/;
const reserved = new Set(
  'case do done elif else esac fi for function if in select then time until while'.split(' '),
);

/** One word for a POSIX shell: as it stands where no shell would read it otherwise, else in single quotes. */
export function quoteWord(word: string): string {
  if (plain.test(word)) return word;
  return `'${word.replaceAll("'", "'\\''")}'`;
}

/**
 * A command for a POSIX shell. Its first word is quoted also where it would be a reserved word or an assignment.
 * @throws {ZferryError} `bad-command`: no words, or a NUL byte, which no program can be given.
 */
export function quoteArgv(argv: readonly string[]): string {
  const [program, ...rest] = argv;
  if (program === undefined || program === '') {
    throw new ZferryError({ code: 'bad-command', message: 'Cannot run a command without a name' });
  }
  if (argv.some((word) => word.includes('\0'))) {
    throw new ZferryError({
      code: 'bad-command',
      message: `Cannot run ${JSON.stringify(program)}: one of its arguments contains a NUL byte`,
    });
  }
  const first = reserved.has(program) || program.includes('=') ? `'${program}'` : quoteWord(program);
  return [first, ...rest.map(quoteWord)].join(' ');
}
