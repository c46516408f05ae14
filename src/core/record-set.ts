import type { DnsName } from './names.ts';

/**
 * A TXT record set as Route 53 stores it. `values` are Route 53's own texts (quoted, escaped), opaque, in the order
 * in which they were listed: a DELETE must repeat them byte for byte.
 */
export interface TxtRecordSet {
  readonly name: DnsName;
  /** Seconds. */
  readonly ttl: number;
  readonly values: readonly string[];
  /** Set on multivalue answer sets (cert-manager's style), absent on simple ones. */
  readonly setIdentifier?: string;
}

export interface Change {
  readonly action: 'CREATE' | 'DELETE';
  readonly set: TxtRecordSet;
}

/** Whether both are the same set, by what Route 53 tells TXT sets apart: name and set identifier. */
export function isSameSet(one: TxtRecordSet, other: TxtRecordSet): boolean {
  return one.name === other.name && one.setIdentifier === other.setIdentifier;
}
