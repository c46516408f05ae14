/** Asks Pebble itself, by the account that the run used, what has become of the orders that it made. */
import type { ProxiedRequest } from '../../world/acme-fault-proxy.ts';
import { asAccountOf, type PebbleAddress } from '../pebble-account.ts';

/**
 * One line for each order of this run that has an authorization still pending; the CA must be without faults by now.
 * All are deactivated afterwards: Pebble would use one in a hundred that are valid again (see `forgetAuthorizations`).
 */
export async function pendingAuthorizations(
  { ca }: { readonly ca: PebbleAddress & { readonly requests: readonly ProxiedRequest[] } },
  stateDir: string,
): Promise<readonly string[]> {
  const orders = ca.requests.filter(
    ({ resource, answer }) => resource === 'newOrder' && answer?.status === 201,
  );
  if (orders.length === 0) return [];
  return await asAccountOf(stateDir, ca, async (server, account) => {
    const left: string[] = [];
    for (const order of orders) {
      const signal = AbortSignal.timeout(30_000);
      const states = await Promise.all(
        authorizationsOf(order).map(async (url) => {
          const { status } = await server.authorization(account, url, signal);
          if (status === 'pending' || status === 'valid') {
            await server.deactivateAuthorization(account, url, signal);
          }
          return status;
        }),
      );
      if (states.includes('pending')) left.push(nameOf(order));
    }
    return left;
  });
}

/** An order that the client never heard of is nobody's fault. */
function nameOf({ fault }: ProxiedRequest): string {
  return fault === undefined ? 'pending authorizations' : 'an order whose answer was lost';
}

function authorizationsOf({ answer }: ProxiedRequest): readonly string[] {
  return (JSON.parse(answer?.body ?? '{}') as { readonly authorizations: readonly string[] }).authorizations;
}
