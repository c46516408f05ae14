import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { leastPolicy, policyLines } from '../../src/core/least-policy.ts';
import type { Change } from '../../src/core/record-set.ts';
import { type AccessRequest, evaluate, type PolicyDocument } from '../world/iam-policy.ts';
import { basesIn, nameOf } from './dns-arbitraries.ts';

const key = 'route53:ChangeResourceRecordSets';
const host = nameOf('_acme-challenge.nas.lan.example');

/** As IAM sees a batch: every name, type and action of it. */
const request = (
  zoneId: string,
  names: readonly string[],
  actions: readonly string[],
  types: readonly string[] = ['TXT'],
): AccessRequest => ({
  action: key,
  resource: `arn:aws:route53:::hostedzone/${zoneId}`,
  context: {
    ...(names.length > 0 ? { [`${key}NormalizedRecordNames`]: names } : {}),
    ...(types.length > 0 ? { [`${key}RecordTypes`]: types } : {}),
    ...(actions.length > 0 ? { [`${key}Actions`]: actions } : {}),
  },
});

const named = basesIn(nameOf('lan.example')).map((base) => nameOf(`_acme-challenge.${base}`));
const anyName = fc.oneof(
  named,
  fc.constantFrom('lan.example', '_validation-persist.lan.example', '\\052.lan.example', '_acme-challenge'),
);
const ownActions: fc.Arbitrary<readonly Change['action'][]> = fc.subarray(['CREATE', 'DELETE'] as const, {
  minLength: 1,
});
const rights = fc.record({
  zoneId: fc.constantFrom('Z1', 'Z0123456789EXAMPLE'),
  names: fc.uniqueArray(named, { minLength: 1, maxLength: 5 }),
  actions: ownActions,
});
const requests = fc.record({
  zoneId: fc.constantFrom('Z1', 'Z0123456789EXAMPLE', 'Z'),
  names: fc.uniqueArray(anyName, { maxLength: 4 }),
  actions: fc.subarray(['CREATE', 'DELETE', 'UPSERT']),
  types: fc.subarray(['TXT', 'A', 'CNAME']),
});
const within = (some: readonly string[], all: readonly string[]): boolean =>
  some.length > 0 && some.every((one) => all.includes(one));
/** What AWS would get: JSON text. */
const document = (policy: Parameters<typeof policyLines>[0]): PolicyDocument =>
  JSON.parse(policyLines(policy).join('\n')) as PolicyDocument;

describe('the least policy, by an evaluator that knows nothing of it', () => {
  it('allows the batch it was made for', () => {
    fc.assert(
      fc.property(rights, (given) => {
        const asked = request(given.zoneId, given.names, given.actions);
        expect(evaluate([document(leastPolicy(given))], asked)).toBe('allowed');
      }),
    );
  });

  it('allows a change only within its zone, names and actions, of TXT, and none that says less', () => {
    fc.assert(
      fc.property(rights, requests, (given, asked) => {
        const isAllowed =
          asked.zoneId === given.zoneId &&
          within(asked.names, given.names) &&
          within(asked.actions, given.actions) &&
          within(asked.types, ['TXT']);
        const verdict = evaluate(
          [document(leastPolicy(given))],
          request(asked.zoneId, asked.names, asked.actions, asked.types),
        );
        expect(verdict).toBe(isAllowed ? 'allowed' : 'implicitly denied');
      }),
      { numRuns: 1_000 },
    );
  });

  it('allows to ask for a change, and nothing else at all', () => {
    const policy = document(leastPolicy({ zoneId: 'Z1', names: [host], actions: ['CREATE'] }));
    const verdict = (action: string, resource: string): string =>
      evaluate([policy], { action, resource, context: request('Z1', [host], ['CREATE']).context });
    expect(verdict('route53:GetChange', 'arn:aws:route53:::change/C1')).toBe('allowed');
    for (const action of ['ListResourceRecordSets', 'GetHostedZone', 'DeleteHostedZone'])
      expect(verdict(`route53:${action}`, 'arn:aws:route53:::hostedzone/Z1')).toBe('implicitly denied');
    expect(verdict('s3:GetObject', '*')).toBe('implicitly denied');
  });
});

it('is JSON in lines that fit a terminal, names in order and once', () => {
  const names = [nameOf('_acme-challenge.tv.lan.example'), host, host];
  expect(policyLines(leastPolicy({ zoneId: 'Z1', names, actions: ['DELETE', 'CREATE'] }))).toEqual([
    '{"Version":"2012-10-17","Statement":[',
    ' {"Effect":"Allow","Action":"route53:ChangeResourceRecordSets","Resource":"arn:aws:route53:::hostedzone/Z1","Condition":{',
    '  "ForAllValues:StringEquals":{"route53:ChangeResourceRecordSetsNormalizedRecordNames":["_acme-challenge.nas.lan.example","_acme-challenge.tv.lan.example"],"route53:ChangeResourceRecordSetsRecordTypes":["TXT"],"route53:ChangeResourceRecordSetsActions":["CREATE","DELETE"]},',
    '  "Null":{"route53:ChangeResourceRecordSetsNormalizedRecordNames":"false","route53:ChangeResourceRecordSetsRecordTypes":"false","route53:ChangeResourceRecordSetsActions":"false"}}},',
    ' {"Effect":"Allow","Action":"route53:GetChange","Resource":"arn:aws:route53:::change/*"}]}',
  ]);
});
