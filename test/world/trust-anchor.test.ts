import * as x509 from '@peculiar/x509';
import { beforeAll, expect, test } from 'vitest';
import { type DeviceCertificateRequest, makeCa, type TestCa } from './pki.ts';
import { makeTrustAnchor } from './trust-anchor.ts';

let ca: TestCa;
beforeAll(async () => {
  ca = await makeCa();
});

const isCa = new x509.BasicConstraintsExtension(true, undefined, true);
const signsCertificates = new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true);

test('a trust anchor holds one CA, or two while one follows the other', async () => {
  const anchor = makeTrustAnchor('arn', [ca.certPem]);
  const next = await makeCa();
  anchor.certificates = [ca.certPem, next.certPem];
  expect(anchor.certificates).toEqual([ca.certPem, next.certPem]);
});

test.for<[string, DeviceCertificateRequest, string]>([
  ['is no CA', { extensions: [signsCertificates] }, 'Incorrect basic constraints for CA certificate'],
  ['may not sign certificates', { extensions: [isCa] }, 'Insufficient CA certificate'],
  [
    'is signed with SHA-1',
    { extensions: [isCa, signsCertificates], hash: 'SHA-1' },
    'Insufficient CA certificate',
  ],
])('a certificate that %s is refused', async ([, about, words]) => {
  const { certPem } = await ca.issueDevice(about);
  expect(() => makeTrustAnchor('arn', [certPem])).toThrow(words);
  const anchor = makeTrustAnchor('arn', [ca.certPem]);
  expect(() => {
    anchor.certificates = [certPem];
  }).toThrow(words);
});

test('no certificate is too few, and three are too many', () => {
  for (const count of [0, 3]) {
    const certificates = Array.from({ length: count }, () => ca.certPem);
    expect(() => makeTrustAnchor('arn', certificates)).toThrow('one or two certificates');
  }
});
