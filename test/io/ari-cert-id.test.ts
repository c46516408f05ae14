import { webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { describe, expect, it } from 'vitest';
import type { Domain } from '../../src/core/names.ts';
import { ariCertId } from '../../src/io/ari-cert-id.ts';
import { makeKeys } from '../../src/io/keys.ts';
import { makeAcmeIssuer } from '../fakes/acme-issuer.ts';

/** The certificate of RFC 9773, appendix A. */
const ofTheRfc = `-----BEGIN CERTIFICATE-----
MIIBQzCB66ADAgECAgUAh2VDITAKBggqhkjOPQQDAjAVMRMwEQYDVQQDEwpFeGFt
cGxlIENBMCIYDzAwMDEwMTAxMDAwMDAwWhgPMDAwMTAxMDEwMDAwMDBaMBYxFDAS
BgNVBAMTC2V4YW1wbGUuY29tMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEeBZu
7cbpAYNXZLbbh8rNIzuOoqOOtmxA1v7cRm//AwyMwWxyHz4zfwmBhcSrf47NUAFf
qzLQ2PPQxdTXREYEnKMjMCEwHwYDVR0jBBgwFoAUaYhba4dGQEHhs3uEe6CuLN4B
yNQwCgYIKoZIzj0EAwIDRwAwRAIge09+S5TZAlw5tgtiVvuERV6cT4mfutXIlwTb
+FYN/8oCIClDsqBklhB9KAelFiYt9+6FDj3z4KGVelYM5MdsO3pK
-----END CERTIFICATE-----
`;

describe('the id of a certificate', () => {
  it('is read from the example of RFC 9773', () => {
    expect(ariCertId(ofTheRfc)).toBe('aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE');
  });

  it('is that of the first certificate of a chain', async () => {
    const keys = makeKeys();
    const issuer = await makeAcmeIssuer();
    const domains = ['a.lan.example'] as readonly string[] as readonly Domain[];
    const csr = await keys.certificateRequest(await keys.generate('ec256'), domains);
    const { chains, ariId } = await issuer.issue(await issuer.read(csr), new Date(0), new Date());
    expect(ariCertId(chains[0] ?? '')).toBe(ariId);
  });

  it.each<[string, readonly x509.Extension[]]>([
    ['no extension', []],
    ['no word of its issuer', [new x509.BasicConstraintsExtension(true)]],
    ["its issuer's name alone", [new x509.Extension('2.5.29.35', false, Buffer.from('3000', 'hex'))]],
    ['nonsense in place of its issuer', [new x509.Extension('2.5.29.35', false, Buffer.from('0400', 'hex'))]],
    ['what is no DER there', [new x509.Extension('2.5.29.35', false, Buffer.from('30ff', 'hex'))]],
  ])('is none of a certificate with %s', async (_, extensions) => {
    const keys = await webcrypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, [
      'sign',
      'verify',
    ]);
    const certificate = await x509.X509CertificateGenerator.createSelfSigned({
      keys,
      extensions: [...extensions],
    });
    expect(ariCertId(certificate.toString('pem'))).toBeUndefined();
  });
});
