import type { SessionEvent } from './cloudtrail-session.ts';

/** From one step before to one after: how long a code counts, in milliseconds (`totpSkew`). */
const countsForMs = 3 * 30_000;

/**
 * The session of the same certificate that had the same code before, for each that is such a repetition. Two runs of a
 * host within 30 s make one; so does somebody who has its key and reads along.
 */
export function repeatedSessions(events: readonly SessionEvent[]): ReadonlyMap<SessionEvent, SessionEvent> {
  const firsts = new Map<string, SessionEvent>();
  const repeats = new Map<SessionEvent, SessionEvent>();
  for (const event of events.toSorted((a, b) => a.at.getTime() - b.at.getTime())) {
    if (event.refusedWith !== null || event.sessionName === null) continue;
    const key = JSON.stringify([event.commonName ?? event.serial, event.sessionName]);
    const first = firsts.get(key);
    const isRepeat = first !== undefined && event.at.getTime() - first.at.getTime() < countsForMs;
    if (isRepeat) repeats.set(event, first);
    else firsts.set(key, event);
  }
  return repeats;
}
