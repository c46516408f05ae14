import { X509Certificate } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CertificateLife, certificateLife } from '../../src/core/certificate-life.ts';
import { makeCa } from '../world/pki.ts';

/** As Node reads it; undefined where it reads nothing, or no dates. */
function byNode(pem: string): CertificateLife | undefined {
  try {
    const { serialNumber, validFrom, validTo } = new X509Certificate(pem);
    const [notBefore, notAfter] = [new Date(validFrom), new Date(validTo)];
    const hasDates = !Number.isNaN(notBefore.getTime()) && !Number.isNaN(notAfter.getTime());
    return hasDates ? { serial: serialNumber.toLowerCase(), notBefore, notAfter } : undefined;
  } catch {
    return undefined;
  }
}

const asPem = (der: Uint8Array): string =>
  `-----BEGIN CERTIFICATE-----\n${Buffer.from(der)
    .toString('base64')
    .replace(/.{1,64}/g, '$&\n')}-----END CERTIFICATE-----\n`;

const ca = await makeCa();
const device = await ca.issueDevice({ serialNumber: '00c0ffee' });
const der = Uint8Array.from(new X509Certificate(device.certPem).raw);
/** In bytes: as far as the dates, and some of what follows. */
const head = 160;

describe('serial and dates of a certificate', () => {
  it('are those that Node reads, whatever CA, serial and dates', async () => {
    const second = fc
      .integer({ min: Date.UTC(1950, 0) / 1000, max: Date.UTC(9999, 11, 31) / 1000 })
      .map((seconds) => new Date(seconds * 1000));
    const serial = fc
      .uint8Array({ minLength: 1, maxLength: 20 })
      .map((bytes) => Buffer.from(bytes).toString('hex'));
    // From 128 and from 256 bytes on, the length of the issuer takes another byte.
    const names = fc.integer({ min: 1, max: 300 }).map((length) => 'x'.repeat(length));
    await fc.assert(
      fc.asyncProperty(
        serial,
        second,
        second,
        names,
        async (serialNumber, notBefore, notAfter, commonName) => {
          const issuer = await makeCa({ commonName });
          const { certPem } = await issuer.issueDevice({ serialNumber, validity: { notBefore, notAfter } });
          const read = certificateLife(certPem);
          expect([undefined, byNode(certPem)]).toContainEqual(read);
          const isPositive = /^(?:[1-7]|0[1-9a-f])/.test(serialNumber);
          if (isPositive) expect(read).toEqual(byNode(certPem));
        },
      ),
      { numRuns: 25 },
    );
  });

  it('are those of the first certificate, with text around it and with either line ending', () => {
    const text = `Bag Attributes\n${device.certPem}${ca.certPem}`;
    expect(certificateLife(text)).toEqual(byNode(device.certPem));
    expect(certificateLife(text.replaceAll('\n', '\r\n'))).toEqual(byNode(device.certPem));
    expect(certificateLife(device.certPem)?.serial).toBe('c0ffee');
  });

  it('are never others than those that Node reads, whichever bit of it is wrong', () => {
    const missed: number[] = [];
    for (let bit = 0; bit < head * 8; bit += 1) {
      const wrong = der.with(bit >> 3, (der[bit >> 3] ?? 0) ^ (1 << (bit & 7)));
      const read = certificateLife(asPem(wrong));
      const node = byNode(asPem(wrong));
      if (read !== undefined && node !== undefined) expect([bit, read]).toEqual([bit, node]);
      if (read === undefined && node !== undefined) missed.push(bit);
    }
    // The one that makes the serial negative: no CA gives such, and Node is asked then.
    expect(missed).toEqual([8 * Buffer.from(der).indexOf('00c0ffee', 'hex') + 7]);
  });

  it('are nothing where a certificate was cut off, or something follows in it', () => {
    for (let length = 0; length < der.length; length += 1)
      expect([length, certificateLife(asPem(der.subarray(0, length)))]).toEqual([length, undefined]);
    expect(certificateLife(asPem(Uint8Array.from([...der, 0])))).toBeUndefined();
  });

  it.each([
    ['no text', ''],
    ['no PEM', 'no PEM'],
    ['another block', '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n'],
    ['what is left for Node: one long line', device.certPem.replaceAll(/(?<=[^-])\n(?=[^-])/g, '')],
    ['what is left for Node: another label first', `${relabelled(ca.certPem)}${device.certPem}`],
    [
      'what is left for Node: a first block in other lines',
      `${ca.certPem.replace(/\n/, '\n\n')}${device.certPem}`,
    ],
  ])('are nothing in %s', (_what, text) => {
    expect(certificateLife(text)).toBeUndefined();
  });
});

function relabelled(pem: string): string {
  return pem.replaceAll('CERTIFICATE', 'TRUSTED CERTIFICATE');
}
