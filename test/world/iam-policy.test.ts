import { describe, expect, it } from 'vitest';
import {
  type AccessRequest,
  administratorPolicy,
  challengeNames,
  deniedMessage,
  evaluate,
  ownChallengeName,
  type PolicyDocument,
  type PolicyStatement,
  smallPolicy,
} from './iam-policy.ts';

const names = 'route53:ChangeResourceRecordSetsNormalizedRecordNames';
const types = 'route53:ChangeResourceRecordSetsRecordTypes';
const actions = 'route53:ChangeResourceRecordSetsActions';
const zoneArn = 'arn:aws:route53:::hostedzone/Z1';

/** A batch of CREATE TXT at these names, by the thing `nas`. */
function batch(recordNames: readonly string[], overrides: AccessRequest['context'] = {}): AccessRequest {
  return {
    action: 'route53:ChangeResourceRecordSets',
    resource: zoneArn,
    context: {
      [names]: recordNames,
      [types]: recordNames.map(() => 'TXT'),
      [actions]: recordNames.map(() => 'CREATE'),
      'credentials-iot:ThingName': 'nas',
      ...overrides,
    },
  };
}
const own = '_acme-challenge.nas.lan.example';

describe('the small policy', () => {
  const policy = smallPolicy('Z1', challengeNames('lan.example.'));
  it.each<readonly [string, AccessRequest]>([
    ['a challenge of a host', batch([own])],
    ['of a host two labels deep', batch(['_acme-challenge.a.b.lan.example'])],
    ['of the zone itself', batch(['_acme-challenge.lan.example'])],
    ['several at once', batch([own, '_acme-challenge.tv.lan.example'])],
    ['compare-and-swap', batch([own, own], { [actions]: ['DELETE', 'CREATE'] })],
    [
      'asking for a change',
      { action: 'route53:GetChange', resource: 'arn:aws:route53:::change/C1', context: {} },
    ],
  ])('allows %s', (_, request) => {
    expect(evaluate([policy], request)).toBe('allowed');
  });

  it.each<readonly [string, AccessRequest]>([
    ['another name', batch(['nas.lan.example'])],
    ['another zone', { ...batch([own]), resource: 'arn:aws:route53:::hostedzone/Z2' }],
    ['a name like it', batch(['_acme-challenge.nas.wlan.example'])],
    ['a persistent validation', batch(['_validation-persist.nas.lan.example'])],
    ['one bad name among good ones', batch([own, 'nas.lan.example'])],
    ['another type', batch([own], { [types]: ['A'] })],
    ['one other type among TXT', batch([own, own], { [types]: ['TXT', 'CNAME'] })],
    ['UPSERT', batch([own], { [actions]: ['UPSERT'] })],
    ['a request that says no names', { ...batch([own]), context: {} }],
    ['a listing', { ...batch([]), action: 'route53:ListResourceRecordSets', context: {} }],
  ])('does not allow %s', (_, request) => {
    expect(evaluate([policy], request)).toBe('implicitly denied');
  });
});

describe('the policy by thing name', () => {
  const policy = smallPolicy('Z1', ownChallengeName('lan.example'));

  it('allows the own challenge and no other', () => {
    expect(evaluate([policy], batch([own]))).toBe('allowed');
    expect(evaluate([policy], batch(['_acme-challenge.tv.lan.example']))).toBe('implicitly denied');
    expect(evaluate([policy], batch(['_acme-challenge.x.nas.lan.example']))).toBe('implicitly denied');
  });

  const withoutThing = Object.fromEntries(
    Object.entries(batch([own]).context).filter(([key]) => key !== 'credentials-iot:ThingName'),
  );

  it('matches nothing while the thing name is unset', () => {
    expect(evaluate([policy], { ...batch([own]), context: withoutThing })).toBe('implicitly denied');
  });

  it('is case-sensitive: a thing called NAS never matches', () => {
    expect(evaluate([policy], batch([own], { 'credentials-iot:ThingName': 'NAS' }))).toBe(
      'implicitly denied',
    );
  });

  it('finds the context key in any case', () => {
    const context = { ...withoutThing, 'Credentials-IoT:thingname': 'nas' };
    expect(evaluate([policy], { ...batch([own]), context })).toBe('allowed');
  });

  it('takes a star in a thing name for a star', () => {
    const request = batch(['_acme-challenge.anything.lan.example'], { 'credentials-iot:ThingName': '*' });
    expect(evaluate([policy], request)).toBe('implicitly denied');
  });
});

/** One Allow statement for everything under this condition. */
function under(
  condition: PolicyStatement['Condition'],
  version: PolicyDocument['Version'] = '2012-10-17',
): PolicyDocument {
  return {
    Version: version,
    Statement: { Effect: 'Allow', Action: '*', Resource: '*', ...(condition && { Condition: condition }) },
  };
}

describe('conditions', () => {
  const context = { one: 'a', many: ['a', 'b'], none: [] };
  it.each<readonly [PolicyStatement['Condition'], boolean]>([
    [{ StringEquals: { one: 'a' } }, true],
    [{ StringEquals: { one: ['b', 'a'] } }, true],
    [{ StringEquals: { one: 'A' } }, false],
    [{ StringEquals: { absent: 'a' } }, false],
    [{ StringEqualsIgnoreCase: { one: 'A' } }, true],
    [{ StringEqualsIfExists: { absent: 'a' } }, true],
    [{ StringEqualsIfExists: { one: 'b' } }, false],
    [{ StringNotEquals: { one: 'a' } }, false],
    [{ StringNotEquals: { one: ['a', 'b'] } }, false],
    [{ StringNotEquals: { one: 'b' } }, true],
    [{ StringNotEquals: { absent: 'a' } }, true],
    [{ StringLike: { one: '?' } }, true],
    [{ StringLike: { one: '??' } }, false],
    [{ StringLike: { one: '*' } }, true],
    [{ StringNotLike: { one: 'a*' } }, false],
    [{ 'ForAllValues:StringEquals': { many: ['a', 'b', 'c'] } }, true],
    [{ 'ForAllValues:StringEquals': { many: ['a'] } }, false],
    [{ 'ForAllValues:StringEquals': { absent: ['a'] } }, true],
    [{ 'ForAllValues:StringEquals': { none: ['a'] } }, true],
    [{ 'ForAllValues:StringNotEquals': { many: ['c'] } }, true],
    [{ 'ForAllValues:StringNotEquals': { many: ['a'] } }, false],
    [{ 'ForAnyValue:StringEquals': { many: ['b'] } }, true],
    [{ 'ForAnyValue:StringEquals': { many: ['c'] } }, false],
    [{ 'ForAnyValue:StringEquals': { absent: ['a'] } }, false],
    [{ 'ForAnyValue:StringNotEquals': { many: ['a'] } }, true],
    [{ 'ForAnyValue:StringLike': { many: ['b*'] } }, true],
    [{ Null: { absent: 'true' } }, true],
    [{ Null: { none: 'true' } }, true],
    [{ Null: { one: 'true' } }, false],
    [{ Null: { one: 'false' } }, true],
    [{ Null: { absent: 'false' } }, false],
    [{ StringEquals: { one: 'a' }, Null: { many: 'false' } }, true],
    [{ StringEquals: { one: 'a', many: 'c' } }, false],
  ])('%j', (condition, isAllowed) => {
    const verdict = evaluate([under(condition)], { action: 'a:B', resource: '*', context });
    expect(verdict).toBe(isAllowed ? 'allowed' : 'implicitly denied');
  });

  it.each([
    { NumericEquals: { one: '1' } },
    { 'ForSomeValues:StringEquals': { one: 'a' } },
    { Bool: { one: 'true' } },
  ])('an operator that is not known is an error: %j', (condition) => {
    expect(() => evaluate([under(condition)], { action: 'a:B', resource: '*', context })).toThrow(
      /^This IAM does not know the condition operator /,
    );
  });
});

describe('variables', () => {
  const context = { 'aws:PrincipalTag/host': 'nas', many: ['a', 'b'], wanted: 'x-nas' };
  it.each<readonly [string, boolean]>([
    [`x-\${aws:PrincipalTag/host}`, true],
    [`x-\${AWS:principaltag/HOST}`, true],
    [`x-\${aws:PrincipalTag/other}`, false],
    [`x-\${aws:PrincipalTag/other, 'nas'}`, true],
    [`x-\${many}`, false],
    [`\${*}-nas`, false],
    ['x-nas', true],
  ])('%s', (value, isAllowed) => {
    const request = { action: 'a:B', resource: '*', context };
    const verdict = isAllowed ? 'allowed' : 'implicitly denied';
    expect(evaluate([under({ StringEquals: { wanted: value } })], request)).toBe(verdict);
    expect(evaluate([under({ StringLike: { wanted: value } })], request)).toBe(verdict);
  });

  it('one that is unset stops the statement, whatever else would match', () => {
    const policy = under({ StringEquals: { wanted: ['x-nas', `\${aws:PrincipalTag/other}`] } });
    expect(evaluate([policy], { action: 'a:B', resource: '*', context })).toBe('implicitly denied');
  });

  it('work in resources', () => {
    const policy: PolicyDocument = {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: 'a:B', Resource: `arn:aws:a:::\${aws:PrincipalTag/host}/*` }],
    };
    const request = { action: 'a:B', resource: 'arn:aws:a:::nas/x', context };
    expect(evaluate([policy], request)).toBe('allowed');
    expect(evaluate([policy], { ...request, context: {} })).toBe('implicitly denied');
    expect(evaluate([policy], { ...request, resource: 'arn:aws:a:::tv/x' })).toBe('implicitly denied');
  });

  it('are plain text before 2012-10-17', () => {
    const policy = under({ StringEquals: { wanted: `x-\${aws:PrincipalTag/host}` } }, '2008-10-17');
    expect(evaluate([policy], { action: 'a:B', resource: '*', context })).toBe('implicitly denied');
    const plain = { wanted: `x-\${aws:PrincipalTag/host}` };
    expect(evaluate([policy], { action: 'a:B', resource: '*', context: plain })).toBe('allowed');
  });
});

describe('statements', () => {
  const deny: PolicyDocument = {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Deny', Action: ['route53:change*'], Resource: '*' }],
  };

  it('a deny wins over an allow, from whichever policy', () => {
    expect(evaluate([administratorPolicy, deny], batch([own]))).toBe('explicitly denied');
    expect(evaluate([deny, administratorPolicy], batch([own]))).toBe('explicitly denied');
    expect(evaluate([administratorPolicy, deny], { ...batch([own]), action: 'route53:GetChange' })).toBe(
      'allowed',
    );
  });

  it('without one nothing is allowed', () => {
    expect(evaluate([], batch([own]))).toBe('implicitly denied');
  });

  it('an element that is not known is an error', () => {
    const statement = { Effect: 'Allow', NotAction: 'a:B', Action: '*', Resource: '*' } as PolicyStatement;
    expect(() => evaluate([{ Version: '2012-10-17', Statement: statement }], batch([own]))).toThrow(
      'This IAM does not know the statement element NotAction.',
    );
  });
});

describe("AWS's sentence", () => {
  const arn = 'arn:aws:sts::123456789012:assumed-role/lanacme/abc';
  it.each<readonly [AccessRequest, 'implicitly denied' | 'explicitly denied', string]>([
    [
      batch([own]),
      'implicitly denied',
      `User: ${arn} is not authorized to perform: route53:ChangeResourceRecordSets on resource: ${zoneArn} because no ` +
        'identity-based policy allows the route53:ChangeResourceRecordSets action',
    ],
    [
      batch([own]),
      'explicitly denied',
      `User: ${arn} is not authorized to perform: route53:ChangeResourceRecordSets on resource: ${zoneArn} with an ` +
        'explicit deny in an identity-based policy',
    ],
    [
      { action: 'route53:ListHostedZones', resource: '*', context: {} },
      'implicitly denied',
      `User: ${arn} is not authorized to perform: route53:ListHostedZones because no identity-based policy allows the ` +
        'route53:ListHostedZones action',
    ],
  ])('%#', (request, verdict, sentence) => {
    expect(deniedMessage(arn, request, verdict)).toBe(sentence);
  });
});

describe('operators of ARNs', () => {
  const anchor = 'arn:aws:rolesanywhere:eu-west-2:123456789012:trust-anchor/ta';
  it.each([
    ['ArnEquals', anchor, true],
    ['ArnEquals', 'arn:aws:rolesanywhere:eu-west-2:*:trust-anchor/*', true],
    ['ArnLike', 'arn:aws:rolesanywhere:*', false],
    ['ArnLike', 'arn:aws:*:trust-anchor/ta', false],
    ['ArnEquals', `${anchor}2`, false],
    ['ArnNotEquals', `${anchor}2`, true],
    ['ArnNotLike', anchor, false],
    ['ArnEqualsIfExists', anchor, true],
  ] as const)('%s %s: %s', (operator, wanted, isAllowed) => {
    const statement: PolicyStatement = {
      Effect: 'Allow',
      Action: '*',
      Resource: '*',
      Condition: { [operator]: { 'aws:SourceArn': wanted } },
    };
    const policy: PolicyDocument = { Version: '2012-10-17', Statement: statement };
    const context = { 'aws:SourceArn': anchor };
    const request: AccessRequest = { action: 'sts:AssumeRole', resource: '*', context };
    expect(evaluate([policy], request)).toBe(isAllowed ? 'allowed' : 'implicitly denied');
  });
});
