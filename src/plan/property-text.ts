/** `name=value` for a line that people read: a value with anything in it that would not show, or would break the line, in quotes with escapes. */
export function propertyText(name: string, value: string): string {
  return `${name}=${valueText(value)}`;
}

function valueText(value: string): string {
  const text = value.length > 200 ? `${value.slice(0, 200)}…` : value;
  if (/^[\p{L}\p{N}\p{P}\p{S}]*$/u.test(text) && !/["\\]/.test(text)) return text;
  // JSON leaves what turns a line around, or is no letter of any script, as it is.
  return JSON.stringify(text).replaceAll(
    /[\p{C}\p{Zl}\p{Zp}]/gu,
    (one) => `\\u{${(one.codePointAt(0) ?? 0).toString(16)}}`,
  );
}
