import { describe, expect, it } from 'vitest';
import type { AcmeAuthorization, AcmeProblem } from '../../src/core/acme-objects.ts';
import { challengeError, problemError } from '../../src/core/acme-problem.ts';
import { parseProblem, problemOfAnswer } from '../../src/core/acme-problem-document.ts';
import type { DnsName } from '../../src/core/names.ts';
import type { ErrorCode } from '../../src/errors.ts';

const now = new Date('2026-11-22T12:00:00Z');
const context = { ca: 'ca.example', asked: 'the order for a.lan.example', now };
const urn = 'urn:ietf:params:acme:error:';

function problem(type: string, members: Partial<AcmeProblem> = {}): AcmeProblem {
  return { type: `${urn}${type}`, detail: 'the words of the CA', subproblems: [], ...members };
}

describe('a problem document becomes an error of ours', () => {
  const rows: readonly (readonly [string, ErrorCode, RegExp])[] = [
    ['accountDoesNotExist', 'acme.account-missing', /accounts\//],
    ['alreadyReplaced', 'acme.already-replaced', /without naming a predecessor/],
    ['alreadyRevoked', 'acme.already-revoked', /revoked/],
    ['badCSR', 'acme.refused', /--key-type/],
    ['badNonce', 'acme.server-error', /next run/],
    ['badPublicKey', 'acme.refused', /--key-type/],
    ['badRevocationReason', 'acme.refused', /--reason/],
    ['badSignatureAlgorithm', 'acme.refused', /account key/],
    ['caa', 'acme.caa', /CAA record/],
    ['compound', 'acme.refused', /lines below/],
    ['connection', 'acme.challenge-failed', /lanacme doctor/],
    ['dns', 'acme.challenge-failed', /lanacme doctor/],
    ['externalAccountRequired', 'acme.external-account-required', /--eab-kid and --eab-hmac-key-file/],
    ['incorrectResponse', 'acme.challenge-failed', /CNAME/],
    ['invalidContact', 'acme.refused', /--email/],
    ['malformed', 'acme.refused', /--server/],
    ['orderNotReady', 'acme.order-failed', /new order/],
    ['rateLimited', 'acme.rate-limited', /wait/],
    ['rejectedIdentifier', 'acme.name-rejected', /leave it out/],
    ['serverInternal', 'acme.server-error', /next run/],
    ['tls', 'acme.challenge-failed', /lanacme doctor/],
    ['unauthorized', 'acme.refused', /--eab-kid.*deactivated/],
    ['unsupportedContact', 'acme.refused', /--email/],
    ['unsupportedIdentifier', 'acme.name-rejected', /leave this one out/],
    ['userActionRequired', 'acme.user-action-required', /page/],
    ['invalidProfile', 'acme.profile-not-offered', /--profile/],
    ['conflict', 'acme.order-failed', /next run/],
    ['agreementRequired', 'acme.terms-not-agreed', /--agree-tos/],
  ];
  it.each(rows)('%s is %s', (type, code, hint) => {
    const error = problemError(problem(type), context);
    expect(error.code).toBe(code);
    expect(error.hint).toMatch(hint);
    expect(error.message).toContain(`the order for a.lan.example: the words of the CA (${type})`);
  });

  const byStatus: readonly (readonly [string, number, ErrorCode])[] = [
    ['a type of tomorrow', 403, 'acme.refused'],
    ['a type of tomorrow', 404, 'acme.refused'],
    ['a type of tomorrow', 429, 'acme.rate-limited'],
    ['a type of tomorrow', 503, 'acme.server-error'],
  ];
  it.each(byStatus)('%s with status %i is %s', (type, status, code) => {
    expect(problemError(problem(type, { status }), context).code).toBe(code);
  });

  it('a type of somebody else is not taken for one of ACME', () => {
    const error = problemError({ ...problem('x'), type: 'caa' }, context);
    expect(error.code).toBe('acme.refused');
  });

  it('names the object, the CA and its words', () => {
    expect(problemError(problem('badCSR'), context).message).toBe(
      'ca.example refused the order for a.lan.example: the words of the CA (badCSR)',
    );
    expect(problemError(problem('serverInternal', { detail: '' }), context).message).toBe(
      'ca.example failed at the order for a.lan.example: serverInternal',
    );
  });

  it('has a line for each subproblem, under its name', () => {
    const subproblems = [
      problem('caa', { identifier: 'a.lan.example', detail: 'forbidden' }),
      problem('dns', { detail: 'no answer' }),
    ];
    const error = problemError(problem('compound', { subproblems }), context);
    expect(error.details).toEqual(['a.lan.example: forbidden (caa)', 'no answer (dns)']);
    expect(error.code).toBe('acme.refused');
  });

  it('of a compound problem means what all its parts mean, if they agree', () => {
    const subproblems = [problem('rejectedIdentifier'), problem('unsupportedIdentifier')];
    expect(problemError(problem('compound', { subproblems }), context).code).toBe('acme.name-rejected');
  });

  it('for CAA names the account that the record must allow', () => {
    const error = problemError(problem('caa'), { ...context, accountUrl: 'https://ca.example/acct/1' });
    expect(error.hint).toBe(
      'allow this CA and this account in the CAA record of the zone or of a zone above it: the account is accounturi=https://ca.example/acct/1',
    );
  });

  it('for an action of the user names the page', () => {
    const error = problemError(
      problem('userActionRequired', { instance: 'https://ca.example/terms' }),
      context,
    );
    expect(error.hint).toBe('open https://ca.example/terms, do what it asks, then run again');
  });

  it('for a rate limit waits, and prints a long pause text whole', () => {
    const detail = `Your account is temporarily prevented from requesting certificates. ${'x'.repeat(900)} https://ca.example/unpause?jwt=abc`;
    const retryAt = new Date('2026-11-22T13:00:00Z');
    const error = problemError(problem('rateLimited', { detail }), { ...context, retryAt });
    expect(error).toMatchObject({ outcome: 'wait', retryAt });
    expect(error.message).toContain(detail);
    expect(error.message).toMatch(/; try again at 2026-11-22T13:00:00Z or later$/);
  });

  it('for a rate limit without a Retry-After takes the time from the words of the CA, or an hour', () => {
    const told = 'too many certificates already issued, retry after 2026-11-24 08:00:00 UTC: see https://x';
    const untold = problem('rateLimited', { detail: 'later, please' });
    expect(problemError(problem('rateLimited', { detail: told }), context)).toMatchObject({
      outcome: 'wait',
      retryAt: new Date('2026-11-24T08:00:00Z'),
      message: expect.stringMatching(/; try again at 2026-11-24T08:00:00Z or later$/) as string,
    });
    expect(problemError(untold, context)).toMatchObject({
      outcome: 'wait',
      retryAt: new Date('2026-11-22T13:00:00Z'),
      message: expect.stringMatching(
        /; it names no time: try again at 2026-11-22T13:00:00Z, an hour from now$/,
      ) as string,
    });
  });

  it('waits for a server error only if the CA says how long', () => {
    expect(problemError(problem('serverInternal'), context)).toMatchObject({ outcome: 'failed' });
    const retryAt = new Date('2026-11-22T13:00:00Z');
    expect(problemError(problem('serverInternal'), { ...context, retryAt })).toMatchObject({
      outcome: 'wait',
      retryAt,
    });
    expect(problemError(problem('malformed'), { ...context, retryAt })).toMatchObject({ outcome: 'failed' });
  });

  it('shows foreign text without what a terminal obeys, cut to a length', () => {
    const error = problemError(
      problem('malformed', { detail: `\u001b[2Jboo\n${'y'.repeat(5000)}` }),
      context,
    );
    expect(error.message).not.toMatch(/[\u001b\n]/);
    expect(error.message.length).toBeLessThan(700);
  });
});

describe('validations that failed', () => {
  const authorization = (members: Partial<AcmeAuthorization> = {}): AcmeAuthorization => ({
    url: 'https://ca.example/authz/1',
    status: 'invalid',
    domain: 'a.lan.example' as DnsName,
    wildcard: false,
    challenges: [],
    ...members,
  });
  const failed = (error: AcmeProblem, members: Partial<AcmeAuthorization> = {}): AcmeAuthorization =>
    authorization({
      challenges: [{ type: 'dns-01', url: 'https://ca.example/c', status: 'invalid', error }],
      ...members,
    });

  it('have a line for each name and each subproblem, by name in whatever order the CA has them', () => {
    const subproblems = [problem('dns', { detail: 'SERVFAIL at one place' })];
    const error = challengeError(
      [failed(problem('dns'), { wildcard: true }), failed(problem('unauthorized', { subproblems }))],
      { ca: 'ca.example', now },
    );
    expect(error.code).toBe('acme.challenge-failed');
    expect(error.message).toBe('ca.example could not validate a.lan.example, *.a.lan.example');
    expect(error.details).toEqual([
      'a.lan.example: the words of the CA (unauthorized)',
      'a.lan.example: SERVFAIL at one place (dns)',
      '*.a.lan.example: the words of the CA (dns)',
    ]);
  });

  const codes: readonly (readonly [string, ErrorCode])[] = [
    ['unauthorized', 'acme.challenge-failed'],
    ['incorrectResponse', 'acme.challenge-failed'],
    ['malformed', 'acme.challenge-failed'],
    ['caa', 'acme.caa'],
    ['rateLimited', 'acme.rate-limited'],
    ['serverInternal', 'acme.server-error'],
  ];
  it.each(codes)('by %s are %s', (type, code) => {
    expect(challengeError([failed(problem(type))], { ca: 'ca.example', now }).code).toBe(code);
  });

  it('by a rate limit wait until the time in the words of the CA', () => {
    const detail = 'retry after 2026-11-22 12:30:00 UTC';
    expect(
      challengeError([failed(problem('rateLimited', { detail }))], { ca: 'ca.example', now }),
    ).toMatchObject({
      outcome: 'wait',
      retryAt: new Date('2026-11-22T12:30:00Z'),
      message: 'ca.example could not validate a.lan.example; try again at 2026-11-22T12:30:00Z or later',
    });
  });

  it('for CAA name the account', () => {
    const accountUrl = 'https://ca.example/acct/1';
    expect(challengeError([failed(problem('caa'))], { ca: 'ca.example', now, accountUrl }).hint).toContain(
      accountUrl,
    );
  });

  it('without a reason say what became of the authorization', () => {
    const error = challengeError([authorization({ status: 'expired' })], { ca: 'ca.example', now });
    expect(error).toMatchObject({
      code: 'acme.challenge-failed',
      details: ['a.lan.example: the authorization is expired'],
    });
  });
});

describe('a problem document', () => {
  it('is kept whole', () => {
    const identifier = { type: 'dns', value: 'a.lan.example' };
    expect(
      parseProblem({
        type: 't',
        detail: 'd',
        status: 403,
        instance: 'https://ca.example/i',
        subproblems: [{ type: 's', detail: 'e', identifier }],
        extra: 1,
      }),
    ).toEqual({
      type: 't',
      detail: 'd',
      status: 403,
      instance: 'https://ca.example/i',
      subproblems: [{ type: 's', detail: 'e', identifier: 'a.lan.example', subproblems: [] }],
    });
  });

  it.each([
    [null],
    ['text'],
    [[]],
    [{ type: 1, detail: {}, status: '403', subproblems: 'none', identifier: 'a' }],
  ])('of any shape (%j) is better than none', (json) => {
    expect(parseProblem(json)).toEqual({ type: 'about:blank', detail: '', subproblems: [] });
  });

  it('with a title only speaks by it', () => {
    expect(parseProblem({ title: 'Forbidden' }).detail).toBe('Forbidden');
  });

  it('takes the status of the answer over its own', () => {
    expect(problemOfAnswer(503, { type: 't', status: 200 }).status).toBe(503);
  });

  it('of a proxy is the beginning of its page', () => {
    expect(problemOfAnswer(502, '<html><h1>Bad\n gateway</h1></html>').detail).toBe(
      'it answered with status 502: Bad gateway',
    );
    expect(problemOfAnswer(502, '').detail).toBe('it answered with status 502');
  });
});
