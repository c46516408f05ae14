import type { CertificateSpec } from '../core/certificate-record.ts';
import type { CertificateName } from '../core/names.ts';
import { isResumable, type PendingOrder } from '../core/pending-order.ts';
import { LanacmeError } from '../errors.ts';
import type { AcmeAccount, AcmeOrder, AcmeServer, Log, OrderStore } from '../ports.ts';

export interface ResumePorts {
  readonly acme: AcmeServer;
  readonly orders: OrderStore;
  readonly log: Log;
}

export interface ResumedOrder {
  readonly order: AcmeOrder;
  /** The key that it was finalized with, or will be. */
  readonly keyPem?: string;
}

/**
 * The order that an earlier run of this host left unfinished, if it still leads to what is wanted. An order of ours
 * that is never finished would keep `replaces` blocked for days, and a certificate that was issued would be wasted.
 */
export async function resumeOrder(
  wanted: { readonly name: CertificateName; readonly spec: CertificateSpec },
  account: AcmeAccount,
  ports: ResumePorts,
  signal: AbortSignal,
): Promise<ResumedOrder | undefined> {
  const kept = await readKept(wanted.name, ports);
  if (kept === undefined || !isResumable(kept.order, { spec: wanted.spec, account: account.url }))
    return undefined;
  const order = await askFor(kept.order, account, ports, signal);
  if (order === undefined || order.status === 'invalid') return undefined;
  // The certificate of such an order is for a key that nobody has any more.
  if (kept.keyPem === undefined && (order.status === 'processing' || order.status === 'valid'))
    return undefined;
  ports.log.info('going on with the order of an earlier run', { order: order.url });
  return kept.keyPem === undefined ? { order } : { order, keyPem: kept.keyPem };
}

/** Only a shortcut is lost with a file that cannot be read: that is no reason to have no certificate. */
async function readKept(
  name: CertificateName,
  { orders, log }: ResumePorts,
): Promise<{ readonly order: PendingOrder; readonly keyPem?: string } | undefined> {
  try {
    return await orders.read(name);
  } catch (error) {
    if (!(error instanceof LanacmeError) || !unusable.has(error.code)) throw error;
    log.warn(`${error.message}; ordering anew`, { code: error.code });
    return undefined;
  }
}

const unusable: ReadonlySet<string> = new Set(['state.broken', 'state.newer-version']);

/** Nothing if the CA does not know it any more; what has nothing to do with this order is thrown. */
async function askFor(
  kept: PendingOrder,
  account: AcmeAccount,
  { acme, log }: ResumePorts,
  signal: AbortSignal,
): Promise<AcmeOrder | undefined> {
  try {
    return await acme.order(account, kept.url, signal);
  } catch (error) {
    if (!(error instanceof LanacmeError) || !ofTheOrder.has(error.code)) throw error;
    log.debug(`the order of an earlier run is gone: ${error.message}`);
    return undefined;
  }
}

/** Failures after which another order may well succeed. */
export const ofTheOrder: ReadonlySet<string> = new Set([
  'acme.refused',
  'acme.bad-answer',
  'acme.order-failed',
  'acme.challenge-failed',
  'certificate.unusable',
]);
