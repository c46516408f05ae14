/** A session's credentials, read from the answer of the service that gave them. */
import { LanacmeError } from '../errors.ts';
import { clockOffsetMs, offsetWords, setClock, toleratedOffsetMs } from './clock-offset.ts';
import type { CredentialsAnswer, CredentialsRefusal } from './credentials-refusal.ts';
import { jsonMember } from './json-text.ts';
import { rfc3339 } from './rfc3339.ts';

export interface SessionCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly expiration: Date;
}

export type SessionVerdict =
  | {
      readonly kind: 'credentials';
      readonly credentials: SessionCredentials;
      /** What is wrong with this host's clock, if it is noticeably off. */
      readonly clock?: string;
    }
  | CredentialsRefusal;

/** The members of a session, complete and fit for headers; undefined otherwise. */
export function readSession(found: unknown): SessionCredentials | undefined {
  const accessKeyId = secret(jsonMember(found, 'accessKeyId'));
  const secretAccessKey = secret(jsonMember(found, 'secretAccessKey'));
  const sessionToken = secret(jsonMember(found, 'sessionToken'));
  const expiration = instant(jsonMember(found, 'expiration'));
  if (accessKeyId === undefined || secretAccessKey === undefined) return undefined;
  if (sessionToken === undefined || expiration === undefined) return undefined;
  return { accessKeyId, secretAccessKey, sessionToken, expiration };
}

/**
 * Whether a session can be used now, and what the answer tells of this host's clock.
 *
 * @param whose it is, for the message.
 */
export function judgeEnd(
  credentials: SessionCredentials,
  whose: string,
  { headers }: CredentialsAnswer,
  now: Date,
): SessionVerdict {
  const offset = clockOffsetMs(headers['date'], now);
  if (credentials.expiration > now) return { kind: 'credentials', credentials, ...clockWarning(offset) };
  const message = `the credentials for ${whose} ended before they came`;
  const hint = clockHint(offset, now);
  return { kind: 'failed', error: new LanacmeError('credentials.already-expired', message, { hint }) };
}

/** Printable ASCII without spaces: what can stand in a header. */
function secret(value: unknown): string | undefined {
  return typeof value === 'string' && /^[!-~]{1,65536}$/.test(value) ? value : undefined;
}

/** RFC 3339. */
function instant(value: unknown): Date | undefined {
  if (typeof value !== 'string' || !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(value))
    return undefined;
  const date = new Date(value);
  return Number.isNaN(date.getTime()) ? undefined : date;
}

/** A busy server and a slow line are late by seconds. */
const noticeableMs = 60_000;

function clockWarning(offset: number | undefined): { readonly clock?: string } {
  if (offset === undefined || Math.abs(offset) < noticeableMs) return {};
  const limit = `Route 53 refuses requests that are more than ${toleratedOffsetMs / 60_000} minutes off`;
  return { clock: `the clock of this host is ${offsetWords(offset)} by the clock of AWS; ${limit}` };
}

/** What the clocks say, and whether to set this one. */
function clockHint(offset: number | undefined, now: Date): string {
  const here = `the clock of this host says ${rfc3339(now)}`;
  if (offset === undefined) return `${here}: if that is wrong, ${setClock}`;
  if (Math.abs(offset) < noticeableMs)
    return `${here}, and so does AWS: run it again, and look at the session of the IAM role if it stays so`;
  const there = rfc3339(new Date(now.getTime() + offset));
  return `${here}, AWS says ${there}, so it is ${offsetWords(offset)}: ${setClock}`;
}
