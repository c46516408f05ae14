import { type DnsName, type Domain, isDnsName, isDomain } from './names.ts';
import { exactly, instant, list, mismatch, object, oneOf, type Read, readStored } from './stored-json.ts';

/** Something that this host did at a CA and that the CA counts. What is exempt is not entered. */
export type LedgerEntry =
  | { readonly kind: 'order'; readonly at: string }
  | { readonly kind: 'certificate'; readonly at: string; readonly domains: readonly Domain[] }
  | { readonly kind: 'failed-validation'; readonly at: string; readonly domain: DnsName };

const domain: Read<Domain> = (value, where) =>
  typeof value === 'string' && isDomain(value) ? value : mismatch(where, 'is not a name in normal form');

const bare: Read<DnsName> = (value, where) =>
  typeof value === 'string' && isDnsName(value) ? value : mismatch(where, 'is not a name in normal form');

const order: Read<LedgerEntry> = object({ kind: oneOf(['order']), at: instant }, {});
const certificate: Read<LedgerEntry> = object(
  { kind: oneOf(['certificate']), at: instant, domains: list(domain) },
  {},
);
const failedValidation: Read<LedgerEntry> = object(
  { kind: oneOf(['failed-validation']), at: instant, domain: bare },
  {},
);
const kind = oneOf(['order', 'certificate', 'failed-validation']);

const entry: Read<LedgerEntry> = (value, where) => {
  const found = typeof value === 'object' && value !== null && 'kind' in value ? value.kind : undefined;
  switch (kind(found, `${where}.kind`)) {
    case 'order':
      return order(value, where);
    case 'certificate':
      return certificate(value, where);
    case 'failed-validation':
      return failedValidation(value, where);
  }
};

/**
 * A ledger as it was read from its file.
 *
 * @throws LanacmeError `state.newer-version`, or `state.broken` naming the file and the first member that is wrong.
 */
export function parseLedger(json: unknown, directoryUrl: string, file: string): readonly LedgerEntry[] {
  const read = object({ format: oneOf([1]), directory: exactly(directoryUrl), entries: list(entry) }, {});
  return readStored(json, file, read, 'move it away: then only the CA counts').entries;
}
