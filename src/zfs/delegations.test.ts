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
  expect(copyDelegationsArgs(printed, name('dst/x'), name('dst/y')).map((argv) => argv.join(' '))).toEqual([
    'zfs allow -s @set1 hold,release dst/y',
    'zfs allow -c destroy dst/y',
    'zfs allow -l -g nogroup mount dst/y',
    'zfs allow -d -e create dst/y',
    'zfs allow -u root @set1 dst/y',
    'zfs allow -u nobody send,snapshot dst/y',
  ]);
});

test('a user whose name has a space is one word', () => {
  const text = printed.replace('user nobody send', 'user two words send');
  expect(copyDelegationsArgs(text, name('dst/x'), name('dst/y')).at(-1)).toEqual([
    'zfs',
    'allow',
    '-u',
    'two words',
    'send,snapshot',
    'dst/y',
  ]);
});

test('what stands under no dataset, or is given to nobody that is known, is passed over', () => {
  const text = `Local permissions:\n\tuser a mount\n---- Permissions on dst/x ---\nLocal permissions:\n\trole b mount\n\tmount\n`;
  expect(copyDelegationsArgs(text, name('dst/x'), name('dst/y'))).toEqual([]);
});

test('without any there is nothing to do', () => {
  expect(copyDelegationsArgs('', name('dst/x'), name('dst/y'))).toEqual([]);
});
