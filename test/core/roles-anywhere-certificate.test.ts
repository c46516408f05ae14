import { X509Certificate } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { beforeAll, describe, expect, it } from 'vitest';
import { certificateLine, isFromPublicCa, unfitness } from '../../src/core/roles-anywhere-certificate.ts';
import { makeCa, type TestCa } from '../world/pki.ts';

let root: TestCa;
let intermediate: TestCa;
let leaf: X509Certificate;
beforeAll(async () => {
  root = await makeCa();
  intermediate = await root.issueCa();
  leaf = new X509Certificate((await intermediate.issueDevice()).certPem);
});

const certificate = ({ certPem }: { readonly certPem: string }): X509Certificate =>
  new X509Certificate(certPem);
const base64 = (of: X509Certificate): string => of.raw.toString('base64');

describe('the certificates that are sent', () => {
  it('are the leaf and each intermediate once, and no root', () => {
    const [above, top] = [certificate(intermediate), certificate(root)];
    expect(certificateLine(leaf, [leaf, above, above, top], 'chain.pem')).toEqual({
      leaf: base64(leaf),
      chain: [base64(above)],
    });
  });

  it('are five intermediates at most', async () => {
    const many = await Promise.all(Array.from({ length: 6 }, async () => certificate(await root.issueCa())));
    expect(certificateLine(leaf, many.slice(1), 'chain.pem').chain).toHaveLength(5);
    expect(() => certificateLine(leaf, many, 'chain.pem')).toThrow(
      'chain.pem holds 6 intermediate certificates, and IAM Roles Anywhere takes 5',
    );
  });
});

describe('a certificate that AWS will not take', () => {
  it('is one of a CA', () => {
    expect(unfitness(certificate(intermediate), 'cert.pem')).toContain('is that of a CA');
  });

  it('is one with an empty subject', async () => {
    const nameless = certificate(await root.issueDevice({ subject: [] }));
    expect(unfitness(nameless, 'cert.pem')).toBe(
      'the certificate in cert.pem has an empty subject, which IAM Roles Anywhere does not take',
    );
  });

  it('is not an ordinary one', () => {
    expect(unfitness(leaf, 'cert.pem')).toBeUndefined();
  });
});

describe('a certificate of a public CA', () => {
  const policy = (id: string) => new x509.CertificatePolicyExtension([id]);
  it.each([
    [
      'has timestamps of transparency logs',
      new x509.Extension('1.3.6.1.4.1.11129.2.4.2', false, Buffer.from('0400', 'hex')),
    ],
    ['has the policy of domain validation', policy('2.23.140.1.2.1')],
    ['has the policy of extended validation', policy('2.23.140.1.1')],
  ])('%s', async (_title, extension) => {
    expect(isFromPublicCa(certificate(await root.issueDevice({ extensions: [extension] })))).toBe(true);
  });

  it('is none of a private CA', async () => {
    expect(isFromPublicCa(leaf)).toBe(false);
    const own = await root.issueDevice({ extensions: [policy('1.3.6.1.4.1.99999.1')] });
    expect(isFromPublicCa(certificate(own))).toBe(false);
  });
});
