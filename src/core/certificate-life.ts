/**
 * Serial and dates of a certificate, read without Node's cryptography: to load that takes longer than all that `status`
 * does. They stand at its head (RFC 5280 §4.1): SEQUENCE { SEQUENCE { [0] version, serial, algorithm, issuer, dates, … } … }.
 */
import type { CertificateFacts } from './certificate-facts.ts';

export type CertificateLife = Pick<CertificateFacts, 'serial' | 'notBefore' | 'notAfter'>;

/** Tags of DER (X.690 §8). */
const tags = { integer: 0x02, utcTime: 0x17, generalizedTime: 0x18, sequence: 0x30, version: 0xa0 } as const;

/**
 * Of the first certificate of a PEM text. Undefined if it is in any other form than the one in which certificates are
 * written: then Node has to say whether it is one at all.
 */
export function certificateLife(pem: string): CertificateLife | undefined {
  const [certificate, ...others] = elementsOf(derOf(pem));
  const [signed] = elementsOf(content(certificate, tags.sequence));
  const members = elementsOf(content(signed, tags.sequence));
  const [serial, , , dates] = members[0]?.tag === tags.version ? members.slice(1) : members;
  const hex = serialOf(content(serial, tags.integer));
  const [notBefore, notAfter] = elementsOf(content(dates, tags.sequence)).map(dateOf);
  if (others.length > 0 || hex === undefined || notBefore === undefined || notAfter === undefined)
    return undefined;
  return { serial: hex, notBefore, notAfter };
}

/** The first block that OpenSSL takes for a certificate, if it is in lines as RFC 7468 §2 has them; else empty. */
function derOf(pem: string): Uint8Array {
  const block =
    /-----BEGIN CERTIFICATE-----\r?\n((?:[A-Za-z0-9+/]{1,64}={0,2}\r?\n)+)-----END CERTIFICATE-----/y;
  block.lastIndex = Math.max(0, pem.search(/^-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----/m));
  return Buffer.from(block.exec(pem)?.[1] ?? '', 'base64');
}

interface Element {
  readonly tag: number;
  readonly content: Uint8Array;
}

/** What stands one after the other in these bytes; nothing if that is not whole. */
function elementsOf(der: Uint8Array): readonly Element[] {
  const found: Element[] = [];
  for (let rest = der; rest.length > 0; ) {
    const [tag = 0, short = 0] = rest;
    // From 0x80 on, the length is in so many bytes after it; that of a certificate is in two or three.
    const start = 2 + (short < 0x80 ? 0 : short - 0x80);
    if (short === 0x80 || start > 5) return [];
    const length = short < 0x80 ? short : rest.subarray(2, start).reduce((sum, byte) => sum * 256 + byte, 0);
    if (rest.length < start + length) return [];
    found.push({ tag, content: rest.subarray(start, start + length) });
    rest = rest.subarray(start + length);
  }
  return found;
}

/** Empty if it is another element, or none. */
function content(element: Element | undefined, tag: number): Uint8Array {
  return element?.tag === tag ? element.content : new Uint8Array();
}

/** A positive number in as few bytes as can be, as hex. */
function serialOf(bytes: Uint8Array): string | undefined {
  const hex = Buffer.from(bytes).toString('hex');
  return /^(?:(?!00)[0-7]|00[89a-f])/.test(hex) ? hex.replace(/^00/, '') : undefined;
}

/** RFC 5280 §4.1.2.5: to the second, in UTC, with two digits of the year from 1950 to 2049. */
function dateOf({ tag, content: bytes }: Element): Date | undefined {
  const text = Buffer.from(bytes).toString('latin1');
  const century = text < '5' ? '20' : '19';
  const digits = tag === tags.utcTime ? `${century}${text}` : tag === tags.generalizedTime ? text : '';
  const iso = digits.replace(/^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6.000Z');
  const date = new Date(iso);
  // A 30th of February is no date.
  return !Number.isNaN(date.getTime()) && date.toISOString() === iso ? date : undefined;
}
