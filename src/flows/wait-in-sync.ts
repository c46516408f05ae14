import { pollDelayMs } from '../core/contention.ts';
import { LanacmeError } from '../errors.ts';
import type { Clock, Log, Route53 } from '../ports.ts';

export interface InSyncPorts {
  readonly route53: Route53;
  readonly clock: Clock;
  readonly log: Log;
}

/** Whether all of Route 53's servers have the changes, or nothing can be said about that by GetChange. */
export type InSyncOutcome = 'in-sync' | 'unknown';

/**
 * Asks GetChange until every change is INSYNC. The newest is asked for first and the others only then: they usually
 * are INSYNC by then, and cost one request each. A CA asked earlier may see an older answer, and a failed validation is
 * scarce. When GetChange cannot tell (not allowed, id unknown), the name servers must (`wait-until-served`).
 *
 * @param changeIds oldest first
 * @param others how many values of others are at the names: hosts that ask for theirs
 * @throws LanacmeError `route53.not-insync` after `timeoutMs`.
 */
export async function waitInSync(
  changeIds: readonly string[],
  timeoutMs: number,
  ports: InSyncPorts,
  signal: AbortSignal,
  others = 0,
): Promise<InSyncOutcome> {
  const startedAt = ports.clock.now().getTime();
  const done = ports.log.waiting('Route 53 to bring the change to all its servers (INSYNC)');
  try {
    let polls = 0;
    await ports.clock.sleep(pollDelayMs(polls, others), signal);
    for (const changeId of changeIds.toReversed()) {
      while (!(await ports.route53.isInSync(changeId, signal))) {
        if (ports.clock.now().getTime() - startedAt >= timeoutMs) throw notInSync(changeId, timeoutMs);
        polls += 1;
        await ports.clock.sleep(pollDelayMs(polls, others), signal);
      }
    }
    return 'in-sync';
  } catch (error) {
    if (!cannotTell(error)) throw error;
    ports.log.warn(`${error.message}; asking the zone's name servers instead`, { code: error.code });
    return 'unknown';
  } finally {
    done();
  }
}

function cannotTell(error: unknown): error is LanacmeError {
  return (
    error instanceof LanacmeError &&
    (error.code === 'route53.access-denied' || error.code === 'route53.unknown-change')
  );
}

function notInSync(changeId: string, timeoutMs: number): LanacmeError {
  return new LanacmeError(
    'route53.not-insync',
    `change ${changeId} was still PENDING after ${Math.round(timeoutMs / 1000)} s`,
    { hint: 'Route 53 is slow at the moment: run it again later, or raise --dns-timeout' },
  );
}
