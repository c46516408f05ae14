import { webcrypto } from 'node:crypto';
import { X509CertificateGenerator } from '@peculiar/x509';
import { beforeAll, describe, expect, it } from 'vitest';
import { certificateFacts } from '../../src/core/certificate-facts.ts';
import { checkIssued } from '../../src/core/issued-check.ts';
import type { Domain } from '../../src/core/names.ts';
import { LanacmeError } from '../../src/errors.ts';
import { type Issued, makeCa, type TestCa } from '../world/pki.ts';

const now = new Date('2026-11-22T12:00:00Z');
const at = (text: string): Date => new Date(text);
const good = { notBefore: at('2026-11-22T11:00:00Z'), notAfter: at('2027-01-06T11:00:00Z') };
const caValidity = { notBefore: at('2026-01-01T00:00:00Z'), notAfter: at('2030-01-01T00:00:00Z') };
const domains = ['lan.example', '*.lan.example'] as readonly string[] as readonly Domain[];

let root: TestCa;
let upper: TestCa;
let lower: TestCa;
let leaf: Issued;

beforeAll(async () => {
  root = await makeCa({ commonName: 'Root X', validity: caValidity });
  upper = await root.issueCa({ commonName: 'Upper X', validity: caValidity });
  lower = await upper.issueCa({ commonName: 'YE1', validity: caValidity });
  leaf = await lower.issueServer({ names: domains, validity: good });
});

function chain(...parts: readonly { readonly certPem: string }[]): string {
  return parts.map(({ certPem }) => certPem).join('');
}

/** Why a chain is refused, without the beginning that all of these sentences share. */
function refusal(pem: string, expected: Partial<Parameters<typeof checkIssued>[1]> = {}): string {
  try {
    checkIssued(pem, { domains, keyPem: leaf.keyPem, now, ...expected });
  } catch (error) {
    if (error instanceof LanacmeError && error.code === 'certificate.unusable') return error.message;
    throw error;
  }
  throw new Error('the chain was not refused');
}

const unusable = 'the CA issued a certificate that cannot be used:';

describe('an issued certificate is taken apart', () => {
  it('into leaf, chain and both, with its facts', () => {
    const pem = chain(leaf, lower, upper);
    const issued = checkIssued(pem, { domains, keyPem: leaf.keyPem, now });
    expect(issued.cert).toBe(leaf.certPem);
    expect(issued.chain).toBe(chain(lower, upper));
    expect(issued.fullchain).toBe(pem);
    expect(issued.facts).toMatchObject({ ...good, issuer: 'YE1', domains });
    expect(issued.facts.serial).toMatch(/^[0-9a-f]+$/);
  });

  it('whatever its line ends, and whatever stands between the blocks', () => {
    const pem = `subject=CN\r\n${chain(leaf, lower).replaceAll('\n', '\r\n')}\r\nthe end`;
    expect(checkIssued(pem, { domains, keyPem: leaf.keyPem, now }).fullchain).toBe(chain(leaf, lower));
  });

  it('also when it comes alone, signed by a root', async () => {
    const alone = await root.issueServer({ names: domains, validity: good });
    const issued = checkIssued(alone.certPem, { domains, keyPem: alone.keyPem, now });
    expect(issued).toMatchObject({ chain: '', fullchain: alone.certPem });
  });

  it.each(['ec384', 'rsa2048'] as const)('with a key of type %s', async (keyType) => {
    const other = await lower.issueServer({ names: domains, validity: good, keyType });
    expect(() => checkIssued(chain(other, lower), { domains, keyPem: other.keyPem, now })).not.toThrow();
  });

  it('also when the clock of the CA is an hour ahead', () => {
    const early = { domains, keyPem: leaf.keyPem, now: at('2026-11-22T10:00:00Z') };
    expect(() => checkIssued(chain(leaf, lower), early)).not.toThrow();
  });
});

describe('an issued certificate is refused', () => {
  it('when there is none', () => {
    expect(refusal('<html></html>')).toBe(`${unusable} the answer holds no PEM certificate`);
  });

  it('when it is none', () => {
    const pem = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';
    expect(refusal(pem)).toBe('a certificate cannot be read: it is not a PEM certificate');
  });

  it('for another key, of the same kind or not', async () => {
    const other = await lower.issueServer({ names: domains, validity: good });
    const rsa = await lower.issueServer({ names: domains, validity: good, keyType: 'rsa2048' });
    for (const { keyPem } of [other, rsa]) {
      expect(refusal(chain(leaf, lower), { keyPem })).toBe(`${unusable} it is for another key than ours`);
    }
  });

  it('without a name that was ordered', () => {
    const more = [...domains, 'b.lan.example' as Domain];
    expect(refusal(chain(leaf, lower), { domains: more })).toBe(
      `${unusable} it lacks the name b.lan.example`,
    );
  });

  it('with a name that was not ordered', () => {
    expect(refusal(chain(leaf, lower), { domains: domains.slice(0, 1) })).toBe(
      `${unusable} it has a name that was not ordered: *.lan.example`,
    );
  });

  it('when it begins more than an hour from now', () => {
    expect(refusal(chain(leaf, lower), { now: at('2026-11-22T09:59:59Z') })).toBe(
      `${unusable} it is valid only from 2026-11-22T11:00:00.000Z, and it is 2026-11-22T09:59:59.000Z here`,
    );
  });

  it('when it has ended', () => {
    expect(refusal(chain(leaf, lower), { now: good.notAfter })).toBe(
      `${unusable} it ended at 2027-01-06T11:00:00.000Z, and it is 2027-01-06T11:00:00.000Z here`,
    );
  });

  it('when it is the certificate of a CA', () => {
    // Its names are looked at first, and a CA has none of ours.
    expect(refusal(chain(lower, upper), { domains: [], keyPem: lower.keyPem })).toBe(
      `${unusable} it is the certificate of a CA, not of a server`,
    );
  });

  it('when the chain is in another order, or of another CA', () => {
    const sentence = `${unusable} the certificate is not signed by the one after it`;
    expect(refusal(chain(leaf, upper, lower))).toBe(sentence);
    expect(refusal(chain(leaf, root))).toBe(sentence);
  });

  it('when a link higher up does not hold', () => {
    expect(refusal(chain(leaf, lower, root))).toBe(
      `${unusable} certificate 2 of the chain is not signed by the one after it`,
    );
  });

  it('when a CA of the same name, but another key, is in the chain', async () => {
    const impostor = await makeCa({ commonName: 'YE1', validity: caValidity });
    expect(refusal(chain(leaf, impostor))).toBe(
      `${unusable} the certificate is not signed by the one after it`,
    );
  });

  it('when a server certificate stands where a CA should', async () => {
    const other = await lower.issueServer({ names: ['other.example'], validity: good });
    expect(refusal(chain(leaf, other))).toBe(
      `${unusable} certificate 2 of the chain is not the certificate of a CA`,
    );
  });
});

describe('the facts of a certificate', () => {
  it('hold its names in normal form, each once', async () => {
    const { certPem } = await root.issueServer({ names: ['LAN.Example', 'lan.example', '*.Lan.example'] });
    expect(certificateFacts(certPem).domains).toEqual(['lan.example', '*.lan.example']);
  });

  it('are not read when a name hides in another', async () => {
    const { certPem } = await root.issueServer({ names: ['a.example, DNS:b.example'] });
    expect(() => certificateFacts(certPem)).toThrow(/its names are not all plain DNS names/);
  });

  it.each(['127.0.0.1', 'localhost', 'a b.example', 'a"b.example'])(
    'are not read with %j among the names',
    async (name) => {
      const { certPem } = await root.issueServer({ names: ['lan.example', name] });
      expect(() => certificateFacts(certPem)).toThrow(/its names are not all plain DNS names/);
    },
  );

  it('hold the whole name of an issuer without a common name', async () => {
    const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
    const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
    const odd = await X509CertificateGenerator.createSelfSigned({ name: 'C=DE, O=A CA', keys, ...good });
    expect(certificateFacts(odd.toString('pem'))).toMatchObject({ issuer: 'C=DE, O=A CA', domains: [] });
  });
});
