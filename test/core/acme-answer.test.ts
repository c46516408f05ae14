import { describe, expect, it } from 'vitest';
import { parseAuthorization, parseOrder } from '../../src/core/acme-answer.ts';

// Broken answers, member by member: test/io/acme-server.test.ts.

const url = 'https://ca.example/1';

describe('an order', () => {
  it('is read whole', () => {
    const json = {
      status: 'valid',
      expires: '2026-11-29T12:00:00Z',
      identifiers: [
        { type: 'dns', value: '*.lan.example' },
        { type: 'dns', value: 'nas.lan.example' },
        { type: 'dns', value: 'LAN.example' },
      ],
      authorizations: ['https://ca.example/authz/1', 'https://ca.example/authz/2'],
      finalize: 'https://ca.example/finalize/1',
      certificate: 'https://ca.example/cert/1',
      profile: 'tlsserver',
      replaces: 'ignored.here',
    };
    expect(parseOrder(json, url)).toEqual({
      url,
      status: 'valid',
      expires: new Date('2026-11-29T12:00:00Z'),
      domains: ['lan.example', '*.lan.example', 'nas.lan.example'],
      authorizationUrls: json.authorizations,
      finalizeUrl: json.finalize,
      certificateUrl: json.certificate,
      profile: 'tlsserver',
    });
  });

  it.each([[null], ['text'], [[]], [undefined], [7]])('is not %j', (json) => {
    expect(() => parseOrder(json, url)).toThrow(
      'bad answer of the CA: the order https://ca.example/1 is not an object',
    );
  });
});

describe('an authorization', () => {
  const challenge = { type: 'dns-01', url: 'https://ca.example/c', status: 'pending', token: 'a_-9' };
  const json = {
    status: 'pending',
    identifier: { type: 'dns', value: 'lan.example' },
    challenges: [challenge],
  };

  it('is read whole', () => {
    expect(parseAuthorization(json, url)).toEqual({
      url,
      status: 'pending',
      domain: 'lan.example',
      wildcard: false,
      challenges: [challenge],
    });
  });

  it.each([
    ['by its flag', { ...json, wildcard: true }],
    ['by its name, as some CAs write it', { ...json, identifier: { type: 'dns', value: '*.lan.example' } }],
  ])('for a wildcard is told %s, and has the bare name', (_, wildcard) => {
    expect(parseAuthorization(wildcard, url)).toMatchObject({ domain: 'lan.example', wildcard: true });
  });

  it('keeps what went wrong with a challenge', () => {
    const error = { type: 'urn:ietf:params:acme:error:dns', detail: 'NXDOMAIN' };
    const failed = { ...json, status: 'invalid', challenges: [{ ...challenge, status: 'invalid', error }] };
    expect(parseAuthorization(failed, url).challenges[0]?.error).toEqual({ ...error, subproblems: [] });
  });
});
