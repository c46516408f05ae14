import { type CertificateName, type DnsName, isCertificateName, isDnsName } from './names.ts';
import {
  exactly,
  instant,
  list,
  mismatch,
  object,
  oneOf,
  type Read,
  readStored,
  text,
} from './stored-json.ts';

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

/**
 * An entry as it was read from its file: it decides which values may be deleted.
 *
 * @throws LanacmeError `state.newer-version`, or `state.broken` naming the file and the first member that is wrong.
 */
export function parseJournalEntry(json: unknown, id: string, file = `journal/${id}.json`): JournalEntry {
  return readStored(json, file, entryOf(id), giveUpEntry);
}

/** What helps with an entry that cannot be read: it may be all that knows of a value in the zone. */
export const giveUpEntry =
  'take the challenge values that it names out of the zone by hand, then move the file away';

const dnsName: Read<DnsName> = (value, where) =>
  typeof value === 'string' && isDnsName(value) ? value : mismatch(where, 'is not a DNS name in normal form');

const certificate: Read<CertificateName> = (value, where) =>
  typeof value === 'string' && isCertificateName(value)
    ? value
    : mismatch(where, 'is not the local name of a certificate');

const record: Read<JournalRecord> = object(
  { name: dnsName, value: text(/^"/, 'is not a TXT value in quotation marks') },
  {},
);

function entryOf(id: string): Read<JournalEntry> {
  return object(
    {
      format: oneOf([1]),
      id: exactly(id),
      certificate,
      zone: dnsName,
      zoneId: text(/^[A-Za-z0-9]{1,32}$/, 'is not a bare hosted-zone id'),
      createdAt: instant,
      records: list(record),
      changeIds: list(text(/^[!-~]+$/, 'is not a change id')),
    },
    {},
  );
}
