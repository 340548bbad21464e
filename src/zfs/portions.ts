/** Bytes of names in one command: with what a shell's quoting adds, well below the 128 KiB that Linux allows a line. */
const portionBytes = 40_000;

/** Names, split so that a command can be given each part; one empty part for none. */
export function portions<Name extends string>(names: readonly Name[]): Name[][] {
  const parts: Name[][] = [[]];
  let bytes = 0;
  for (const name of names) {
    const size = Buffer.byteLength(name) + 1;
    if (bytes > 0 && bytes + size > portionBytes) {
      parts.push([]);
      bytes = 0;
    }
    parts.at(-1)?.push(name);
    bytes += size;
  }
  return parts;
}
