import { LanacmeError } from '../errors.ts';
import { clockOffsetMs, offsetWords, setClock, toleratedOffsetMs } from './clock-offset.ts';
import type { CredentialsAnswer } from './credentials-refusal.ts';
import { jsonMember, parseJson } from './json-text.ts';
import { type RolesAnywhereQuestion, rolesAnywhereRefusal } from './roles-anywhere-refusal.ts';
import { judgeEnd, readSession, type SessionVerdict } from './session-answer.ts';

/**
 * Judges an answer to `CreateSession`: 201 with a set of credentials (Roles Anywhere User Guide, "CreateSession"). AWS's
 * own helper takes any success, so that the set decides. Its body holds secrets: no error repeats any of it.
 */
export function judgeRolesAnywhereAnswer(
  answer: CredentialsAnswer,
  question: RolesAnywhereQuestion,
  now: Date,
): SessionVerdict {
  if (answer.status >= 200 && answer.status < 300) return judgeSession(answer, question, now);
  const verdict = rolesAnywhereRefusal(answer, question, now);
  if (verdict.kind === 'retry') return verdict;
  return { kind: 'failed', error: blameClock(verdict.error, answer, now) };
}

function judgeSession(
  answer: CredentialsAnswer,
  { host, roleArn }: RolesAnywhereQuestion,
  now: Date,
): SessionVerdict {
  const set = jsonMember(parseJson(new TextDecoder().decode(answer.body)), 'credentialSet');
  const first: unknown = Array.isArray(set) ? set[0] : undefined;
  const credentials = readSession(jsonMember(first, 'credentials'));
  if (credentials !== undefined) return judgeEnd(credentials, `the role ${roleArn}`, answer, now);
  const hint =
    'something else answers in the place of IAM Roles Anywhere: check --roles-anywhere-endpoint and any proxy in between';
  const message = `the answer of ${host} holds no credentials`;
  return { kind: 'failed', error: new LanacmeError('credentials.bad-answer', message, { hint }) };
}

/** What AWS may say to a wrong date; it says other things only once the signature was good. */
const ofClock: ReadonlySet<string> = new Set([
  'credentials.clock-skew',
  'credentials.signature-refused',
  'credentials.access-denied',
]);

/** The date is signed: a clock that is far off spoils every request, in whichever words AWS says so. */
function blameClock(error: LanacmeError, { headers }: CredentialsAnswer, now: Date): LanacmeError {
  const offset = clockOffsetMs(headers['date'], now);
  if (!ofClock.has(error.code) || offset === undefined || Math.abs(offset) <= toleratedOffsetMs) return error;
  return new LanacmeError(
    'credentials.clock-skew',
    `the clock of this host is ${offsetWords(offset)} by the clock of AWS, which refuses what it signs`,
    { hint: setClock, details: error.details },
  );
}
