import { describe, expect, it } from 'vitest';
import type { AcmeAuthorization, AcmeChallenge, AcmeOrder } from '../../src/core/acme-objects.ts';
import type { DnsName, Domain } from '../../src/core/names.ts';
import { nextOrderStep } from '../../src/core/order-step.ts';

const context = { now: new Date('2026-11-22T12:00:00Z') };

type OrderStatus = AcmeOrder['status'];
type AuthorizationStatus = AcmeAuthorization['status'];

const orderStates: readonly OrderStatus[] = ['pending', 'ready', 'processing', 'valid', 'invalid'];
const authorizationStates: readonly AuthorizationStatus[] = [
  'pending',
  'valid',
  'invalid',
  'deactivated',
  'expired',
  'revoked',
];

function order(status: OrderStatus, members: Partial<AcmeOrder> = {}): AcmeOrder {
  return {
    url: 'https://ca.example/order/1',
    status,
    domains: ['a.lan.example' as Domain],
    authorizationUrls: ['https://ca.example/authz/a'],
    finalizeUrl: 'https://ca.example/finalize/1',
    ...members,
  };
}

function authorization(
  status: AuthorizationStatus,
  name = 'a',
  challenge: Partial<AcmeChallenge> = {},
): AcmeAuthorization {
  return {
    url: `https://ca.example/authz/${name}`,
    status,
    domain: `${name}.lan.example` as DnsName,
    wildcard: false,
    challenges: [
      { type: 'dns-01', url: `https://ca.example/c/${name}`, status: 'pending', token: 't', ...challenge },
    ],
  };
}

/** The kind of step for every pair of states; the authorization has not been answered. */
const expected: Readonly<Record<OrderStatus, Readonly<Record<AuthorizationStatus, string>>>> = {
  pending: {
    pending: 'answer',
    valid: 'wait',
    invalid: 'failed',
    deactivated: 'failed',
    expired: 'failed',
    revoked: 'failed',
  },
  ready: {
    pending: 'finalize',
    valid: 'finalize',
    invalid: 'finalize',
    deactivated: 'finalize',
    expired: 'finalize',
    revoked: 'finalize',
  },
  processing: {
    pending: 'wait',
    valid: 'wait',
    invalid: 'wait',
    deactivated: 'wait',
    expired: 'wait',
    revoked: 'wait',
  },
  valid: {
    pending: 'download',
    valid: 'download',
    invalid: 'download',
    deactivated: 'download',
    expired: 'download',
    revoked: 'download',
  },
  invalid: {
    pending: 'failed',
    valid: 'failed',
    invalid: 'failed',
    deactivated: 'failed',
    expired: 'failed',
    revoked: 'failed',
  },
};

describe('the next step of an order', () => {
  const pairs = orderStates.flatMap((outer) => authorizationStates.map((inner) => [outer, inner] as const));
  it.each(pairs)('that is %s with an authorization that is %s', (outer, inner) => {
    const certificate = { certificateUrl: 'https://ca.example/certificate/1' };
    const step = nextOrderStep(order(outer, certificate), [authorization(inner)], new Set(), context);
    expect(step.kind).toBe(expected[outer][inner]);
  });

  it('is to answer only what is pending and not yet answered', () => {
    const authorizations = [
      authorization('valid', 'a'),
      authorization('pending', 'b'),
      authorization('pending', 'c'),
    ];
    const answered = new Set(['https://ca.example/authz/b']);
    expect(nextOrderStep(order('pending'), authorizations, answered, context)).toEqual({
      kind: 'answer',
      authorizations: [authorization('pending', 'c')],
    });
  });

  it('is to wait once everything is answered, by this run or by an earlier one', () => {
    const byEarlierRun = authorization('pending', 'b', { status: 'processing' });
    const answered = new Set(['https://ca.example/authz/a']);
    const step = nextOrderStep(
      order('pending'),
      [authorization('pending', 'a'), byEarlierRun],
      answered,
      context,
    );
    expect(step).toEqual({ kind: 'wait' });
  });

  it('is to download from where a valid order says', () => {
    const certificateUrl = 'https://ca.example/certificate/1';
    expect(nextOrderStep(order('valid', { certificateUrl }), [], new Set(), context)).toEqual({
      kind: 'download',
      certificateUrl,
    });
  });
});

describe('an order fails', () => {
  const failure = (...arguments_: Parameters<typeof nextOrderStep>) => {
    const step = nextOrderStep(...arguments_);
    if (step.kind !== 'failed') throw new Error(`the step is ${step.kind}`);
    return step.error;
  };

  it('when a valid one names no certificate', () => {
    const error = failure(order('valid'), [], new Set(), context);
    expect(error).toMatchObject({
      code: 'acme.bad-answer',
      message: 'the order https://ca.example/order/1 is valid but names no certificate',
    });
  });

  it('when a name has no dns-01 challenge, telling what is offered', () => {
    const error = failure(
      order('pending'),
      [authorization('pending', 'a', { type: 'http-01' })],
      new Set(),
      context,
    );
    expect(error).toMatchObject({
      code: 'acme.no-dns-challenge',
      message: 'the CA offers no dns-01 challenge for a.lan.example',
      details: ['a.lan.example: offered are http-01'],
    });
    const wildcard = { ...authorization('pending', 'a', { type: 'http-01' }), wildcard: true };
    const plain = authorization('pending', 'a', { type: 'http-01' });
    expect(failure(order('pending'), [wildcard, plain], new Set(), context).message).toBe(
      'the CA offers no dns-01 challenge for a.lan.example, *.a.lan.example',
    );
  });

  it('with the words of the CA about the validation', () => {
    const said = { type: 'urn:ietf:params:acme:error:dns', detail: 'NXDOMAIN', subproblems: [] };
    const error = failure(
      order('invalid'),
      [authorization('invalid', 'a', { error: said })],
      new Set(),
      context,
    );
    expect(error).toMatchObject({
      code: 'acme.challenge-failed',
      details: ['a.lan.example: NXDOMAIN (dns)'],
    });
  });

  it('with its own problem when no authorization failed, naming the account for CAA', () => {
    const said = { type: 'urn:ietf:params:acme:error:caa', detail: 'CAA forbids', subproblems: [] };
    const accountUrl = 'https://ca.example/acct/1';
    const error = failure(order('invalid', { error: said }), [authorization('valid')], new Set(), {
      ...context,
      accountUrl,
    });
    expect(error.message).toBe('ca.example refused the order for a.lan.example: CAA forbids (caa)');
    expect(error.hint).toContain(accountUrl);
  });

  it('without a word from the CA', () => {
    const error = failure(order('invalid'), [], new Set(), context);
    expect(error).toMatchObject({
      code: 'acme.order-failed',
      message: 'the order for a.lan.example is invalid; ca.example gives no reason',
    });
  });
});
