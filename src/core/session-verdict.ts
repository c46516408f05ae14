import { LanacmeError } from '../errors.ts';
import type { SessionEvent } from './cloudtrail-session.ts';
import { rfc3339 } from './rfc3339.ts';
import type { SessionSeeds } from './session-seeds.ts';
import { totpSkew } from './totp.ts';

/** Whether the name of a session is a code that only its host could have made then. */
export type SessionVerdict =
  /** @param skew steps of 30 s by which the host's clock is before (positive) or behind AWS's. */
  | { readonly legit: true; readonly skew: -1 | 0 | 1 }
  | { readonly legit: false; readonly error: LanacmeError };

/** Judges one event; a clock that is wrong by one step of 30 s is forgiven. */
export function judgeSession(event: SessionEvent, seeds: SessionSeeds): SessionVerdict {
  const known = seeds.of(event);
  if (known.length === 0) return { legit: false, error: unverifiable(event) };
  const { sessionName, at } = event;
  if (sessionName === null) return { legit: false, error: notLegitimate(event, 'has no name') };
  for (const seed of known) {
    const skew = totpSkew(seed, sessionName, at);
    if (skew !== undefined) return { legit: true, skew };
  }
  return { legit: false, error: notLegitimate(event, 'is not named with a code of its host') };
}

/** Who the caller was, in words. */
export function callerName({ commonName, serial }: SessionEvent): string {
  if (commonName !== null) return commonName;
  return serial === null ? 'an unknown certificate' : `the certificate with serial ${serial}`;
}

function notLegitimate(event: SessionEvent, why: string): LanacmeError {
  const { sourceIp, refusedWith } = event;
  const from = sourceIp === null ? '' : ` from ${sourceIp}`;
  const what = refusedWith === null ? 'the session' : `the attempt, refused with ${refusedWith},`;
  return new LanacmeError(
    'session.not-legitimate',
    `${what} of ${callerName(event)} at ${rfc3339(event.at)}${from} ${why}`,
    { hint: refusedWith === null ? hintOfSession(event) : hintOfAttempt },
  );
}

function hintOfSession({ accessKeyId }: SessionEvent): string {
  const key = accessKeyId === null ? '' : ` (look for access key ${accessKeyId} in CloudTrail)`;
  return `if that host has its seed and the right time, somebody else has its key: find out what the session did${key}, revoke the certificate (aws rolesanywhere import-crl) and give the host a new key and seed`;
}

/** AWS refuses before or after it has looked at the signature, and does not say which. */
const hintOfAttempt =
  'AWS made no session, so nothing was done with one, and anybody may have sent the certificate; if the refusal came after its signature was found good, somebody else has the key: see the message of the event';

function unverifiable(event: SessionEvent): LanacmeError {
  const message = `the session of ${callerName(event)} at ${rfc3339(event.at)} cannot be verified: no seed is known`;
  return new LanacmeError('session.unverifiable', message, {
    hint: 'add the common name or the serial of its certificate to the list of --seeds, if it is one of your hosts; if not, find out who made it',
  });
}
