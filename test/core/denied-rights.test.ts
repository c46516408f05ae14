import { describe, expect, it } from 'vitest';
import type { AwsOperation } from '../../src/core/aws-operation.ts';
import { rightsLines } from '../../src/core/denied-rights.ts';
import { leastPolicy, policyLines } from '../../src/core/least-policy.ts';
import type { Change } from '../../src/core/record-set.ts';
import { nameOf } from './dns-arbitraries.ts';

const host = nameOf('_acme-challenge.nas.lan.example');
const change: Change = { action: 'CREATE', set: { name: host, ttl: 10, values: ['"x"'] } };
const policyOf = (operation: AwsOperation, words = 'User: U is not authorized'): unknown => {
  const [title, ...lines] = rightsLines(words, operation);
  expect(title).toBe('the least IAM policy that allows it:');
  return JSON.parse(lines.join('\n'));
};

describe('the policy for an operation that was denied', () => {
  it('of a change also allows to take it back', () => {
    expect(policyOf({ name: 'ChangeResourceRecordSets', zoneId: 'Z1', changes: [change] })).toEqual(
      leastPolicy({ zoneId: 'Z1', names: [host], actions: ['CREATE', 'DELETE'] }),
    );
  });

  it.each([
    ['GetChange', 'arn:aws:route53:::change/*'],
    ['ListResourceRecordSets', 'arn:aws:route53:::hostedzone/Z1'],
    ['ListHostedZonesByName', '*'],
    ['ListHostedZones', '*'],
  ] as const)('of %s is that action on %s', (name, Resource) => {
    expect(policyOf({ name, zoneId: 'Z1' })).toEqual({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: `route53:${name}`, Resource }],
    });
  });

  it('names the partition of AWS that refused', () => {
    const words = 'User: arn:aws-us-gov:sts::1:assumed-role/R/S is not authorized';
    expect(
      rightsLines(words, { name: 'ChangeResourceRecordSets', zoneId: 'Z1', changes: [change] }).slice(1),
    ).toEqual(
      policyLines(
        leastPolicy({ zoneId: 'Z1', names: [host], actions: ['CREATE', 'DELETE'], partition: 'aws-us-gov' }),
      ),
    );
  });
});
