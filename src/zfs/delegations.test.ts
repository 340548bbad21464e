import { expect, test } from 'vitest';
import { parseDatasetName } from './dataset-name.ts';
import { copyDelegationsArgs } from './delegations.ts';

const name = parseDatasetName;

// As OpenZFS 2.3.9 prints it.
const printed = `---- Permissions on dst/x --------------------------------------------
Permission sets:
	@set1 hold,release
Create time permissions:
	destroy
Local permissions:
	group nogroup mount
Descendent permissions:
	everyone create
Local+Descendent permissions:
	user root @set1
	user nobody send,snapshot
---- Permissions on dst ----------------------------------------------
Local+Descendent permissions:
	user nobody destroy
`;

test('all permissions of a dataset can be given to another, and none of those above it', () => {
  expect(
    copyDelegationsArgs(printed, name('dst/x'), name('dst/y')).map((argv) => argv.slice(2).join(' ')),
  ).toEqual([
    '-s @set1 hold,release dst/y',
    '-c destroy dst/y',
    '-l -g nogroup mount dst/y',
    '-d -e create dst/y',
    '-u root @set1 dst/y',
    '-u nobody send,snapshot dst/y',
  ]);
});

test('without any there is nothing to do', () => {
  expect(copyDelegationsArgs('', name('dst/x'), name('dst/y'))).toEqual([]);
});
