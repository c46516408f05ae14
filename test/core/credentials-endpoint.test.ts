import { describe, expect, test } from 'vitest';
import {
  credentialsAnswer,
  type EndpointRequest,
  failureAnswer,
  refusedRequest,
} from '../../src/core/credentials-endpoint.ts';
import { LanacmeError } from '../../src/errors.ts';

const token = 'a-token-of-some-length';
const good: EndpointRequest = {
  method: 'GET',
  target: '/credentials',
  hosts: ['127.0.0.1:9912'],
  authorizations: [token],
  hasBody: false,
};

const refused: readonly (readonly [string, Partial<EndpointRequest>, number])[] = [
  ['no token', { authorizations: [] }, 401],
  ['an empty token', { authorizations: [''] }, 401],
  ['the start of the token', { authorizations: [token.slice(0, -1)] }, 401],
  ['more than the token', { authorizations: [`${token}a`] }, 401],
  ['the token among others', { authorizations: [token, 'other'] }, 401],
  ['no token at a path that is not there', { authorizations: [], target: '/x' }, 401],
  ['no token in a POST', { authorizations: [], method: 'POST', hasBody: true }, 401],
  ['the name of somebody else (DNS rebinding)', { hosts: ['evil.example:9912'] }, 403],
  ['a name that begins like ours', { hosts: ['127.0.0.1.evil.example'] }, 403],
  ['a name that ends like ours', { hosts: ['evil.localhost'] }, 403],
  ['user information before our name', { hosts: ['x@127.0.0.1'] }, 403],
  ['the address of every interface', { hosts: ['0.0.0.0:9912'] }, 403],
  ['no host', { hosts: [] }, 403],
  ['two hosts', { hosts: ['127.0.0.1', 'evil.example'] }, 403],
  ['the path of IMDS', { target: '/latest/meta-data/iam/security-credentials/' }, 404],
  ['the path of a token of IMDSv2', { target: '/latest/api/token', method: 'PUT' }, 404],
  ['a query', { target: '/credentials?x=1' }, 404],
  ['the URL of another server', { target: 'http://evil.example/credentials' }, 404],
  ['HEAD', { method: 'HEAD' }, 405],
  ['POST', { method: 'POST' }, 405],
  ['a body', { hasBody: true }, 400],
];

describe('credentials are refused to a request with', () => {
  test.each(refused)('%s', (_what, change, status) => {
    const answer = refusedRequest({ ...good, ...change }, token);
    expect(answer?.status).toBe(status);
    expect(Object.keys(JSON.parse(answer?.body ?? '') as object)).toEqual(['code', 'message']);
    expect(answer?.body).not.toContain(token);
  });
});

describe('credentials are given to a request with', () => {
  test.each([
    ['the token as it stands in the file', {}],
    ['the token as a bearer token', { authorizations: [`Bearer ${token}`] }],
    ['::1 as its host', { hosts: ['[::1]:9912'] }],
    ['localhost', { hosts: ['LocalHost'] }],
    ['no path', { target: '/' }],
  ])('%s', (_what, change) => {
    expect(refusedRequest({ ...good, ...change }, token)).toBeUndefined();
  });
});

test('an empty token of ours lets nobody in', () => {
  expect(refusedRequest({ ...good, authorizations: [''] }, '')?.status).toBe(401);
});

test('the answer has the members that the SDKs read, the end in whole seconds, and is kept by nobody', () => {
  const session = {
    accessKeyId: 'ASIAEXAMPLE',
    secretAccessKey: 'secret',
    sessionToken: 'session',
    expiration: new Date('2026-11-23T06:00:00.250Z'),
  };
  const answer = credentialsAnswer(session, 'arn:aws:iam::123456789012:role/host');
  expect(answer.status).toBe(200);
  expect(answer.headers['cache-control']).toBe('no-store');
  expect(JSON.parse(answer.body)).toEqual({
    AccessKeyId: 'ASIAEXAMPLE',
    SecretAccessKey: 'secret',
    Token: 'session',
    Expiration: '2026-11-23T06:00:00Z',
    RoleArn: 'arn:aws:iam::123456789012:role/host',
  });
  expect(JSON.parse(credentialsAnswer(session).body)).not.toHaveProperty('RoleArn');
});

test('a failure upstream is ours: 502, or 503 where waiting helps, with its code and sentence', () => {
  const failure = (outcome: 'failed' | 'wait'): LanacmeError =>
    new LanacmeError('credentials.unreachable', 'nobody answers', { hint: 'wait', outcome });
  expect(failureAnswer(failure('failed')).status).toBe(502);
  expect(failureAnswer(failure('wait')).status).toBe(503);
  expect(JSON.parse(failureAnswer(failure('failed')).body)).toEqual({
    code: 'credentials.unreachable',
    message: 'nobody answers',
  });
});
