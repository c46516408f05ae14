/** A message of the log as a person reads it. Everything in it is escaped: much of it is foreign. */
import { escapeText, safeJson } from '../core/escape.ts';
import type { LogFields } from '../ports.ts';

export type Level = 'debug' | 'info' | 'warn' | 'error';

export interface Message {
  readonly level: Level;
  readonly sentence: string;
  /** `code`, `details` and `hint` are those of an error; they stand apart from the values. */
  readonly fields: LogFields;
  readonly at: Date;
}

type Style = 'bold' | 'dim' | 'red' | 'yellow';

/** SGR parameters, ECMA-48 §8.3.117. */
const sgr: Readonly<Record<Style, string>> = { bold: '1', dim: '2', red: '1;31', yellow: '33' };

/** For a terminal: the sentence with its values behind it, then a line for each detail and for the hint. */
export function prettyLines({ level, sentence, fields }: Message, color: boolean): readonly string[] {
  const paint = (style: Style, text: string): string => (color ? `\x1b[${sgr[style]}m${text}\x1b[0m` : text);
  const { code, ...others } = fields;
  const { values, details, hint } = partsOf(others);
  const stable = typeof code === 'string' ? [`(${escapeText(code)})`] : [];
  const openings: Readonly<Record<Level, string>> = {
    error: `${paint('red', 'lanacme:')} `,
    warn: `${paint('yellow', 'lanacme: warning:')} `,
    info: '',
    debug: `${paint('dim', 'debug:')} `,
  };
  const tail = [...stable, values].filter((part) => part !== '').map((part) => ` ${paint('dim', part)}`);
  return [
    `${openings[level]}${escapeText(sentence)}${tail.join('')}`,
    ...details.map((detail) => `    ${detail}`),
    ...hint.map((text) => `${paint('bold', 'lanacme: hint:')} ${text}`),
  ];
}

/** sd-daemon(3): the priority of each level, as syslog counts. */
const priorities: Readonly<Record<Level, number>> = { error: 3, warn: 4, info: 6, debug: 7 };

/** For systemd's journal, which makes an entry of each line. */
export function journalLine({ level, sentence, fields }: Message): string {
  const { values, details, hint } = partsOf(fields);
  const sentences = [escapeText(sentence), ...details, ...hint.map((text) => `hint: ${text}`)].join('; ');
  return `<${priorities[level]}>${sentences}${values === '' ? '' : ` ${values}`}`;
}

interface Parts {
  readonly values: string;
  readonly details: readonly string[];
  readonly hint: readonly string[];
}

function partsOf({ hint, details, ...rest }: LogFields): Parts {
  const given = Object.entries(rest).filter(([, value]) => value !== undefined);
  return {
    values: given.map(([name, value]) => `${escapeText(name)}=${valueText(value)}`).join(' '),
    details: Array.isArray(details) ? details.map((detail) => escapeText(String(detail))) : [],
    hint: typeof hint === 'string' ? [escapeText(hint)] : [],
  };
}

/** Plain words bare, the rest as JSON: spaces then cannot forge another field. */
function valueText(value: unknown): string {
  if (value instanceof Error) return escapeText(safeJson(value.message));
  return typeof value === 'string' && /^[^\s"=]+$/u.test(value)
    ? escapeText(value)
    : escapeText(safeJson(value));
}
