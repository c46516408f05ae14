import { nameOfInput, type SessionEvent, sessionEvents } from '../core/cloudtrail-session.ts';
import { repeatedSessions } from '../core/session-repeats.ts';
import { parseSessionSeeds } from '../core/session-seeds.ts';
import { judgeSession, type SessionVerdict } from '../core/session-verdict.ts';
import type { SessionFiles } from '../ports/identity.ts';

export interface VerifiedSession {
  readonly event: SessionEvent;
  readonly verdict: SessionVerdict;
  /** The session before it that had the same code, if one had. */
  readonly repeats: SessionEvent | undefined;
}

/**
 * Judges every session in a file of CloudTrail by the seeds of the hosts.
 *
 * @throws LanacmeError with outcome `usage` if a file cannot be read or is not what it should be.
 */
export async function verifySession(
  { eventFile, seedsFile }: { readonly eventFile: string; readonly seedsFile: string },
  { readEvents, readSeeds }: SessionFiles,
  signal: AbortSignal,
): Promise<readonly VerifiedSession[]> {
  const seeds = parseSessionSeeds(await readSeeds(seedsFile), seedsFile);
  const events = sessionEvents(await readEvents(eventFile, signal), nameOfInput(eventFile));
  const repeated = repeatedSessions(events);
  return events.map((event) => ({
    event,
    verdict: judgeSession(event, seeds),
    repeats: repeated.get(event),
  }));
}
