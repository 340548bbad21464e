/** `20261120T030405Z`. @param at in milliseconds since 1970 */
export function utcText(at: number): string {
  return `${new Date(at).toISOString().replaceAll(/[-:]|\.\d+Z$/g, '')}Z`;
}

/** Milliseconds since 1970, of a text that `utcText` makes; `undefined` of any other. */
export function parseUtc(text: string): number | undefined {
  if (!/^\d{8}T\d{6}Z$/.test(text)) return undefined;
  const time = Date.parse(text.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
  // A 30th of February is read as a day in March.
  return Number.isNaN(time) || utcText(time) !== text ? undefined : time;
}

/** `2026-11-20 03:04 UTC`, for people. @param at in milliseconds since 1970 */
export function minuteText(at: number): string {
  return `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
