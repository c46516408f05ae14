import { describe, expect, it } from 'vitest';
import type { InstalledVersion, RenewalSuggestion } from '../../src/core/certificate-record.ts';
import type { Domain } from '../../src/core/names.ts';
import { exemption, replacesOf, type Successor } from '../../src/core/replaces.ts';

const domains = ['a.lan.example', 'b.lan.example'] as readonly string[] as readonly Domain[];
const others = ['c.lan.example'] as readonly string[] as readonly Domain[];
const server = 'https://ca.example/directory';
const accountUrl = 'https://ca.example/account/1';
const installed: InstalledVersion = {
  version: '0002',
  at: '2026-01-01T00:00:00Z',
  spec: { domains, server, keyType: 'ec256' },
  account: accountUrl,
  certId: 'a.b',
};
const without = (member: 'certId' | 'account'): InstalledVersion =>
  Object.fromEntries(
    Object.entries(installed).filter(([name]) => name !== member),
  ) as unknown as InstalledVersion;
const [withoutId, withoutAccount] = [without('certId'), without('account')];
const wanted: Successor = { server, accountUrl, domains };
const failed = { code: 'deploy.not-served', message: 'no', hint: 'look', at: '2026-01-02T00:00:00Z' };
const setAside = {
  installed: { ...installed, version: '0003', certId: 'a.c' },
  backoff: { failures: 1, until: '2026-01-02T00:00:00Z' },
  error: failed,
};

describe('an order replaces the certificate in place', () => {
  it.each<[string, Parameters<typeof replacesOf>[0], Partial<Successor>, string]>([
    ['if CA, account and a name are the same', { installed }, {}, 'a.b'],
    ['if one of the names is left', { installed }, { domains: [...domains.slice(1), ...others] }, 'a.b'],
    ['if the account is not known yet', { installed }, { accountUrl: undefined } as object, 'a.b'],
    ['or the newer one that is set aside: that has replaced it', { installed, setAside }, {}, 'a.c'],
    ['if the version that was gone back from is older', { installed, held: ['0001'] }, {}, 'a.b'],
  ])('%s', (_title, record, change, certId) => {
    expect(replacesOf(record, { ...wanted, ...change })).toEqual({ kind: 'certificate', certId });
  });

  it.each<[Parameters<typeof replacesOf>[0], Partial<Successor>, string]>([
    [undefined, {}, 'there is no certificate to replace'],
    [{}, {}, 'there is no certificate to replace'],
    [{ installed: withoutId }, {}, 'it is not known by which id the CA knows the certificate in place'],
    [{ installed }, { server: 'https://other.example' }, 'the certificate in place is of another CA'],
    [{ installed: withoutAccount }, {}, 'the certificate in place was ordered by another account'],
    [
      { installed },
      { accountUrl: 'https://ca.example/account/2' },
      'the certificate in place was ordered by another account',
    ],
    [{ installed }, { domains: others }, 'the certificate in place has none of the names'],
    [{ installed, held: ['0003'] }, {}, 'version 0003, which was gone back from, has replaced it already'],
  ])('not otherwise (%#), and says why', (record, change, reason) => {
    expect(replacesOf(record, { ...wanted, ...change })).toEqual({ kind: 'none', reason });
  });
});

describe('a renewal is exempt from rate limits', () => {
  const ari: RenewalSuggestion = {
    certId: 'a.b',
    window: { start: '2026-03-01T00:00:00Z', end: '2026-03-02T00:00:00Z' },
    renewAt: '2026-03-01T06:00:00Z',
    askedAt: '2026-02-01T00:00:00Z',
    askAgainAt: '2026-02-01T06:00:00Z',
  };

  it.each<[string, object, string, boolean, RegExp]>([
    ['from the start of the window on', { ari }, '2026-03-01T00:00:00Z', true, /within the window/],
    ['not before', { ari }, '2026-02-28T23:59:59Z', false, /^it comes before .+ 2026-03-01T00:00:00Z on$/],
    ['not from its end on', { ari }, '2026-03-02T00:00:00Z', false, /ended at 2026-03-02T00:00:00Z$/],
    ['not without a window', {}, '2026-03-01T06:00:00Z', false, /no window yet$/],
    [
      'not in the window of another',
      { ari: { ...ari, certId: 'x.y' } },
      '2026-03-01T06:00:00Z',
      false,
      /no window/,
    ],
    [
      'not if nothing is replaced',
      { ari, installed: withoutId },
      '2026-03-01T06:00:00Z',
      false,
      /by which id/,
    ],
  ])('%s', (_title, change, at, exempt, reason) => {
    expect(exemption({ installed, ...change }, wanted, new Date(at))).toEqual({
      exempt,
      reason: expect.stringMatching(reason) as string,
    });
  });
});
