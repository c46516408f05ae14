import { describe, expect, it } from 'vitest';
import type { CertificateSpec } from '../../src/core/certificate-record.ts';
import { parseCertificateName, parseDomain } from '../../src/core/names.ts';
import { isResumable, type PendingOrder, parsePendingOrder } from '../../src/core/pending-order.ts';

const name = parseCertificateName('lan.example');
const spec: CertificateSpec = {
  domains: [parseDomain('*.lan.example'), parseDomain('lan.example')],
  server: 'https://ca.example/dir',
  keyType: 'ec256',
  profile: 'shortlived',
};
const pending: PendingOrder = {
  format: 1,
  certificate: name,
  url: 'https://ca.example/order/1',
  account: 'https://ca.example/account/1',
  spec,
  createdAt: '2026-11-22T12:00:00Z',
};
const file = 'orders/lan.example.json';

describe('a pending order', () => {
  it('is read as it was written', () => {
    expect(parsePendingOrder(JSON.parse(JSON.stringify(pending)), name, file)).toEqual(pending);
  });

  it.each([
    ['another certificate', { certificate: 'other' }, 'state.broken', 'certificate is not lan.example'],
    ['a plain http URL', { url: 'http://ca.example/order/1' }, 'state.broken', 'url is not an https URL'],
    ['no account', { account: undefined }, 'state.broken', 'account is missing'],
    ['a member that nobody knows', { extra: 1 }, 'state.broken', 'extra is not a member that lanacme knows'],
    ['a newer format', { format: 2 }, 'state.newer-version', 'has format 2'],
  ])('is refused with %s', (_, change, code, message) => {
    const json: unknown = JSON.parse(JSON.stringify({ ...pending, ...change }));
    expect(() => parsePendingOrder(json, name, file)).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(message) as string }),
    );
  });

  it('is gone on with when it leads to what is wanted, in whatever order its names stand', () => {
    const wanted = { ...spec, domains: [...spec.domains].reverse(), preferredChain: 'Root X1' };
    expect(isResumable(pending, { spec: wanted, account: pending.account })).toBe(true);
  });

  it.each([
    ['names', { domains: [parseDomain('lan.example')] }],
    ['server', { server: 'https://other.example/dir' }],
    ['key type', { keyType: 'rsa2048' as const }],
    ['profile', { profile: 'classic' }],
  ])('is left alone when the %s differ', (_, change) => {
    expect(isResumable(pending, { spec: { ...spec, ...change }, account: pending.account })).toBe(false);
  });

  it('is left alone when another account ordered', () => {
    expect(isResumable(pending, { spec, account: 'https://ca.example/account/2' })).toBe(false);
  });
});
