import type { DnsName } from './names.ts';

/**
 * How Route 53 may answer from sets of one name and type, other than simple or multivalue: no challenge value can join
 * such sets, for each answer shows one of them at most.
 */
export type ForeignRouting =
  | 'weighted'
  | 'latency'
  | 'failover'
  | 'geolocation'
  | 'geoproximity'
  | 'CIDR'
  | 'alias'
  | 'traffic policy'
  | 'health-checked'
  | 'unknown';

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
  /** Only in what was read: lanacme neither makes such a set nor replaces it. */
  readonly routing?: ForeignRouting;
  /** Only in what was read: a name server shows it, and may be behind Route 53. */
  readonly isServed?: true;
}

export interface Change {
  readonly action: 'CREATE' | 'DELETE';
  readonly set: TxtRecordSet;
}

/** Whether both are the same set, by what Route 53 tells TXT sets apart: name and set identifier. */
export function isSameSet(one: TxtRecordSet, other: TxtRecordSet): boolean {
  return one.name === other.name && one.setIdentifier === other.setIdentifier;
}
