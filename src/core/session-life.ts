/** For how long the credentials of a session are handed out again before new ones are asked for. */
import { LanacmeError } from '../errors.ts';
import type { SessionCredentials } from './session-answer.ts';

const minute = 60_000;

/** A session, and when it came. */
export interface KeptSession {
  readonly credentials: SessionCredentials;
  readonly since: Date;
}

/**
 * - `fresh`: hand it out · `ageing`: hand it out, and get the next · `ending`: wait for the next, hand it out only if there is none
 * - `over`: it must not be handed out
 */
export type SessionAge = 'fresh' | 'ageing' | 'ending' | 'over';

/**
 * Clients ask again some time before the end: botocore from 15 minutes (at 10 it waits for the answer), the SDK for
 * JavaScript from 5. They are to find the next session then, in sessions of an hour and more; in shorter ones each stage
 * is a part of the whole.
 */
export function sessionAge({ credentials, since }: KeptSession, now: Date): SessionAge {
  const end = credentials.expiration.getTime();
  const [life, left] = [end - since.getTime(), end - now.getTime()];
  if (left <= 0) return 'over';
  if (left <= Math.min(5 * minute, life / 4)) return 'ending';
  // A clock that was set back must not make a session look young for ever.
  return left <= Math.min(16 * minute, life / 2) || now < since ? 'ageing' : 'fresh';
}

/** What a source may give: an access key of a user has no token and no end. */
interface FoundCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  readonly expiration?: Date;
}

/**
 * The credentials as what can be handed out.
 *
 * @throws LanacmeError `credentials.not-temporary` for keys without an end, `credentials.already-expired`,
 *   `credentials.bad-answer` if a part is empty.
 */
export function requireSession(found: FoundCredentials, now: Date): SessionCredentials {
  const { accessKeyId, secretAccessKey, sessionToken, expiration } = found;
  if (sessionToken === undefined || expiration === undefined) {
    throw new LanacmeError('credentials.not-temporary', 'the AWS credentials found have no end', {
      hint: 'the endpoint hands out credentials of sessions only, never a key that lives on: choose --credentials iot or roles-anywhere',
    });
  }
  if (accessKeyId === '' || secretAccessKey === '' || sessionToken === '') {
    throw new LanacmeError('credentials.bad-answer', 'a part of the AWS credentials found is empty', {
      hint: 'look at what --credentials names as their source',
    });
  }
  if (expiration <= now) {
    throw new LanacmeError('credentials.already-expired', 'the AWS credentials found have ended', {
      hint: 'compare the clock of this host with the time (timedatectl), and renew the credentials at their source',
    });
  }
  return { accessKeyId, secretAccessKey, sessionToken, expiration };
}
