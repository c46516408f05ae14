/**
 * The env file: `NAME=value` a line, `#` starts a comment line, a value may stand in single or double quotes.
 * Nothing is expanded or continued, nothing is ever given twice. Errors never repeat a value: it may be a secret.
 */
import { control } from '../core/escape.ts';
import type { LanacmeError } from '../errors.ts';
import { configProblem } from './problems.ts';

export interface EnvFileLine {
  readonly name: string;
  readonly text: string;
  /** Counted from 1. */
  readonly line: number;
}

export interface EnvFile {
  readonly lines: readonly EnvFileLine[];
  readonly problems: readonly LanacmeError[];
}

/** Reads the whole text; a wrong line becomes a problem that names it, the others are still read. */
export function parseEnvFile(text: string, path: string): EnvFile {
  const lines: EnvFileLine[] = [];
  const problems: LanacmeError[] = [];
  const firstSeen = new Map<string, number>();
  for (const [index, raw] of text
    .replace(/^\uFEFF/, '')
    .split('\n')
    .entries()) {
    const line = index + 1;
    const parsed = parseLine(raw.trim());
    if (parsed === undefined) continue;
    if ('wrong' in parsed) {
      problems.push(
        configProblem('config.env-file-syntax', `line ${line} of ${path}: ${parsed.wrong}`, parsed.hint),
      );
      continue;
    }
    const first = firstSeen.get(parsed.name);
    if (first !== undefined) problems.push(givenTwice(parsed.name, first, line, path));
    firstSeen.set(parsed.name, first ?? line);
    lines.push({ ...parsed, line });
  }
  return { lines, problems };
}

type Parsed =
  | { readonly name: string; readonly text: string }
  | { readonly wrong: string; readonly hint: string };

function parseLine(line: string): Parsed | undefined {
  if (line === '' || line.startsWith('#')) return undefined;
  const [, name, rest] = /^([A-Za-z_][A-Za-z0-9_]*)=(.*)$/su.exec(line) ?? [];
  if (name === undefined || rest === undefined) {
    return {
      wrong: 'not of the form NAME=value',
      hint: 'write NAME=value without spaces around =, or # for a comment',
    };
  }
  if (control.test(rest)) {
    return { wrong: `${name} holds a control character`, hint: 'write the value as plain text on one line' };
  }
  return parseValue(name, rest.trim());
}

function parseValue(name: string, text: string): Parsed {
  const quote = text[0];
  if (quote === '"' || quote === "'") {
    const inner = text.slice(1, -1);
    if (text.length < 2 || !text.endsWith(quote) || inner.includes(quote)) {
      return {
        wrong: `${name} has a quote that is not closed at its end`,
        hint: 'quote the whole value, or nothing of it',
      };
    }
    return { name, text: inner };
  }
  if (text.endsWith('\\')) {
    return {
      wrong: `${name} ends with a backslash`,
      hint: 'write the value on one line: lines are not continued',
    };
  }
  return { name, text };
}

function givenTwice(name: string, first: number, line: number, path: string): LanacmeError {
  return configProblem(
    'config.duplicate',
    `line ${line} of ${path}: ${name} is given twice, first in line ${first}`,
    'keep one of the two lines',
  );
}
