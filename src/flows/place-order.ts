import type { PlannedOrder } from '../core/ledger.ts';
import { LanacmeError } from '../errors.ts';
import type { AcmeAccount, AcmeOrder, AcmeServer, Log, NewOrder } from '../ports.ts';
import type { CaLedger } from './ca-ledger.ts';

export interface PlaceOrderPorts {
  readonly acme: AcmeServer;
  readonly ledger: CaLedger;
  readonly log: Log;
}

export interface PlacedOrder {
  readonly order: AcmeOrder;
  /** As it was taken. */
  readonly planned: PlannedOrder;
}

/**
 * newOrder, entered into the ledger. One that names a predecessor is tried once more without if the CA refuses it: that
 * the predecessor is not to its liking (replaced already, another account's, forgotten) must not cost the certificate.
 *
 * @param planned as it is if it names its predecessor.
 * @throws LanacmeError `ledger.limit-reached`, also before the second try: that one is exempt from nothing.
 */
export async function placeOrder(
  wanted: NewOrder,
  planned: PlannedOrder,
  account: AcmeAccount,
  { acme, ledger, log }: PlaceOrderPorts,
  signal: AbortSignal,
): Promise<PlacedOrder> {
  const place = async (request: NewOrder, plan: PlannedOrder): Promise<PlacedOrder> => {
    await ledger.ordering(plan);
    return { order: await acme.newOrder(account, request, signal), planned: plan };
  };
  const { replaces, ...withoutReplaces } = wanted;
  const counted = { ...planned, isExempt: false };
  if (replaces === undefined) return await place(wanted, counted);
  try {
    return await place(wanted, planned);
  } catch (error) {
    signal.throwIfAborted();
    if (!mayBeOfPredecessor(error)) throw error;
    log.warn(`ordering again, without naming the certificate that is replaced: ${error.message}`, {
      code: error.code,
      replaces,
    });
    return await place(withoutReplaces, counted);
  }
}

/** A CA may call it anything: Pebble fails with a server error at a certificate that it does not know. */
function mayBeOfPredecessor(error: unknown): error is LanacmeError {
  return error instanceof LanacmeError && error.outcome !== 'wait' && !ofSomethingElse.has(error.code);
}

const ofSomethingElse: ReadonlySet<string> = new Set([
  'acme.unreachable',
  'acme.server-untrusted',
  // Whoever holds the account registers it again, and names no predecessor of the old one.
  'acme.account-missing',
]);
