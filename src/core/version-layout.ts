import { join } from 'node:path';
import type { CertificateName } from './names.ts';

/** Where everything is below STATE_DIR, as relative paths. */
export const layout = {
  live: 'live',
  archive: 'archive',
  certificates: 'certificates',
  accounts: 'accounts',
  journal: 'journal',
  ledger: 'ledger',
  orders: 'orders',
  lock: 'lock',
  renewals: 'renewals.json',
} as const;

/** The path that servers are configured with. */
export function livePath(name: CertificateName): string {
  return join(layout.live, name);
}

export function archivePath(name: CertificateName): string {
  return join(layout.archive, name);
}

export function recordPath(name: CertificateName): string {
  return join(layout.certificates, `${name}.json`);
}

/** What the link `live/NAME` says: relative, so that the state folder can be moved or mounted elsewhere. */
export function liveTarget(name: CertificateName, version: string): string {
  return join('..', layout.archive, name, version);
}

const version = /^[0-9]{4,15}$/;

/** The version that a link at `live/NAME` points to; nothing if the link is not one that lanacme makes. */
export function versionOfTarget(name: CertificateName, target: string): string | undefined {
  const last = target.slice(target.lastIndexOf('/') + 1);
  return version.test(last) && target === liveTarget(name, last) ? last : undefined;
}

/** The names that are versions, oldest first. */
export function versionsIn(names: readonly string[]): readonly string[] {
  return names.filter((name) => version.test(name)).sort(byNumber);
}

/** Negative if the first is the older one. */
export function byNumber(one: string, other: string): number {
  return Number(one) - Number(other);
}

/** One more than all that were ever there: `0001`, …, `9999`, `10000`. */
export function nextVersion(present: readonly string[]): string {
  const highest = versionsIn(present).at(-1) ?? 0;
  return String(Number(highest) + 1).padStart(4, '0');
}

/** Journal ids become file names. */
export function isJournalId(id: string): boolean {
  return /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}$/.test(id);
}

export function journalPath(id: string): string {
  return join(layout.journal, `${id}.json`);
}

/** What is kept of an order until its certificate is installed, and the key that it was or will be finalized with. */
export function pendingOrderPath(name: CertificateName): string {
  return join(layout.orders, `${name}.json`);
}

export function pendingKeyPath(name: CertificateName): string {
  return join(layout.orders, `${name}.key.pem`);
}
