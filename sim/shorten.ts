import { type Day, type Story, tell } from './story.ts';

/**
 * The shortest story that still ends badly, so far as leaving things out one by one finds it: whole days, then what happens in them.
 * @param isBad whether a story ends as the first one did
 */
export async function shorten(
  story: Story,
  isBad: (shorter: Story) => Promise<boolean> = async (shorter) => (await tell(shorter)).wrong.length > 0,
): Promise<Story> {
  let best = story;
  for (let again = true; again; ) {
    again = false;
    for (const shorter of shorterOnes(best)) {
      if (!(await isBad(shorter))) continue;
      best = shorter;
      again = true;
      break;
    }
  }
  return best;
}

function* shorterOnes({ days, ...story }: Story): Generator<Story> {
  const withDay = (index: number, day: Day | undefined): Story => ({
    ...story,
    days: days.flatMap((one, i) => (i === index ? (day ? [day] : []) : [one])),
  });
  for (const index of days.keys()) yield withDay(index, undefined);
  for (const [index, day] of days.entries()) {
    for (const i of day.acts.keys()) yield withDay(index, { ...day, acts: day.acts.toSpliced(i, 1) });
    for (const i of day.faults.keys()) yield withDay(index, { ...day, faults: day.faults.toSpliced(i, 1) });
  }
}
