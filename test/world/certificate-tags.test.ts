import { X509Certificate } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { beforeAll, describe, expect, test } from 'vitest';
import { sourceIdentityOf, tagsOf } from './certificate-tags.ts';
import { type DeviceCertificateRequest, makeCa, type TestCa } from './pki.ts';

let ca: TestCa;
beforeAll(async () => {
  ca = await makeCa();
});

const certificateOf = async (about: DeviceCertificateRequest): Promise<X509Certificate> =>
  new X509Certificate((await ca.issueDevice(about)).certPem);

describe('the source identity', () => {
  test.for([
    ['of 61 characters', 'n'.repeat(61), `CN=${'n'.repeat(61)}`],
    ['of 62 characters', 'n'.repeat(62), 'n'.repeat(62)],
    ['of 64 characters', 'n'.repeat(64), 'n'.repeat(64)],
  ] as const)(
    'of a common name %s is it, with CN= as far as STS has room',
    async ([, commonName, identity]) => {
      expect(sourceIdentityOf(await certificateOf({ commonName }))).toBe(identity);
    },
  );

  test('of a certificate without a common name is its serial, in whole bytes', async () => {
    const about = { subject: [{ O: ['Home'] }], serialNumber: '0ABC' };
    expect(sourceIdentityOf(await certificateOf(about))).toBe('ID=0abc');
  });
});

test('of the alternative names only the first of each kind is a tag', async () => {
  const names = new x509.SubjectAlternativeNameExtension([
    { type: 'dn', value: 'CN=first, O=Home' },
    { type: 'dn', value: 'CN=second' },
    { type: 'dns', value: 'nas.lan.example' },
    { type: 'dns', value: 'second.lan.example' },
    { type: 'email', value: 'nas@lan.example' },
    { type: 'url', value: 'urn:nas' },
    { type: 'url', value: 'urn:second' },
  ]);
  expect(tagsOf(await certificateOf({ commonName: 'nas', extensions: [names] }))).toEqual({
    'x509Subject/CN': 'nas',
    'x509Issuer/CN': 'lanacme test CA',
    'x509SAN/Name/CN': 'first',
    'x509SAN/Name/O': 'Home',
    'x509SAN/DNS': 'nas.lan.example',
    'x509SAN/URI': 'urn:nas',
  });
});
