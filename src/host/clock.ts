/** Tells the clock of a host, in seconds since 1970. */
export function clockArgs(): string[] {
  return ['date', '+%s'];
}
