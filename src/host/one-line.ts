const longest = 500;

/** A text as one line that is safe to print: control characters and line ends become spaces, 500 UTF-16 units stay. */
export function oneLine(text: string): string {
  return text
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    .trim()
    .slice(0, longest)
    .toWellFormed();
}
