import { byName } from '../core/acme-problem.ts';
import type { DnsName } from '../core/names.ts';
import { nextOrderStep } from '../core/order-step.ts';
import { LanacmeError } from '../errors.ts';
import type { AcmeAccount, AcmeAuthorization, AcmeOrder } from '../ports.ts';
import { allOf } from './all-of.ts';
import type { OrderPorts } from './settle-order.ts';

/** What there is to say of the names that the CA could not validate, beside its own words. */
export type Explain = (failed: readonly DnsName[]) => Promise<readonly string[]>;

/** Of every name of the order, by name. */
export async function readAuthorizations(
  order: AcmeOrder,
  account: AcmeAccount,
  ports: OrderPorts,
  signal: AbortSignal,
): Promise<readonly AcmeAuthorization[]> {
  const authorizations = await allOf(
    order.authorizationUrls.map(async (url) => await ports.acme.authorization(account, url, signal)),
  );
  // A CA names them in any order; a person is told of them in the same one each time.
  return [...authorizations].sort(byName);
}

/** An invalid order says little by itself: its authorizations have the CA's words for each name. */
export async function orderFailure(
  order: AcmeOrder,
  account: AcmeAccount,
  ports: OrderPorts,
  signal: AbortSignal,
  explain?: Explain,
): Promise<LanacmeError> {
  const authorizations = await readAuthorizations(order, account, ports, signal);
  const step = nextOrderStep(order, authorizations, new Set(), {
    now: ports.clock.now(),
    accountUrl: account.url,
  });
  if (step.kind === 'failed') {
    const failed = authorizations.filter(({ status }) => status === 'invalid').map(({ domain }) => domain);
    return explain === undefined ? step.error : step.error.withDetails(await explain(failed));
  }
  const names = order.domains.join(', ');
  return new LanacmeError(
    'acme.order-failed',
    `the order for ${names} is ${order.status}, which leads nowhere`,
    {
      hint: 'run it again; if it stays so, ask the CA about this order',
      details: [order.url],
    },
  );
}
