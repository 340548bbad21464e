/**
 * Whether a name fits a pattern: `*` is any run of letters within one part of the name, `**` across parts, `?` one
 * letter. Everything else stands for itself.
 */
export function fitsGlob(name: string, pattern: string): boolean {
  const source = pattern.replace(/\*\*|\*|\?|[\\^$.|+()[\]{}]/g, (token) => {
    if (token === '**') return '.*';
    if (token === '*') return '[^/]*';
    if (token === '?') return '[^/]';
    return `\\${token}`;
  });
  return new RegExp(`^${source}$`, 's').test(name);
}
