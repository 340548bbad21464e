import type { Command } from '../command.ts';
import { expectWords } from '../command-arguments.ts';

export const put: Command = {
  name: 'put',
  usage: 'HOST LOCAL REMOTE',
  about: 'copy a file or folder to a host',
  examples: ['lab/lab put a ./zferry.tgz /root/zferry.tgz'],
  async run(args, { lab }) {
    const [name, local, remote] = expectWords(args, ['a host', 'a path here', 'a path on the host']);
    await lab.host(name).put(local, remote);
    return 0;
  },
};

export const get: Command = {
  name: 'get',
  usage: 'HOST REMOTE LOCAL',
  about: 'copy a file or folder from a host',
  examples: ['lab/lab get a /var/log/journal ./journal'],
  async run(args, { lab }) {
    const [name, remote, local] = expectWords(args, ['a host', 'a path on the host', 'a path here']);
    await lab.host(name).get(remote, local);
    return 0;
  },
};
