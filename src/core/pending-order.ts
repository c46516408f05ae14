import { type CertificateSpec, certificateSpec, isSameOrder } from './certificate-record.ts';
import type { CertificateName } from './names.ts';
import { exactly, instant, object, oneOf, readStored, text } from './stored-json.ts';

/** An order that a run has made and not yet brought to its end: kept so that the next run can go on with it. */
export interface PendingOrder {
  readonly format: 1;
  readonly certificate: CertificateName;
  /** The order's URL, as the CA gave it. */
  readonly url: string;
  /** Of the account that ordered. */
  readonly account: string;
  readonly spec: CertificateSpec;
  /** RFC 3339. */
  readonly createdAt: string;
}

/**
 * A pending order as it was read from its file.
 *
 * @throws LanacmeError `state.newer-version`, or `state.broken` naming the file and the first member that is wrong.
 */
export function parsePendingOrder(json: unknown, certificate: CertificateName, file: string): PendingOrder {
  const url = text(/^https:\/\/\S+$/, 'is not an https URL');
  const read = object(
    {
      format: oneOf([1]),
      certificate: exactly(certificate),
      url,
      account: url,
      spec: certificateSpec,
      createdAt: instant,
    },
    {},
  );
  return readStored(json, file, read);
}

/** Whether going on with this order leads to what is wanted now. */
export function isResumable(
  pending: PendingOrder,
  wanted: { readonly spec: CertificateSpec; readonly account: string },
): boolean {
  return pending.account === wanted.account && isSameOrder(pending.spec, wanted.spec);
}
