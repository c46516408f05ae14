/**
 * The form of certbot's `renewal/NAME.conf`: what Python's ConfigObj writes. It is read strictly: where ConfigObj guesses,
 * this refuses.
 */
import { LanacmeError } from '../errors.ts';
import { escapeText } from './escape.ts';

export type ConfigValue = string | readonly string[];

/** Keys and values by section: `''` is what stands before the first, `a/b` is section `[[b]]` in `[a]`. */
export type ConfigSections = ReadonlyMap<string, ReadonlyMap<string, ConfigValue>>;

/** Ten times what certbot writes for a hundred names. */
const mostLines = 2000;

/** @throws LanacmeError `import.unreadable` that names the line of `file`. */
export function parseCertbotConfig(text: string, file: string): ConfigSections {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  if (lines.length > mostLines) throw unreadable(file, mostLines + 1, 'there are too many lines');
  return new Reader(lines, file).sections();
}

const sectionLine = /^(\[+)([^[\]]*)(\]+)\s*(?:#.*)?$/;
const keyLine = /^(?:"([^"]+)"\s*|'([^']+)'\s*|([^'"=#[][^=]*))=(.*)$/;
const emptyList = /^\s*,\s*(#.*)?$/;
const tripleQuoted = /^("""|''')([^]*)$/;

class Reader {
  readonly #lines: readonly string[];
  readonly #file: string;
  readonly #sections = new Map<string, Map<string, ConfigValue>>([['', new Map()]]);
  #path: readonly string[] = [];
  #next = 0;

  constructor(lines: readonly string[], file: string) {
    this.#lines = lines;
    this.#file = file;
  }

  sections(): ConfigSections {
    for (let line = this.#take(); line !== undefined; line = this.#take()) {
      const trimmed = line.trim();
      if (trimmed === '' || trimmed.startsWith('#')) continue;
      if (trimmed.startsWith('[')) this.#open(trimmed);
      else this.#keep(trimmed);
    }
    return this.#sections;
  }

  #take(): string | undefined {
    this.#next += 1;
    return this.#lines[this.#next - 1];
  }

  #open(line: string): void {
    const [, opening = '', name = '', closing = ''] = sectionLine.exec(line) ?? [];
    const depth = opening.length;
    if (depth === 0 || depth !== closing.length || depth > this.#path.length + 1)
      throw this.#wrong('it is no heading of a section');
    this.#path = [...this.#path.slice(0, depth - 1), unquoted(name.trim())];
    const section = this.#path.join('/');
    if (this.#sections.has(section)) throw this.#wrong('there are two sections of this name');
    this.#sections.set(section, new Map());
  }

  #keep(line: string): void {
    const [, double, single, bare, rest = ''] = keyLine.exec(line) ?? [];
    const key = double ?? single ?? bare?.trimEnd();
    if (key === undefined) throw this.#wrong('it is neither a section nor KEY = VALUE');
    const section = this.#sections.get(this.#path.join('/'));
    if (section?.has(key) === true) throw this.#wrong('there are two values for this key');
    section?.set(key, this.#value(rest.trimStart()));
  }

  #value(text: string): ConfigValue {
    const [, quote, begun] = tripleQuoted.exec(text) ?? [];
    const value = quote === undefined || begun === undefined ? this.#items(text) : this.#long(quote, begun);
    // ConfigObj puts other values there, certbot never means it.
    if ([value].flat().some((item) => /%\([^()]*\)s/.test(item)))
      throw this.#wrong('it refers to other values');
    return value;
  }

  /** A text in three quotes, which may go over several lines. */
  #long(quote: string, begun: string): string {
    let text = begun;
    while (!text.includes(quote)) {
      const line = this.#take();
      if (line === undefined) throw this.#wrong('its three quotes are not closed');
      text += `\n${line}`;
    }
    const end = text.indexOf(quote);
    if (!/^\s*(#.*)?$/.test(text.slice(end + quote.length)))
      throw this.#wrong('something follows its quotes');
    return text.slice(0, end);
  }

  /** One item, or a list of them: a comma makes it one. */
  #items(text: string): ConfigValue {
    const item = /\s*(?:"([^"]*)"|'([^']*)'|([^'",#\s][^,#]*)|)\s*(,|#.*$|$)/y;
    const items: string[] = [];
    for (let isList = false; ; isList = true) {
      const { value, end } = this.#item(item.exec(text));
      if (value !== undefined) items.push(value);
      else if (end === ',' && !emptyList.test(text)) throw this.#wrong('its list has a gap');
      if (end !== ',') return isList ? items : (items[0] ?? '');
    }
  }

  /** What stands before a comma, a comment or the end of the line. */
  #item(found: RegExpExecArray | null): { readonly value: string | undefined; readonly end: string } {
    const [, double, single, bare, end] = found ?? [];
    if (end === undefined) throw this.#wrong('its value is badly quoted');
    return { value: double ?? single ?? bare?.trimEnd(), end };
  }

  #wrong(why: string): LanacmeError {
    return unreadable(this.#file, this.#next, why);
  }
}

function unquoted(text: string): string {
  return /^(["'])[^]*\1$/.test(text) ? text.slice(1, -1) : text;
}

function unreadable(file: string, line: number, why: string): LanacmeError {
  return new LanacmeError('import.unreadable', `${escapeText(file)} cannot be read: line ${line}: ${why}`, {
    hint: 'mend that line (certbot certificates tells whether certbot can read it), then import again',
  });
}
