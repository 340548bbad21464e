import { expect } from 'vitest';
import { variants } from '../variants.ts';
import { scenario } from '../world/scenario.ts';

const shells = [
  ['csh', 'fish'],
  ['fish', 'csh'],
  ['greeting', 'greeting'],
] as const;

for (const [there, here] of shells) {
  scenario(`a login shell is no obstacle: ${there} on the source, ${here} on the target`, async (world) => {
    const { source, target, sync } = world;
    await source.sh(`cp /root/.bashrc /root/.bashrc.kept; ${variants[there]?.script}`);
    await target.sh(`cp /root/.bashrc /root/.bashrc.kept; ${variants[here]?.script}`);
    try {
      await source.zfs('create', 'src/my data: 1');
      await source.write('src/my data: 1', 'file', 'hello');
      expect(await sync('src/my data: 1', 'dst/it is: 100', '-r', '--mount')).toMatchObject({ code: 0 });
      expect(await target.history('dst/it is: 100')).toEqual(await source.history('src/my data: 1'));
      expect(await target.read('dst/it is: 100', 'file')).toBe('hello');
    } finally {
      const back = 'chsh -s /bin/bash root; mv /root/.bashrc.kept /root/.bashrc';
      await Promise.all([source.sh(back), target.sh(back)]);
    }
  });
}
