/**
 * What is said between lanacme, which has become the owner of the state folder, and the process that stayed root.
 * Root believes nothing of what it is asked: a request only names a certificate.
 */
import { type ErrorCode, LanacmeError } from '../errors.ts';
import { type CertificateName, isCertificateName } from './names.ts';

/** Told by root to root, before the rights are given up. */
export interface RootPartConfig {
  readonly stateDir: string;
  /** Who owns it. */
  readonly owner: { readonly uid: number; readonly gid: number };
  /** Of the env file. */
  readonly commands: readonly string[];
  readonly envFile?: string;
  readonly user?: string;
  readonly timeoutMs: number;
  readonly heedsBackoff: boolean;
  readonly log: {
    readonly level: 'debug' | 'info' | 'warn' | 'error';
    readonly format: 'json' | 'pretty' | 'journal';
    readonly quiet: boolean;
    readonly color: boolean;
  };
}

export interface RootRequest {
  readonly name: CertificateName;
  /** Also the hooks that are not owed. */
  readonly force: boolean;
}

/** In characters: no honest request is longer. */
export const longestRequest = 1_000;

/** A line as somebody wrote it who may be anybody; nothing if it is no request. */
export function parseRootRequest(line: string): RootRequest | undefined {
  if (line.length > longestRequest) return undefined;
  const said = parsed(line);
  if (!isObject(said) || Object.keys(said).sort().join() !== 'force,name') return undefined;
  const { name, force } = said;
  if (typeof name !== 'string' || !isCertificateName(name) || typeof force !== 'boolean') return undefined;
  return { name, force };
}

/** One failure for each hook that failed. */
export function rootAnswer(errors: readonly LanacmeError[]): string {
  return JSON.stringify({
    errors: errors.map(({ code, message, hint, details }) => ({ code, message, hint, details })),
  });
}

const codes = [
  'hook.failed',
  'hook.timed-out',
  'hook.not-started',
  'hook.unsafe',
  'certificate.unusable',
  'state.broken',
  'state.newer-version',
  'state.unreadable',
  'state.unwritable',
  'state.unsafe',
] as const satisfies readonly ErrorCode[];

export function parseRootAnswer(line: string): readonly LanacmeError[] {
  const said = parsed(line);
  const errors: unknown = isObject(said) ? said['errors'] : undefined;
  return Array.isArray(errors) ? errors.map(failureOf) : [failureOf(undefined)];
}

function failureOf(said: unknown): LanacmeError {
  const { code, message, hint, details }: Record<string, unknown> = isObject(said) ? said : {};
  const known = codes.find((one) => one === code) ?? 'internal.bug';
  return new LanacmeError(known, textOr(message, 'root said something that is not an answer'), {
    hint: textOr(hint, 'see its log lines above'),
    details: Array.isArray(details) ? details.filter((one) => typeof one === 'string') : [],
  });
}

function textOr(value: unknown, otherwise: string): string {
  return typeof value === 'string' ? value : otherwise;
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
