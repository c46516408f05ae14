import { X509Certificate } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { beforeAll, describe, expect, it } from 'vitest';
import type { IdentityFacts } from '../../src/core/identity-fitness.ts';
import { identityFacts } from '../../src/io/identity-facts.ts';
import { type DeviceCertificateRequest, makeCa, type TestCa } from '../world/pki.ts';

let ca: TestCa;
beforeAll(async () => {
  ca = await makeCa();
});

const factsOf = async (about: DeviceCertificateRequest): Promise<IdentityFacts> =>
  identityFacts(new X509Certificate((await ca.issueDevice(about)).certPem));

/** Made by `openssl x509 -req` without extensions. */
const ofVersion1 = `-----BEGIN CERTIFICATE-----
MIIBFjCBvQIUfydnzOUiiWc0Q+qVEGNMvA6RswQwCgYIKoZIzj0EAwIwDjEMMAoG
A1UEAwwDbmFzMB4XDTI2MTEyMzA2MjAwNloXDTI2MTEyNjA2MjAwNlowDjEMMAoG
A1UEAwwDbmFzMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEPXsujbr1RMw3cROr
ptZ8ev5X89DNRN8Q/5Bga/Tq3PhromEJFZ4D6hNmNuZRfT2CesIrL9VgGUB7MNs2
COl2hDAKBggqhkjOPQQDAgNIADBFAiBoVogB2gReakjfyZtJaQo9nA619wptmwMp
n9II32kj2QIhAOb+CPOlZAWWtgQFEGmjlEMBF3layVpQk1hTF4VYxAit
-----END CERTIFICATE-----
`;

describe('what a certificate says of itself', () => {
  it('is that of an ordinary device', async () => {
    expect(await factsOf({ commonName: 'nas.lan.example' })).toEqual({
      version: 3,
      isCa: false,
      subject: 'CN=nas.lan.example',
      issuer: 'CN=lanacme test CA',
      signatureAlgorithm: '1.2.840.10045.4.3.2',
      signs: true,
      purposes: ['1.3.6.1.5.5.7.3.2'],
      policies: [],
      isLogged: false,
    });
  });

  it('is little without extensions', () => {
    expect(identityFacts(new X509Certificate(ofVersion1))).toMatchObject({
      version: 1,
      signs: false,
      purposes: [],
      policies: [],
      isLogged: false,
    });
  });

  it.each<[string, DeviceCertificateRequest, Partial<IdentityFacts>]>([
    ['no name', { subject: [] }, { subject: '' }],
    ['SHA-1', { hash: 'SHA-1' }, { signatureAlgorithm: '1.2.840.10045.4.1' }],
    ['a CA', { extensions: [new x509.BasicConstraintsExtension(true)] }, { isCa: true, signs: false }],
    [
      'the last bit of the key usage alone',
      { extensions: [new x509.KeyUsagesExtension(x509.KeyUsageFlags.decipherOnly)] },
      { signs: false },
    ],
    [
      'digitalSignature among others, critical',
      {
        extensions: [
          new x509.KeyUsagesExtension(
            x509.KeyUsageFlags.digitalSignature | x509.KeyUsageFlags.keyEncipherment,
            true,
          ),
        ],
      },
      { signs: true },
    ],
    [
      'two policies',
      { extensions: [new x509.CertificatePolicyExtension(['2.23.140.1.2.1', '1.2.3.4'])] },
      { policies: ['2.23.140.1.2.1', '1.2.3.4'] },
    ],
    [
      'timestamps of logs',
      { extensions: [new x509.Extension('1.3.6.1.4.1.11129.2.4.2', false, Buffer.from('0400', 'hex'))] },
      { isLogged: true },
    ],
    [
      'nonsense in its extensions',
      {
        extensions: [
          new x509.Extension('2.5.29.32', false, Buffer.from('30ff', 'hex')),
          new x509.Extension('1.3.6.1.4.1.11129.2.4.2', false, Buffer.from('30ff', 'hex')),
        ],
      },
      { policies: [], isLogged: false },
    ],
  ])('tells of %s', async (_title, about, facts) => {
    expect(await factsOf(about)).toMatchObject(facts);
  });
});
