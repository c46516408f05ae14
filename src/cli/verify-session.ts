import type { VerifySessionConfig } from '../config/config.ts';
import type { SessionEvent } from '../core/cloudtrail-session.ts';
import { escapeText } from '../core/escape.ts';
import { rfc3339 } from '../core/rfc3339.ts';
import { callerName } from '../core/session-verdict.ts';
import { type VerifiedSession, verifySession } from '../flows/verify-session.ts';
import type { SessionFiles } from '../ports/identity.ts';
import type { CommandHandler } from './command-line.ts';

/** `lanacme verify-session FILE --seeds DB`: a line for each session. */
export function verifySessionCommand(
  wire: (config: VerifySessionConfig) => SessionFiles,
): CommandHandler<VerifySessionConfig> {
  return async (config, { signal }) => {
    const sessions = await verifySession(config, wire(config), signal);
    return {
      text:
        sessions.length === 0
          ? 'no CreateSession event of IAM Roles Anywhere'
          : sessions.map((session) => escapeText(sentence(session))).join('\n'),
      certificates: [],
      failures: sessions.flatMap(({ verdict }) => (verdict.legit ? [] : [{ error: verdict.error }])),
      more: { legit: sessions.every(({ verdict }) => verdict.legit), sessions: sessions.map(sessionRow) },
    };
  };
}

function sentence({ event, verdict, repeats }: VerifiedSession): string {
  const { refusedWith } = event;
  const notes = [
    ...(refusedWith === null ? [] : [`AWS made no session: ${refusedWith}`]),
    ...(repeats === undefined ? [] : [`the same code as ${whenAndWhere(repeats)}`]),
  ];
  const noted = notes.length === 0 ? '' : ` (${notes.join('; ')})`;
  return `${verdict.legit ? 'legit' : 'NOT LEGIT'}: ${callerName(event)} ${whenAndWhere(event)}${noted}`;
}

function whenAndWhere({ at, sourceIp }: SessionEvent): string {
  return `at ${rfc3339(at)}${sourceIp === null ? '' : ` from ${sourceIp}`}`;
}

/** As `--json` shows it; times are RFC 3339 UTC, null is what the event does not say. */
function sessionRow({ event, verdict, repeats }: VerifiedSession): object {
  const { at, id, ...facts } = event;
  return {
    legit: verdict.legit,
    /** By how many steps of 30 s the host's clock is ahead of AWS's. */
    skew: verdict.legit ? verdict.skew : null,
    code: verdict.legit ? null : verdict.error.code,
    /** When the same code was used before. */
    repeats: repeats === undefined ? null : rfc3339(repeats.at),
    eventId: id,
    eventTime: rfc3339(at),
    ...facts,
  };
}
