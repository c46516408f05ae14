/** The settings of one run as values of their kinds. What a value means is for `check.ts`. */
import type { LanacmeError } from '../errors.ts';
import type { Host } from './host.ts';
import { parseValue, type ValueOfKind } from './parse-value.ts';
import { configProblem, Problems } from './problems.ts';
import type { Given, RawSettings, Source } from './read.ts';
import { type CommandName, type Kind, type Setting, variableOf } from './setting.ts';
import { type BuiltSettings, builtNames, type SettingName, settingOf } from './settings.ts';

type Row<Name extends SettingName> = BuiltSettings[Name];

/** One of a setting's words, or what its kind is read as. */
type ValueOf<Name extends SettingName> =
  Row<Name> extends { readonly choices: readonly (infer Word)[] } ? Word : ValueOfKind[Row<Name>['kind']];

/** Undefined only where there is no default. */
type Value<Name extends SettingName> =
  Row<Name> extends { readonly default: string } | { readonly kind: 'boolean' }
    ? ValueOf<Name>
    : ValueOf<Name> | undefined;

type AnyValue = ValueOfKind[Kind];

export class Values {
  readonly problems: readonly LanacmeError[];
  readonly #values = new Map<SettingName, AnyValue | undefined>();
  readonly #given: ReadonlyMap<string, Given>;

  /** Reads every setting that the command takes; those that only others take may be wrong without harm. */
  constructor(command: CommandName | undefined, raw: RawSettings, host: Host) {
    const problems = new Problems(raw.problems);
    this.#given = raw.given;
    for (const name of builtNames) {
      const setting = settingOf(name);
      const given = isTaken(setting, command) ? raw.given.get(name) : undefined;
      const value = given && problems.attempt(given.origin, () => parseValue(setting, given.texts, host));
      this.#values.set(name, value ?? defaultOf(setting, host));
    }
    this.problems = problems.found;
  }

  /** What was given, else the default; also where what was given is wrong: that is among the problems. */
  get<Name extends SettingName>(name: Name): Value<Name> {
    // parseValue made it after the row of this very name.
    return this.#values.get(name) as Value<Name>;
  }

  /** What somebody gave, rightly; nothing where the default holds. */
  given<Name extends SettingName>(name: Name): Value<Name> | undefined {
    return this.isGiven(name) ? this.get(name) : undefined;
  }

  /** Who gave it. */
  source(name: SettingName): Source | undefined {
    return this.#given.get(name)?.source;
  }

  /** Whether anybody gave it, right or wrong. */
  isGiven(name: SettingName): boolean {
    return this.#given.has(name);
  }

  /** The same, or nobody can tell: there is an env file, and it cannot be read, which is a problem already. */
  mayBeGiven(name: SettingName): boolean {
    return this.isGiven(name) || this.problems.some(({ code }) => code === 'config.env-file-unreadable');
  }

  /** Where the value stands, for messages. */
  origin(name: SettingName): string {
    return this.#given.get(name)?.origin ?? `--${name}`;
  }

  /** The problem that a setting is needed and not there; none if it was given wrongly, which is a problem already. */
  missing(name: SettingName): readonly LanacmeError[] {
    if (this.mayBeGiven(name)) return [];
    const { help, example } = settingOf(name);
    const shown = example === undefined ? '' : ` ${example}`;
    const hint = `give --${name}${shown}, or set ${variableOf(name)} in the environment or the env file`;
    return [configProblem('config.missing', `--${name} is missing: ${help}`, hint)];
  }
}

function isTaken(setting: Setting, command: CommandName | undefined): boolean {
  return command === undefined || setting.commands.includes(command);
}

function defaultOf(setting: Setting, host: Host): AnyValue | undefined {
  if (setting.kind === 'boolean') return false;
  return setting.default === undefined ? undefined : parseValue(setting, [setting.default], host);
}
