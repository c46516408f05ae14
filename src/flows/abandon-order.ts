import { shownName } from '../core/acme-problem.ts';
import type { AcmeAccount, AcmeOrder } from '../ports.ts';
import { allOf } from './all-of.ts';
import type { OrderPorts } from './settle-order.ts';

const abandonMs = 10_000;
/** Somebody waits for the end: with the clean-up of the zone before it, this is under 20 s. */
const abandonAbortedMs = 3_000;

/**
 * Deactivates the authorizations that are still pending (RFC 8555 §7.5.2), so that no half-done order blocks the next.
 * Best effort, each for itself: the failure that led here is what the person must hear of.
 */
export async function abandonOrder(
  order: AcmeOrder,
  account: AcmeAccount,
  ports: OrderPorts,
  aborted: AbortSignal,
): Promise<void> {
  const signal = ports.clock.deadline(aborted.aborted ? abandonAbortedMs : abandonMs);
  await allOf(
    order.authorizationUrls.map(async (url) => {
      let what = `an authorization of the order for ${order.domains.join(', ')}`;
      try {
        const authorization = await ports.acme.authorization(account, url, signal);
        what = `the authorization for ${shownName(authorization)}`;
        if (authorization.status !== 'pending') return;
        await ports.acme.deactivateAuthorization(account, url, signal);
      } catch (error) {
        const said = error instanceof Error ? error.message : String(error);
        ports.log.warn(`${what} could not be deactivated: ${said}`, { authorization: url });
      }
    }),
  );
}
