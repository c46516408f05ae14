import type { GuardedBatch } from '../core/guard.ts';
import { overtakenBy } from '../core/overtaken.ts';
import type { ChangeAnswer } from '../ports.ts';
import type { Ask, Route53Calls } from './route53-calls.ts';

type Send = (batch: GuardedBatch, signal: AbortSignal, ask: Ask<ChangeAnswer>) => Promise<ChangeAnswer>;

/** In a row, without any answer to a change between them. */
const mostHeldUp = 3;

/**
 * Sends batches until Route 53 has accepted or refused them. One whose answer was lost may have been applied: sent again
 * it is refused, and the caller finds its own values in the zone.
 *
 * One that was throttled comes back as refused after the wait, so that the caller reads what it builds on again. When
 * that comes to nothing some times it is sent until the end of all patience, which alone tells of an account that is
 * throttled for good.
 */
export function makeSender(call: Route53Calls['call']): Send {
  let heldUp = 0;
  return async (batch, signal, ask) => {
    const { zoneId, changes } = batch;
    const refusals = overtakenBy(changes);
    const whenThrottled = (): ChangeAnswer | undefined => {
      if (heldUp === mostHeldUp || refusals.length === 0) return undefined;
      heldUp += 1;
      return { kind: 'refused', refusals };
    };
    return await call(
      { name: 'ChangeResourceRecordSets', zoneId, changes },
      signal,
      async (sending) => {
        const given = await ask(sending);
        heldUp = 0;
        return given;
      },
      whenThrottled,
    );
  };
}
