import { LanacmeError } from '../errors.ts';

/** Reads one member of a CA's JSON: returns it if it is what it should be, else throws `acme.bad-answer` naming it. */

export type JsonObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function objectOf(value: unknown, where: string): JsonObject {
  if (isObject(value)) return value;
  throw badAnswer(`${where} is not an object`);
}

export function listOf(value: unknown, where: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw badAnswer(`${where} is not a list`);
}

export function stringOf(value: unknown, where: string): string {
  if (typeof value === 'string') return value;
  throw badAnswer(`${where} is not a text`);
}

export function oneOf<const T extends string>(value: unknown, allowed: readonly T[], where: string): T {
  const found = allowed.find((one) => one === value);
  if (found !== undefined) return found;
  throw badAnswer(`${where} is ${shown(value)}, not one of ${allowed.join(', ')}`);
}

/** RFC 8555 §6.1: HTTPS throughout. The URL stays verbatim: it is signed, and it is the name of the thing. */
export function httpsUrl(value: unknown, where: string): string {
  const url = stringOf(value, where);
  if (URL.canParse(url) && new URL(url).protocol === 'https:') return url;
  throw badAnswer(`${where} is ${shown(url)}, not an https URL`);
}

/** `{ [name]: read(value) }`, or nothing if the member is absent (or null, which some CAs write for absent). */
export function optional<N extends string, T>(
  name: N,
  value: unknown,
  read: (value: unknown) => T,
): Partial<Record<N, T>> {
  if (value === undefined || value === null) return {};
  return { [name]: read(value) } as Record<N, T>;
}

export function badAnswer(what: string, cause?: unknown): LanacmeError {
  return new LanacmeError('acme.bad-answer', `bad answer of the CA: ${what}`, {
    hint: 'check --server: it must be the directory URL of an ACME server (RFC 8555); if it is, run again later',
    cause,
  });
}

function shown(value: unknown): string {
  return value === undefined ? 'absent' : JSON.stringify(value).slice(0, 200);
}
