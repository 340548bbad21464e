import { expect, test } from 'vitest';
import { planJson } from './plan-json.ts';
import { planText } from './plan-text.ts';
import { planSync } from './sync-plan.ts';
import { dataset, side, syncOptions } from './testing.ts';

const source = side('tank/home', [
  dataset('tank/home', '@a,1 @b,2 @c,3', { written: 2048 }),
  dataset('tank/home/ann', '@x,17469734179129440246'),
  dataset('tank/home/new', ''),
  dataset('tank/home/tmp', ''),
]);
const target = side('nas/home', [
  dataset('nas/home', '@a,1'),
  dataset('nas/home/ann', '@y,5', { written: 512 }),
]);
const plan = () => planSync(source, target, syncOptions({ exclude: ['tmp'], keep: 0 }), new Set());

test('a plan as text: each line with its reason', () => {
  expect(planText(plan())).toMatchInlineSnapshot(`
    "Plan: tank/home → nas/home  (replica ab12cd)
      snapshot  @zferry_ab12cd_20261120T030405Z on 2 datasets, at one moment
      send      tank/home -I @a @zferry_ab12cd_20261120T030405Z → nas/home: @a is the newest that both sides have
      refused   nas/home/ann cannot go on: nas/home/ann and its source have no snapshot in common
                histories (nothing in common):
                  only on the source: @x (17469734179129440246)
                  only on the target: @y (5)
                  written on the target since its newest snapshot: 512 B
                Nothing of its data was changed.
                What to do: to have it set aside, so that a copy takes its place: zferry reset nas/home/ann (which first says what it would do), then run this again
      send      tank/home/new full @zferry_ab12cd_20261120T030405Z → nas/home/new: the target is not there yet: a full copy
                arrives unmounted with readonly=on com.sun:auto-snapshot=false zferry:id=ab12cd canmount=noauto zferry:source=1000 zferry:mode=plain zferry:large-blocks=off
      leave     tank/home/tmp: excluded (--exclude tmp)
      beware    nas/home is not marked as a replica, so nothing keeps it read-only or tells it apart; to have it marked: zferry adopt tank/home nas/home
    2 datasets to send, about 0 B; 1 dataset cannot go on. Nothing was changed.
    "
  `);
});

test('a plan as JSON keeps every digit of a GUID, and says null for one that is not there yet', () => {
  const json = JSON.parse(JSON.stringify(planJson(plan())));
  expect(json.datasets[1].conflict.sourceOnly).toEqual([{ name: 'x', guid: '17469734179129440246' }]);
  expect(json.datasets[2].steps[0]).toMatchObject({
    kind: 'full',
    from: null,
    to: { guid: null },
    snapshots: [{ guid: null }],
  });
  expect(json).toMatchObject({ source: 'tank/home', replica: 'ab12cd', snapshot: { taken: false } });
});
