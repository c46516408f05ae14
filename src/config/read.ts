/**
 * Where settings come from: flag, environment, env file. The first that has a setting gives it, and every value keeps
 * its origin for messages. Only `renew` has a fourth, what `issue` stored for a certificate: see `core/renewal-request`.
 */
import type { LanacmeError } from '../errors.ts';
import { type EnvFileLine, parseEnvFile } from './env-file.ts';
import type { Host } from './host.ts';
import { configProblem } from './problems.ts';
import {
  envFileNamesItself,
  foreignName,
  notForCommand,
  notInThisVersion,
  repeated,
  secretInArgv,
  unknownOption,
  unknownVariable,
} from './refusals.ts';
import { type CommandName, type Setting, variableOf } from './setting.ts';
import { settings } from './settings.ts';

/** The texts of one setting (several where a flag is repeated) and where they stand. */
export interface Given {
  readonly texts: readonly string[];
  /** Such as `--server`, `LANACME_SERVER in the environment`, `LANACME_SERVER in line 7 of /etc/lanacme/lanacme.env`. */
  readonly origin: string;
  readonly source: Source;
}

/** Whoever wrote it: with the rights of the owner of the env file, or of whoever runs the command. */
export type Source = 'flag' | 'environment' | 'file';

/** What all sources together give, by option name, and the `AWS_*` and proxy lines of the env file, by variable. */
export interface RawSettings {
  readonly given: ReadonlyMap<string, Given>;
  readonly fileVariables: ReadonlyMap<string, Given>;
  /** Of the env file that was read, if there is one. */
  readonly envFile?: string;
  readonly problems: readonly LanacmeError[];
}

export interface Sources {
  /** Undefined if it is not known: then flags of every command are taken. */
  readonly command: CommandName | undefined;
  /** As typed, by option name without dashes. */
  readonly flags: ReadonlyMap<string, readonly string[]>;
  readonly host: Host;
}

const defaultEnvFile = '/etc/lanacme/lanacme.env';
const hookPrefix = 'LANACME_HOOK_';
const optionsByVariable = new Map(Array.from(settings.keys(), (option) => [variableOf(option), option]));

/** Reads and merges all sources. Wrong names and places are in `problems`; wrong values are for `readValues`. */
export function readSettings({ command, flags, host }: Sources): RawSettings {
  const problems: LanacmeError[] = [];
  const typed = readFlags(flags, command, problems);
  const environment = readEnvironment(host.environment, problems);
  const named = typed.get('config') ?? environment.get('config');
  const file = readEnvFile(named, { command, host }, problems);
  const given = new Map([...file.given, ...environment, ...typed]);
  const { variables: fileVariables, path } = file;
  return { given, fileVariables, ...(path === undefined ? {} : { envFile: path }), problems };
}

function readFlags(
  flags: Sources['flags'],
  command: CommandName | undefined,
  problems: LanacmeError[],
): Map<string, Given> {
  const given = new Map<string, Given>();
  for (const [option, texts] of flags) {
    const setting = settings.get(option);
    const wrong =
      setting === undefined
        ? unknownOption(option, command)
        : wrongFlag(option, setting, texts.length, command);
    if (wrong === undefined) given.set(option, { texts, origin: `--${option}`, source: 'flag' });
    else problems.push(wrong);
  }
  return given;
}

function wrongFlag(
  option: string,
  setting: Setting,
  times: number,
  command: CommandName | undefined,
): LanacmeError | undefined {
  if (setting.secret === true) return secretInArgv(option);
  if (setting.built === false) return notInThisVersion(`--${option}`);
  if (command !== undefined && !setting.commands.includes(command)) return notForCommand(option, command);
  const repeatable = setting.kind === 'list' || setting.kind === 'commands';
  return times > 1 && !repeatable ? repeated(option, times) : undefined;
}

function readEnvironment(environment: Host['environment'], problems: LanacmeError[]): Map<string, Given> {
  const given = new Map<string, Given>();
  for (const [variable, text] of Object.entries(environment)) {
    if (text === undefined || !variable.startsWith('LANACME_')) continue;
    const origin = `${variable} in the environment`;
    const option = optionOf(variable, origin, problems);
    if (option !== undefined) given.set(option, { texts: [text], origin, source: 'environment' });
  }
  return given;
}

interface FileSettings {
  readonly given: ReadonlyMap<string, Given>;
  readonly variables: ReadonlyMap<string, Given>;
  /** Absent if there is none. */
  readonly path?: string;
}

function readEnvFile(
  named: Given | undefined,
  reader: Pick<Sources, 'command' | 'host'>,
  problems: LanacmeError[],
): FileSettings {
  const path = named?.texts[0] ?? defaultEnvFile;
  const text = readText(path, named, reader, problems);
  const file = parseEnvFile(text ?? '', path);
  problems.push(...file.problems);
  const given = new Map<string, Given>();
  const variables = new Map<string, Given>();
  for (const line of file.lines) {
    const origin = `${line.name} in line ${line.line} of ${path}`;
    const value = { texts: [line.text], origin, source: 'file' } as const;
    if (isForeign(line)) {
      variables.set(line.name, value);
      continue;
    }
    const option = optionOfLine(line, origin, problems);
    if (option !== undefined) given.set(option, value);
  }
  return { given, variables, ...(text === undefined ? {} : { path }) };
}

/** The option that a line gives, or undefined: it is for hooks, or a problem that was noted. */
function optionOfLine({ name }: EnvFileLine, origin: string, problems: LanacmeError[]): string | undefined {
  if (!name.startsWith('LANACME_')) {
    problems.push(foreignName(origin));
    return undefined;
  }
  const option = optionOf(name, origin, problems);
  if (option === undefined || settings.get(option)?.notInFile !== true) return option;
  problems.push(envFileNamesItself(origin));
  return undefined;
}

/** Variables of others that the env file may hold; both cases of the proxies' names are in use. */
function isForeign({ name }: EnvFileLine): boolean {
  return /^AWS_[A-Z0-9_]+$/.test(name) || /^(?:https_proxy|no_proxy|HTTPS_PROXY|NO_PROXY)$/.test(name);
}

/** The text of the env file; undefined if there is none by default, or if it is a problem that was noted. */
function readText(
  path: string,
  named: Given | undefined,
  { command, host }: Pick<Sources, 'command' | 'host'>,
  problems: LanacmeError[],
): string | undefined {
  // Reported with the other empty values.
  if (path === '') return undefined;
  try {
    return host.readFile(path);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'not readable as text';
    if (named === undefined && isDispensable(code, command)) return undefined;
    const message = `the env file ${path} cannot be read: ${reasons[code] ?? code}${named === undefined ? '' : `, named by ${named.origin}`}`;
    const sudo = code === 'EACCES' ? 'run lanacme as root (sudo lanacme …), ' : '';
    const hint = `${sudo}let this user read it, or name another file with --config`;
    problems.push(configProblem('config.env-file-unreadable', message, hint, error));
    return undefined;
  }
}

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EISDIR: 'it is a folder',
  ENOENT: 'there is no such file',
};

/**
 * Whether the run goes on without the usual file: where there is none; and units are the same whatever it says, also
 * for a user to whom the folder of the system's is closed.
 */
function isDispensable(code: string, command: CommandName | undefined): boolean {
  return code === 'ENOENT' || (code === 'EACCES' && command === 'systemd');
}

/** The option behind a variable, or undefined: meant for hooks, unknown, or of a later version. */
function optionOf(variable: string, origin: string, problems: LanacmeError[]): string | undefined {
  const option = optionsByVariable.get(variable);
  if (option === undefined) {
    // A hook may run lanacme: what the hook was told is not meant for it.
    if (!variable.startsWith(hookPrefix)) problems.push(unknownVariable(variable, origin));
    return undefined;
  }
  if (settings.get(option)?.built !== false) return option;
  problems.push(notInThisVersion(origin));
  return undefined;
}
