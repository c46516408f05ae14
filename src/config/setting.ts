/** The words in which the table of settings is written. */

export type CommandName =
  | 'issue'
  | 'renew'
  | 'status'
  | 'revoke'
  | 'delete'
  | 'rollback'
  | 'deploy'
  | 'cleanup'
  | 'account'
  | 'credentials'
  | 'doctor'
  | 'policy'
  | 'systemd'
  | 'import'
  | 'verify-session';

/**
 * How the text of a setting is read:
 * - `text`: as it stands · `choice`: one of a few words · `boolean`: `true|false|1|0`, a bare flag is true
 * - `integer` · `duration`: `10min`, `600s` or `600`, read as milliseconds
 * - `list`: comma-separated, and the flag may be repeated · `commands`: shell commands, one per flag, one in the variable
 * - `file`: a file that is read, or `credential:NAME` in `$CREDENTIALS_DIRECTORY` · `path`: a file or folder
 */
export type Kind =
  | 'text'
  | 'choice'
  | 'boolean'
  | 'integer'
  | 'duration'
  | 'list'
  | 'commands'
  | 'file'
  | 'path';

/** The headings of `--help`, `.env.example` and the README, in their order. */
export const groups = [
  'The certificate',
  'The zone',
  'The CA',
  'Identity at AWS',
  'Identity at AWS: IoT',
  'Identity at AWS: Roles Anywhere',
  'Deployment',
  'This run',
  'Output',
] as const;

export type Group = (typeof groups)[number];

/** One option, which is also a variable and a line of the env file. */
export interface Setting {
  readonly kind: Kind;
  readonly group: Group;
  /** The commands that take it. */
  readonly commands: readonly CommandName[];
  /** One sentence, lower case, no period. */
  readonly help: string;
  /** Stands for the value in `--help`; booleans have none. */
  readonly placeholder?: string;
  /** A value that is right, where the default is none, for `.env.example` and for hints. */
  readonly example?: string;
  /** The value when nobody gives one, read like any other text; a boolean's is false. */
  readonly default?: string;
  /** What a person reads where the default depends on the host. */
  readonly defaultText?: string;
  /** For `choice`, the words; those in `laterChoices` are not built yet. */
  readonly choices?: readonly string[];
  readonly laterChoices?: readonly string[];
  /** For `integer` and `duration` (milliseconds), both ends included. */
  readonly bounds?: readonly [number, number];
  /** Its value is never printed, and never accepted as a flag: argv is public. */
  readonly secret?: true;
  /** Makes no sense inside the env file. */
  readonly notInFile?: true;
  /** Absent means true. */
  readonly built?: false;
}

/** The environment variable of an option: `dns-timeout` is `LANACME_DNS_TIMEOUT`. */
export function variableOf(option: string): string {
  return `LANACME_${option.toUpperCase().replaceAll('-', '_')}`;
}

type Shared = Pick<Setting, 'group' | 'commands'>;
type Rows = Readonly<Record<string, Omit<Setting, 'group' | 'commands'> & Partial<Shared>>>;

/** Rows of the table that share a heading and, where a row says nothing else, the commands that take them. */
export function within<const R extends Rows>(
  group: Group,
  commands: readonly CommandName[],
  rows: R,
): { readonly [Option in keyof R]: R[Option] & Shared } {
  const complete = Object.entries(rows).map(
    ([option, row]) => [option, { group, commands, ...row }] as const,
  );
  return Object.fromEntries(complete) as { [Option in keyof R]: R[Option] & Shared };
}
