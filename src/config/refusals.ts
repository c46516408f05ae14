/** The sentences about settings that are not known, not here, or not yet. */
import type { LanacmeError } from '../errors.ts';
import { nearestName } from './nearest-name.ts';
import { configProblem } from './problems.ts';
import { type CommandName, variableOf } from './setting.ts';
import { settings } from './settings.ts';

/** `option` without its two dashes; what was typed with one keeps it. */
export function unknownOption(option: string, command: CommandName | undefined): LanacmeError {
  const nearest = nearestName(option.replace(/^-+/, ''), [...settings.keys(), 'help', 'version']);
  const listed = command === undefined ? 'lanacme --help' : `lanacme ${command} --help`;
  const hint = nearest === undefined ? `${listed} lists the options` : `did you mean --${nearest}?`;
  const typed = option.startsWith('-') ? option : `--${option}`;
  return configProblem('config.unknown-option', `unknown option ${typed}`, hint);
}

export function unknownVariable(variable: string, origin: string): LanacmeError {
  const option = variable.replace('LANACME_', '').replaceAll('_', '-');
  const nearest = nearestName(option, [...settings.keys()]);
  const hint =
    nearest === undefined ? 'lanacme issue --help lists the options' : `did you mean ${variableOf(nearest)}?`;
  return configProblem('config.unknown-variable', `unknown setting ${origin}`, hint);
}

export function foreignName(origin: string): LanacmeError {
  return configProblem(
    'config.unknown-variable',
    `${origin} does not belong in the env file`,
    'it may hold LANACME_*, AWS_*, HTTPS_PROXY and NO_PROXY; set others in the environment itself',
  );
}

export function secretInArgv(option: string): LanacmeError {
  return configProblem(
    'config.secret-in-argv',
    `--${option} would put a secret in argv, where every user of this host can read it`,
    `give --${option}-file, or set ${variableOf(option)} in the environment or the env file`,
  );
}

/** Also for commands. */
export function notInThisVersion(what: string): LanacmeError {
  return configProblem(
    'config.not-in-this-version',
    `${what} is not in this version`,
    'lanacme --help shows what this version can do',
  );
}

export function notForCommand(option: string, command: CommandName): LanacmeError {
  return configProblem(
    'config.unknown-option',
    `lanacme ${command} does not take --${option}`,
    `lanacme ${command} --help lists what it takes`,
  );
}

export function repeated(option: string, times: number): LanacmeError {
  return configProblem('config.duplicate', `--${option} is given ${times} times`, `give --${option} once`);
}

export function envFileNamesItself(origin: string): LanacmeError {
  return configProblem(
    'config.conflict',
    `${origin}: the env file cannot name an env file`,
    'remove the line, and use --config or the environment',
  );
}
