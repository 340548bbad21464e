import { runCommand } from './run-command.ts';

/** The mirror of Debian's main archive that this machine's apt uses, or undefined when it names none. */
export async function debianMirror(): Promise<string | undefined> {
  const { stdout } = await runCommand(['apt-get', 'indextargets', '--format', '$(REPO_URI)'], {
    allowFailure: true,
  });
  return stdout.split('\n').find((uri) => /\/debian\/?$/.test(uri));
}
