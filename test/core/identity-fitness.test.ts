import { describe, expect, it } from 'vitest';
import { type IdentityFacts, identityWarnings, isFromPublicCa } from '../../src/core/identity-fitness.ts';

const clientAuth = '1.3.6.1.5.5.7.3.2';
const serverAuth = '1.3.6.1.5.5.7.3.1';
const good: IdentityFacts = {
  version: 3,
  isCa: false,
  subject: 'CN=nas.lan.example',
  issuer: 'O=Home\nCN=Home CA',
  signatureAlgorithm: '1.2.840.10045.4.3.2',
  signs: true,
  purposes: [clientAuth],
  policies: [],
  isLogged: false,
};

describe('a warning', () => {
  it('is not due for a certificate as AWS asks for it', () => {
    expect(identityWarnings(good, 'cert.pem')).toEqual([]);
    for (const purposes of [[serverAuth, clientAuth], ['2.5.29.37.0']]) {
      expect(identityWarnings({ ...good, purposes }, 'cert.pem')).toEqual([]);
    }
  });

  it.each<[string, Partial<IdentityFacts>, string, string]>([
    ['a CA', { isCa: true }, 'is that of a CA, which IAM Roles Anywhere takes for no identity', 'CA:FALSE'],
    [
      'no name',
      { subject: '' },
      'has an empty subject, which IAM Roles Anywhere does not take',
      'a common name',
    ],
    [
      'no digitalSignature',
      { signs: false },
      'has no digitalSignature in its key usage: IAM Roles Anywhere may refuse it (Insufficient certificate)',
      'keyUsage = critical,digitalSignature',
    ],
    [
      'another purpose',
      { purposes: [serverAuth] },
      'is not for clientAuth, without which IAM Roles Anywhere has refused certificates, as users report',
      'extendedKeyUsage = clientAuth',
    ],
    [
      'no purpose',
      { purposes: [] },
      'is not for clientAuth, without which IAM Roles Anywhere has refused certificates, as users report',
      'extendedKeyUsage = clientAuth',
    ],
    [
      'SHA-1, with RSA',
      { signatureAlgorithm: '1.2.840.113549.1.1.5' },
      'is signed with SHA-1 or MD5: IAM Roles Anywhere may refuse it (Insufficient certificate)',
      'SHA-256',
    ],
    [
      'SHA-1, with ECDSA',
      { signatureAlgorithm: '1.2.840.10045.4.1' },
      'is signed with SHA-1 or MD5: IAM Roles Anywhere may refuse it (Insufficient certificate)',
      'SHA-256',
    ],
    [
      'no extensions at all, of version 1',
      { version: 1, signs: false, purposes: [] },
      'is of an older version of X.509 than 3: IAM Roles Anywhere may refuse it (Insufficient certificate)',
      'with extensions',
    ],
  ])('is due for one with %s', (_title, change, what, hint) => {
    expect(identityWarnings({ ...good, ...change }, 'cert.pem')).toEqual([
      { message: `the certificate in cert.pem ${what}`, hint: expect.stringContaining(hint) as string },
    ]);
  });

  it('is due for each thing that is wrong', () => {
    expect(identityWarnings({ ...good, subject: '', signs: false }, 'cert.pem')).toHaveLength(2);
  });
});

describe('a public CA', () => {
  it.each<[string, Partial<IdentityFacts>]>([
    ['its timestamps of transparency logs', { isLogged: true }],
    ['the policy of domain validation', { policies: ['1.3.6.1.4.1.44947.1.1.1', '2.23.140.1.2.1'] }],
    ['the name of its intermediate', { issuer: "C=US\nO=Let's Encrypt\nCN=YR1" }],
    [
      'the name of its intermediate for tests',
      { issuer: "C=US\nO=(STAGING) Let's Encrypt\nCN=(STAGING) E1" },
    ],
    ['the policy of extended validation', { policies: ['2.23.140.1.1'] }],
  ])('is known by %s', (_title, change) => {
    expect(isFromPublicCa({ ...good, ...change })).toBe(true);
  });

  it.each<[string, Partial<IdentityFacts>]>([
    ['no policy', {}],
    ['a policy of its own', { policies: ['1.3.6.1.4.1.99999.1'] }],
    ["a name with Let's Encrypt in it", { issuer: "O=Home, not Let's Encrypt\nCN=O=Let's Encrypt" }],
    ['no name of its issuer', { issuer: '' }],
    ['any policy', { policies: ['2.5.29.32.0'] }],
    ['a policy that only begins like theirs', { policies: ['2.23.140.1.2.11', '2.23.140.1'] }],
  ])('is not suspected for %s', (_title, change) => {
    expect(isFromPublicCa({ ...good, ...change })).toBe(false);
  });
});
