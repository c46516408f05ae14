/** From the text of a setting to a value of its kind; refusals never repeat the value of a secret. */
import { resolve } from 'node:path';
import { control, escapeText } from '../core/escape.ts';
import type { Host } from './host.ts';
import { invalidValue } from './problems.ts';
import { notInThisVersion } from './refusals.ts';
import type { Kind, Setting } from './setting.ts';

export interface ValueOfKind {
  readonly text: string;
  readonly choice: string;
  readonly boolean: boolean;
  readonly integer: number;
  /** Milliseconds. */
  readonly duration: number;
  readonly list: readonly string[];
  readonly commands: readonly string[];
  /** An absolute path, or `credential:NAME` for a file in `$CREDENTIALS_DIRECTORY`. */
  readonly file: string;
  /** An absolute path. */
  readonly path: string;
}

/**
 * The value of a setting that was given as `texts` (one, or several where the flag may be repeated).
 * Throws `config.invalid-value` without saying where the text stands: the caller knows.
 */
export function parseValue(setting: Setting, texts: readonly string[], host: Host): ValueOfKind[Kind] {
  for (const text of texts) refuseUnfit(setting, text);
  return readers[setting.kind](texts.at(-1) ?? '', setting, host, texts);
}

type Reader<Value> = (text: string, setting: Setting, host: Host, texts: readonly string[]) => Value;

const readers: { readonly [K in Kind]: Reader<ValueOfKind[K]> } = {
  text: (text) => text,
  choice: parseChoice,
  boolean: parseBoolean,
  integer: parseInteger,
  duration: parseDuration,
  list: (_text, _setting, _host, texts) => texts.flatMap(parseList),
  commands: (_text, _setting, _host, texts) => texts,
  file: (text, _setting, host) => (text.startsWith('credential:') ? text : absolute(text, host)),
  path: (text, _setting, host) => absolute(text, host),
};

function absolute(path: string, { workingDirectory }: Host): string {
  return resolve(workingDirectory, path);
}

function refuseUnfit(setting: Setting, text: string): void {
  if (text.trim() === '') {
    throw invalidValue(
      'the value is empty',
      'give it a value, or leave it out; one that begins with a dash needs =',
    );
  }
  const unfit = setting.kind === 'commands' ? /\0/ : control;
  if (unfit.test(text)) throw invalidValue('the value holds a control character', 'write it as plain text');
}

function parseChoice(text: string, { choices = [], laterChoices = [] }: Setting): string {
  if (laterChoices.includes(text)) throw notInThisVersion(text);
  if (choices.includes(text)) return text;
  const possible = choices.filter((choice) => !laterChoices.includes(choice));
  throw invalidValue(`${quoted(text)} is not possible`, `give ${oneOf(possible)}`);
}

function parseBoolean(text: string): boolean {
  if (text === 'true' || text === '1') return true;
  if (text === 'false' || text === '0') return false;
  throw invalidValue(`${quoted(text)} is neither true nor false`, 'give true, false, 1 or 0');
}

function parseInteger(text: string, { bounds = [0, Number.MAX_SAFE_INTEGER] }: Setting): number {
  const number = /^\d{1,15}$/.test(text) ? Number(text) : NaN;
  const [least, most] = bounds;
  if (number >= least && number <= most) return number;
  throw invalidValue(
    `${quoted(text)} is not a number that fits`,
    `give a whole number from ${least} to ${most}`,
  );
}

const millisecondsPer: Readonly<Record<string, number>> = {
  s: 1000,
  min: 60_000,
  h: 3_600_000,
};

function parseDuration(text: string, { bounds = [0, Infinity] }: Setting): number {
  const [, digits = '', unit = 's'] = /^(\d{1,9}) ?(s|min|h)?$/.exec(text) ?? [];
  const milliseconds = digits === '' ? NaN : Number(digits) * (millisecondsPer[unit] ?? NaN);
  const [least, most] = bounds;
  if (milliseconds >= least && milliseconds <= most) return milliseconds;
  const range = `from ${least / 1000}s to ${most / 3_600_000}h`;
  throw invalidValue(
    `${quoted(text)} is not a time that fits`,
    `give a time ${range}, such as 90s, 10min or 600`,
  );
}

function parseList(text: string): readonly string[] {
  const entries = text.split(',').map((entry) => entry.trim());
  if (entries.every((entry) => entry !== '')) return entries;
  throw invalidValue(`${quoted(text)} has an empty entry`, 'separate the entries with single commas');
}

/** The text as a message shows it. */
export function quoted(text: string): string {
  return `"${escapeText(text, 200)}"`;
}

/** `a`, `a or b`, `a, b or c`. */
function oneOf(words: readonly string[]): string {
  return words.length < 2 ? words.join() : `${words.slice(0, -1).join(', ')} or ${words.slice(-1).join()}`;
}
