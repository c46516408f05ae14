import type { AwsOperation } from './aws-operation.ts';
import { hostedZone, leastPolicy, type Policy, policyLines, policyOfOne } from './least-policy.ts';

/** IAM counts no white space. */
const longestPolicy = 6_144;

/**
 * What to put into the policy of a role that was denied, as lines for a terminal. AWS's words tell the partition.
 */
export function rightsLines(words: string, operation: AwsOperation): readonly string[] {
  const partition = /\barn:(aws[a-z-]*):/.exec(words)?.[1] ?? 'aws';
  const lines = policyLines(policyFor(operation, partition));
  const { length } = lines.join('').replaceAll(' ', '');
  return [
    'the least IAM policy that allows it:',
    ...lines,
    ...(length > longestPolicy
      ? [
          `(${length} characters, and IAM takes ${longestPolicy} in a managed policy: allow _acme-challenge.*.ZONE with ForAllValues:StringLike instead of each name)`,
        ]
      : []),
  ];
}

/** The least that would have allowed the operation; for a change also what takes it back and waits for it. */
function policyFor({ name, zoneId = 'ZONE_ID', changes = [] }: AwsOperation, partition: string): Policy {
  switch (name) {
    case 'ChangeResourceRecordSets':
      return leastPolicy({
        zoneId,
        names: changes.map(({ set }) => set.name),
        actions: ['CREATE', 'DELETE'],
        partition,
      });
    case 'GetChange':
      return policyOfOne(name, `arn:${partition}:route53:::change/*`);
    case 'ListResourceRecordSets':
      return policyOfOne(name, hostedZone(zoneId, partition));
    case 'ListHostedZones':
    case 'ListHostedZonesByName':
      return policyOfOne(name, '*');
  }
}
