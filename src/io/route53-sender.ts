import type { GuardedBatch } from '../core/guard.ts';
import { overtakenBy } from '../core/overtaken.ts';
import type { ChangeAnswer } from '../ports.ts';
import type { Ask, Route53Calls } from './route53-calls.ts';

type Send = (batch: GuardedBatch, signal: AbortSignal, ask: Ask<ChangeAnswer>) => Promise<ChangeAnswer>;

/**
 * Sends batches until Route 53 has accepted or refused them. One whose answer was lost may have been applied: sent again
 * it is refused, and the caller finds its own values in the zone.
 *
 * One that was throttled comes back as refused after the wait, so that the caller reads what it builds on again. Once: if
 * the next one is throttled too it is sent until the end of all patience, which alone tells of an account that is
 * throttled for good.
 */
export function makeSender(call: Route53Calls['call']): Send {
  let isReadAgain = false;
  return async (batch, signal, ask) => {
    const { zoneId, changes } = batch;
    const refusals = overtakenBy(changes);
    const whenThrottled = (): ChangeAnswer | undefined => {
      if (isReadAgain || refusals.length === 0) return undefined;
      isReadAgain = true;
      return { kind: 'refused', refusals };
    };
    const answer = await call(
      { name: 'ChangeResourceRecordSets', zoneId, changes },
      signal,
      async (sending) => {
        const given = await ask(sending);
        isReadAgain = false;
        return given;
      },
      whenThrottled,
    );
    return answer;
  };
}
