import { X509Certificate } from 'node:crypto';
import { LanacmeError } from '../errors.ts';
import { type Domain, isDomain } from './names.ts';

/** What a certificate says of itself. */
export interface CertificateFacts {
  /** Lower-case hex. */
  readonly serial: string;
  /** The issuer's common name, or its whole name if it has none. */
  readonly issuer: string;
  /** Every DNS name of the SAN in normal form, in its order. */
  readonly domains: readonly Domain[];
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/**
 * Reads the first certificate of a PEM text.
 *
 * @throws LanacmeError `certificate.unusable` if there is none, or one whose names are not all DNS names.
 */
export function certificateFacts(certPem: string): CertificateFacts {
  const certificate = parseCertificate(certPem);
  return {
    serial: certificate.serialNumber.toLowerCase(),
    issuer: commonName(certificate.issuer),
    domains: sanDomains(certificate.subjectAltName ?? ''),
    notBefore: new Date(certificate.validFrom),
    notAfter: new Date(certificate.validTo),
  };
}

/** @throws LanacmeError `certificate.unusable` if the text is not a PEM certificate. */
export function parseCertificate(pem: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (error) {
    throw unreadable('it is not a PEM certificate', error);
  }
}

/** The common name in Node's text of a name, one attribute a line; the whole name if it has none. */
export function commonName(name: string): string {
  const line = name.split('\n').findLast((attribute) => attribute.startsWith('CN='));
  return line?.slice('CN='.length) ?? name.split('\n').join(', ');
}

/** `TYPE:value, TYPE:value`; Node writes a value that holds a comma, a quote or the like as a JSON string. */
const sanEntry = /([A-Za-z ]+):("(?:[^"\\]|\\.)*"|[^,"]*)(?:, |$)/y;

function sanDomains(text: string): readonly Domain[] {
  const domains = new Set<Domain>();
  sanEntry.lastIndex = 0;
  while (sanEntry.lastIndex < text.length) {
    const [, type, value] = sanEntry.exec(text) ?? [];
    const name = value?.toLowerCase() ?? '';
    if (type !== 'DNS' || !isDomain(name)) {
      throw unreadable(`its names are not all plain DNS names: ${JSON.stringify(text.slice(0, 200))}`);
    }
    domains.add(name);
  }
  return [...domains];
}

function unreadable(why: string, cause?: unknown): LanacmeError {
  return new LanacmeError('certificate.unusable', `a certificate cannot be read: ${why}`, {
    hint: 'the certificate is damaged or was not made by an ACME CA: order a new one',
    cause,
  });
}
