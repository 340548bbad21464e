import { UsageError } from './lab-error.ts';

/** @throws UsageError when `name` cannot be a host's: it is a file's name and ssh's as well */
export function checkHostName(name: string): void {
  if (!/^[a-z][a-z0-9-]{0,19}$/.test(name)) {
    throw new UsageError(
      `A host's name is up to 20 small letters, digits and hyphens and begins with a letter; ${JSON.stringify(name)} is not.`,
    );
  }
}
