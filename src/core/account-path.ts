import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { layout } from './version-layout.ts';

/** The folder of the account at this CA. */
export function accountPath(directoryUrl: string): string {
  return join(layout.accounts, caFileName(directoryUrl));
}

/** The ledger of what this host did at this CA. */
export function ledgerPath(directoryUrl: string): string {
  return join(layout.ledger, `${caFileName(directoryUrl)}.json`);
}

/** A name for a CA in a path: readable by its host, told apart by the hash. */
function caFileName(directoryUrl: string): string {
  const { hostname, port } = new URL(directoryUrl);
  const host = [hostname.replaceAll(/[[\]]/g, ''), port].filter((part) => part !== '').join('_');
  // ':' of an IPv6 address, and whatever else a URL may hold one day. 200 leaves room for the hash in 255 bytes.
  const safe = host.replaceAll(/[^A-Za-z0-9._-]/g, '_').slice(0, 200);
  const hash = createHash('sha256').update(directoryUrl).digest('hex').slice(0, 8);
  return `${safe}-${hash}`;
}
