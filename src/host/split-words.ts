import { usageError } from '../zfs/failure.ts';

/** What only a shell could act on. */
const forShells = /[|&;<>()$`]/;

/**
 * The words of a command that a person wrote in one string, as a shell would split them: blanks separate, `'…'` is as it stands, in `"…"` and
 * outside a backslash takes the next character as it stands. Nothing is expanded; what would want a shell is refused, so that nobody
 * waits for a pipe that is not there.
 * @param what names it in an error: `--filter-send`
 * @throws {ZferryError} `usage`
 */
export function splitWords(text: string, what: string): string[] {
  const refuse = (why: string, next: string): never => {
    throw usageError(`Cannot read the command of ${what}: ${why}`, next);
  };
  const words: string[] = [];
  let word: string | undefined;
  let quote = '';
  for (let i = 0; i < text.length; i += 1) {
    const char = text.charAt(i);
    if (quote === "'") {
      if (char === "'") quote = '';
      else word += char;
    } else if (char === '\\') {
      i += 1;
      const next = text.charAt(i);
      if (next === '') refuse('it ends with a backslash', 'write \\\\ for a backslash itself');
      // In double quotes a shell leaves other backslashes as they are.
      word = `${word ?? ''}${quote === '"' && !/["\\$`]/.test(next) ? '\\' : ''}${next}`;
    } else if (quote === '' ? forShells.test(char) : /[$`]/.test(char)) {
      refuse(
        `${char} would need a shell, and it is run without one`,
        `give the whole of it to one: ${what} "sh -c '…'"; or put it in single quotes`,
      );
    } else if (quote === '"') {
      if (char === '"') quote = '';
      else word += char;
    } else if (char === "'" || char === '"') {
      quote = char;
      word ??= '';
    } else if (/\s/.test(char)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else word = `${word ?? ''}${char}`;
  }
  if (quote !== '') refuse(`a ${quote} is not closed`, `write \\${quote} for the character itself`);
  if (word !== undefined) words.push(word);
  if ((words[0] ?? '') === '') refuse('it is empty', `name a program: ${what} 'gzip -1'`);
  return words;
}
