import type { Change } from './record-set.ts';

/** What Route 53 answered instead of a result. */
export interface AwsRefusal {
  readonly status: number;
  /** `<Code>` of the error; absent if the answer was not AWS's XML. */
  readonly code?: string;
  readonly message: string;
  readonly requestId?: string;
  /** The messages of InvalidChangeBatch, which has two forms; empty if they are in `message`. */
  readonly batchMessages: readonly string[];
  /** AWS's clock minus ours, from the answer's Date. */
  readonly clockOffsetMs?: number;
}

/** What was asked. */
export interface AwsOperation {
  readonly name:
    | 'ListHostedZonesByName'
    | 'ListHostedZones'
    | 'ListResourceRecordSets'
    | 'ChangeResourceRecordSets'
    | 'GetChange';
  readonly zoneId?: string;
  readonly changeId?: string;
  /** Of a ChangeResourceRecordSets. */
  readonly changes?: readonly Change[];
}
