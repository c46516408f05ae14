/** One CAA record as it stands in DNS (RFC 8659 §4.1); text of strangers. */
export interface CaaRecord {
  readonly flags: number;
  readonly tag: string;
  readonly value: string;
}
