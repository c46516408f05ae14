import { X509Certificate } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { certificateLine } from '../../src/core/roles-anywhere-certificate.ts';
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

  it('go from the leaf upwards, whatever the order of the file; what belongs to nobody comes last', async () => {
    const above = certificate(intermediate);
    const below = await intermediate.issueCa({ commonName: 'below' });
    const lowest = new X509Certificate((await below.issueDevice()).certPem);
    const stranger = certificate(await (await makeCa({ commonName: 'stranger' })).issueCa());
    expect(certificateLine(lowest, [stranger, above, certificate(below)], 'chain.pem').chain).toEqual(
      [certificate(below), above, stranger].map(base64),
    );
  });

  it('may have the name of their issuer, as those of a CA that changed its key', async () => {
    const rollover = certificate(await root.issueCa({ commonName: 'lanacme test CA' }));
    expect(rollover.subject).toBe(rollover.issuer);
    expect(certificateLine(leaf, [rollover], 'chain.pem').chain).toEqual([base64(rollover)]);
  });

  it('are five intermediates at most', async () => {
    const many = await Promise.all(Array.from({ length: 6 }, async () => certificate(await root.issueCa())));
    expect(certificateLine(leaf, many.slice(1), 'chain.pem').chain).toHaveLength(5);
    expect(() => certificateLine(leaf, many, 'chain.pem')).toThrow(
      'chain.pem holds 6 intermediate certificates, and IAM Roles Anywhere takes 5',
    );
  });
});
