import { LanacmeError } from '../errors.ts';
import type { AcmeAccount, AcmeOrder, AcmeServer, Log, NewOrder } from '../ports.ts';

/**
 * newOrder. One that names a predecessor is tried once more without if the CA refuses it: that the predecessor is not to
 * its liking (replaced already, another account's, forgotten) must not cost the certificate.
 */
export async function placeOrder(
  wanted: NewOrder,
  account: AcmeAccount,
  { acme, log }: { readonly acme: AcmeServer; readonly log: Log },
  signal: AbortSignal,
): Promise<AcmeOrder> {
  const { replaces, ...withoutReplaces } = wanted;
  if (replaces === undefined) return await acme.newOrder(account, wanted, signal);
  try {
    return await acme.newOrder(account, wanted, signal);
  } catch (error) {
    signal.throwIfAborted();
    if (!mayBeOfPredecessor(error)) throw error;
    log.warn(`ordering again, without naming the certificate that is replaced: ${error.message}`, {
      code: error.code,
      replaces,
    });
    return await acme.newOrder(account, withoutReplaces, signal);
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
