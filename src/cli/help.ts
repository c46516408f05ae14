/** `--help`, laid out by yargs from the tables of commands and settings. */
import yargs, { type Argv } from 'yargs';
import type { CommandName, Setting } from '../config/setting.ts';
import { groups } from '../config/setting.ts';
import { builtNames, settingOf } from '../config/settings.ts';
import { type CommandText, commands, isCommand } from './commands.ts';

const sources = [
  'Every option --some-name is also the variable LANACME_SOME_NAME, in the environment or in the env file',
  '(/etc/lanacme/lanacme.env, or --config FILE). A flag beats the environment, the environment beats the file.',
].join(' ');
const exitCodes =
  'Exit codes: 0 done or nothing to do, 1 failed, 2 wrong usage (nothing was sent), 75 told to wait.';

const widest = 100;

/** Help for the command in `argv`, or for the program; `columns` is the width of the terminal, if it is one. */
export async function helpText(argv: readonly string[], columns: number | undefined): Promise<string> {
  const command = argv.find(isCommand);
  const page = yargs([]).scriptName('lanacme').locale('en').help(false).version(false);
  page.wrap(Math.min(columns ?? widest, widest));
  const text = await (command === undefined ? programPage(page) : commandPage(page, command)).getHelp();
  return `${text}\n`;
}

function programPage(page: Argv): Argv {
  page.usage(
    'lanacme COMMAND [options]\n\nreal TLS certificates for a private network: ACME DNS-01 on Route 53',
  );
  const later: string[] = [];
  for (const [name, { describe, built }] of Object.entries(commands)) {
    if (built === false) later.push(name);
    else page.command(name, describe);
  }
  const notYet = `Not in this version: ${later.join(', ')}.`;
  const more = 'lanacme COMMAND --help lists the options of a command; lanacme --version prints the version.';
  return page.epilogue([examplesOf(commands.issue), notYet, more, exitCodes].join('\n\n'));
}

function commandPage(page: Argv, command: CommandName): Argv {
  const { usage, describe, built }: CommandText = commands[command];
  page.usage(`lanacme ${usage}${built === false ? '' : ' [options]'}\n\n${describe}`);
  if (built === false) return page.epilogue('Not in this version.');
  for (const group of groups) {
    for (const name of builtNames) {
      const setting = settingOf(name);
      if (setting.group === group && isFlagOf(command, setting)) addOption(page, name, setting);
    }
  }
  const { note } = commands[command];
  const parts = [examplesOf(commands[command]), ...(note === undefined ? [] : [note]), sources, exitCodes];
  return page.epilogue(parts.join('\n\n'));
}

/** Not by yargs, which wraps the lines to type at half of the width. */
function examplesOf({ examples }: CommandText): string {
  return ['Examples:', ...examples.map(([line, what]) => `  ${line}\n      ${what}`)].join('\n');
}

function isFlagOf(command: CommandName, { commands: takers, secret }: Setting): boolean {
  return takers.includes(command) && secret !== true;
}

/** The page is never used for parsing, so an option's key may carry its placeholder. */
function addOption(page: Argv, name: string, setting: Setting): void {
  const { group, help, placeholder, choices, laterChoices = [], defaultText } = setting;
  const defaultDescription = defaultText ?? setting.default;
  page.option(placeholder === undefined ? name : `${name} ${placeholder}`, {
    group: `${group}:`,
    describe: help,
    ...(choices === undefined ? {} : { choices: choices.filter((choice) => !laterChoices.includes(choice)) }),
    ...(defaultDescription === undefined ? {} : { defaultDescription }),
  });
}
