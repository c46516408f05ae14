/**
 * Reading JSON that lanacme wrote and a person may have edited: every member is checked, an unknown one is a mistake
 * (it would be lost at the next write), and the first that is wrong is named.
 */
import { LanacmeError } from '../errors.ts';

/** Checks a value; `where` is its place in the file, such as `spec.domains[0]`. */
export type Read<T> = (value: unknown, where: string) => T;

class Mismatch extends Error {
  override readonly name = 'Mismatch';
}

/** Refuses a value: `where` is not what was `expected`. */
export function mismatch(where: string, expected: string): never {
  throw new Mismatch(`${where === '' ? 'it' : where} ${expected}`);
}

/** A text that matches, or any text. */
export function text(pattern: RegExp = /^/, expected = 'is not a text'): Read<string> {
  return (value, where) =>
    typeof value === 'string' && pattern.test(value) ? value : mismatch(where, expected);
}

/** A time in RFC 3339 UTC. */
export const instant: Read<string> = (value, where) => {
  const isInstant = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;
  if (typeof value !== 'string' || !isInstant.test(value) || Number.isNaN(Date.parse(value))) {
    return mismatch(where, 'is not a time like 2026-11-22T17:55:43Z');
  }
  return value;
};

export function oneOf<const T extends string | number>(values: readonly T[]): Read<T> {
  return (value, where) =>
    values.find((one) => one === value) ?? mismatch(where, `is not one of ${values.join(', ')}`);
}

/** This text and no other. */
export function exactly<T extends string>(wanted: T): Read<T> {
  return (value, where) => (value === wanted ? wanted : mismatch(where, `is not ${wanted}`));
}

export function list<T>(read: Read<T>): Read<readonly T[]> {
  return (value, where) =>
    Array.isArray(value)
      ? value.map((item, index) => read(item, `${where}[${index}]`))
      : mismatch(where, 'is not a list');
}

type Shape = Readonly<Record<string, Read<unknown>>>;
type Members<S extends Shape> = { readonly [K in keyof S]: ReturnType<S[K]> };

/** An object with these members, those that may be absent, and no others. */
export function object<R extends Shape, O extends Shape>(
  required: R,
  optional: O,
): Read<Members<R> & Partial<Members<O>>> {
  const readers = new Map<string, Read<unknown>>(Object.entries({ ...required, ...optional }));
  return (value, where) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      return mismatch(where, 'is not an object');
    const at = (name: string) => (where === '' ? name : `${where}.${name}`);
    const members = Object.entries(value).map(([name, member]): [string, unknown] => {
      const read = readers.get(name) ?? mismatch(at(name), 'is not a member that lanacme knows');
      return [name, read(member, at(name))];
    });
    for (const name of Object.keys(required))
      if (!Object.hasOwn(value, name)) mismatch(at(name), 'is missing');
    // Checked member by member just above.
    return Object.fromEntries(members) as Members<R> & Partial<Members<O>>;
  };
}

/**
 * Reads a whole file of format 1.
 *
 * @param orElse what helps when nobody can mend it.
 * @throws LanacmeError `state.newer-version` for another format, `state.broken` if something in it is wrong.
 */
export function readStored<T>(
  json: unknown,
  file: string,
  read: Read<T>,
  orElse = 'restore the file from a backup',
): T {
  if (typeof json === 'object' && json !== null && 'format' in json && Number(json.format) > 1) {
    throw new LanacmeError(
      'state.newer-version',
      `${file} has format ${Number(json.format)}, and this lanacme knows 1`,
      {
        hint: 'it was written by a newer lanacme: install that one again',
      },
    );
  }
  try {
    return read(json, '');
  } catch (error) {
    if (!(error instanceof Mismatch)) throw error;
    throw new LanacmeError('state.broken', `${file} is broken: ${error.message}`, {
      hint: `mend that line, or ${orElse}`,
      cause: error,
    });
  }
}
