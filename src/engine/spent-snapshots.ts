import type { ShortName } from '../zfs/dataset-name.ts';
import type { Guid } from '../zfs/guid.ts';
import type { Prepared } from './prepare-sync.ts';
import type { RunState } from './run-state.ts';

/**
 * Own snapshots that only carried a round, and are to go on both sides. One is forgotten when a listing does not show it any more, and not
 * before: what was to destroy it may not have come that far.
 */
export function spentSnapshots() {
  let guids = new Set<Guid>();
  /** Those that were tried to destroy since both sides were listed: what is known of the target still shows them. */
  let tried = new Set<Guid>();
  /** Of snapshots that may have been taken, although nothing said so. */
  let unanswered = new Set<ShortName>();
  return {
    all: (): ReadonlySet<Guid> => guids,
    /** For a round that does not list the target. */
    toClear(): ReadonlySet<Guid> {
      const left = new Set([...guids].filter((guid) => !tried.has(guid)));
      tried = new Set(guids);
      return left;
    },
    /** After a round. @param carried whether its snapshot is to go */
    add({ asked, taken }: RunState, carried: boolean): void {
      for (const name of asked) if (name !== taken?.name) unanswered.add(name);
      if (carried) for (const { guid } of taken?.snapshots.values() ?? []) guids.add(guid);
    },
    /** After a round that went by a listing of both sides, and let go of all that it showed. */
    listed(prepared: Prepared | undefined): void {
      if (prepared === undefined) return;
      const there = [prepared.source, prepared.target]
        .flatMap(({ datasets }) => datasets.flatMap(({ snapshots }) => snapshots))
        .filter(({ guid, name }) => guids.has(guid) || unanswered.has(name));
      // What is only found now goes with the next.
      const found = new Set(there.map(({ guid }) => guid));
      tried = new Set([...guids].filter((guid) => found.has(guid)));
      guids = found;
      unanswered = new Set();
    },
  };
}
