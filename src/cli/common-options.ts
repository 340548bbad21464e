import { type Command, Option } from 'commander';

/** What every command has that looks at hosts. */
export type CommonOptions = {
  readonly json?: true;
  readonly verbose?: true;
  readonly sshConfig?: string;
};

export function withCommonOptions(command: Command): Command {
  return command
    .addOption(new Option('--json', 'print the result as JSON'))
    .option('-v, --verbose', 'print each command as a line that can be pasted into a shell')
    .option('--ssh-config <file>', 'the configuration file for ssh (ssh -F)');
}

/** For an option that can be given several times. */
export function collect(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), value];
}
