import { rfc3339 } from '../core/rfc3339.ts';
import { LanacmeError } from '../errors.ts';
import type { AcmeAccount, AcmeOrder, AcmeServer, Clock, Log } from '../ports.ts';

export interface OrderPorts {
  readonly acme: AcmeServer;
  readonly clock: Clock;
  readonly log: Log;
}

/** Without a Retry-After: quick at first, then as slow as a person would ask. */
const pollsMs = [500, 1_000, 2_000, 3_000];
const laterPollsMs = 5_000;
/** A longer Retry-After is the CA's word to come back in another run. */
const longestSleepMs = 60_000;
const giveUpAfterMs = 10 * 60_000;

/**
 * Asks for the order until it has left `status`, at the pace that the CA gives (RFC 8555 §7.1.6, §7.4).
 *
 * @throws LanacmeError `acme.order-timeout`; its outcome is `wait` when the CA asked for a pause of over a minute.
 */
export async function pollOrder(
  account: AcmeAccount,
  order: AcmeOrder,
  whileStatus: AcmeOrder['status'],
  ports: OrderPorts,
  signal: AbortSignal,
): Promise<AcmeOrder> {
  const startedAt = ports.clock.now().getTime();
  const done = ports.log.waiting(whileStatus === 'pending' ? 'the CA to validate' : 'the CA to issue');
  let current = order;
  try {
    for (let poll = 0; current.status === whileStatus; poll += 1) {
      const now = ports.clock.now();
      if (now.getTime() - startedAt >= giveUpAfterMs) throw timeout(current);
      const pauseMs = current.retryAfterMs ?? pollsMs[poll] ?? laterPollsMs;
      if (pauseMs > longestSleepMs) throw toldToWait(current, wholeSecond(now.getTime() + pauseMs));
      await ports.clock.sleep(pauseMs, signal);
      current = await ports.acme.order(account, order.url, signal);
    }
    return current;
  } finally {
    done();
  }
}

function timeout(order: AcmeOrder): LanacmeError {
  return new LanacmeError(
    'acme.order-timeout',
    `the order for ${order.domains.join(', ')} was still ${order.status} after ${giveUpAfterMs / 60_000} minutes`,
    { hint: 'the CA is slow at the moment: run it again later', details: [order.url] },
  );
}

/** Not before: the time that is told must be the time that is meant. */
function wholeSecond(epochMs: number): Date {
  return new Date(Math.ceil(epochMs / 1000) * 1000);
}

function toldToWait(order: AcmeOrder, retryAt: Date): LanacmeError {
  return new LanacmeError(
    'acme.order-timeout',
    `the CA asks to come back at ${rfc3339(retryAt)} for the order for ${order.domains.join(', ')}`,
    { hint: 'run it again then: it goes on with this order', details: [order.url], outcome: 'wait', retryAt },
  );
}
