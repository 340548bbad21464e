/** A release of OpenZFS. `patch` counts within `major.minor`. */
export type ZfsVersion = { readonly major: number; readonly minor: number; readonly patch: number };

export type Release = readonly [major: number, minor: number, patch: number];

/**
 * From what `zfs version` prints: the kernel module's where both are there, since that is what does the work.
 * `undefined` for what knows no such command (illumos) or prints something else.
 */
export function parseVersion(text: string): ZfsVersion | undefined {
  const found = /^zfs-kmod-v?(\d+)\.(\d+)\.(\d+)/m.exec(text) ?? /^zfs-v?(\d+)\.(\d+)\.(\d+)/m.exec(text);
  if (!found) return undefined;
  const [major = 0, minor = 0, patch = 0] = found.slice(1).map(Number);
  return { major, minor, patch };
}

export function isAtLeast(version: ZfsVersion, [major, minor, patch]: Release): boolean {
  if (version.major !== major) return version.major > major;
  if (version.minor !== minor) return version.minor > minor;
  return version.patch >= patch;
}

/** From `first` on, before `end`. */
export function isBetween(version: ZfsVersion, first: Release, end: Release): boolean {
  return isAtLeast(version, first) && !isAtLeast(version, end);
}

export function versionText(version: ZfsVersion | undefined): string {
  return version ? `${version.major}.${version.minor}.${version.patch}` : 'of unknown version';
}
