/**
 * Whether something is to be said: what is new, and what is still the same again after a time.
 * @param ms so many milliseconds
 */
export function nowAndThen(ms: number, now: () => number): (key: string) => boolean {
  let [last, at] = ['', Number.NEGATIVE_INFINITY];
  return (key) => {
    // A clock that was set back is no reason to be silent.
    const isNews = key !== last || Math.abs(now() - at) >= ms;
    if (isNews) [last, at] = [key, now()];
    return isNews;
  };
}
