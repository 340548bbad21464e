import { expect } from 'vitest';
import { variants } from '../variants.ts';
import { scenario } from '../world/scenario.ts';

for (const shell of ['csh', 'fish', 'greeting'] as const) {
  scenario(`a login shell is no obstacle: ${shell}`, { fresh: true }, async ({ source, target, sync }) => {
    const script = variants[shell] ?? '';
    await source.sh(script);
    await target.sh(script);
    await source.zfs('create', 'src/my data: 1');
    await source.write('src/my data: 1', 'file', 'hello');
    expect(await sync('src/my data: 1', 'dst/it is: 100', '-r')).toMatchObject({ code: 0 });
    expect(await sync('src/my data: 1', 'dst/it is: 100', '-r', '--mount')).toMatchObject({ code: 0 });
    expect(await target.history('dst/it is: 100')).toEqual(await source.history('src/my data: 1'));
    expect(await target.read('dst/it is: 100', 'file')).toBe('hello');
  });
}
