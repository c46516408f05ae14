import type { CertificateName, DnsName } from './names.ts';

/** One challenge value that may be in the zone because of this host. `value` is Route 53's text, quoted. */
export interface JournalRecord {
  readonly name: DnsName;
  readonly value: string;
}

/** What one order sent into a zone and has not yet taken back. */
export interface JournalEntry {
  readonly format: 1;
  /** Unique on this host; also its file's name. */
  readonly id: string;
  readonly certificate: CertificateName;
  readonly zone: DnsName;
  /** Bare hosted-zone id. */
  readonly zoneId: string;
  /** RFC 3339. */
  readonly createdAt: string;
  readonly records: readonly JournalRecord[];
  /** Of the accepted batches that carried the records, oldest first. */
  readonly changeIds: readonly string[];
}
