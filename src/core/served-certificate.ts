import { X509Certificate } from 'node:crypto';
import { escapeText } from './escape.ts';
import { bareName, type Domain } from './names.ts';
import { rfc3339 } from './rfc3339.ts';

/** A place that must serve a certificate, as `--check` says it. */
export interface CheckTarget {
  /** `HOST:PORT`. */
  readonly address: string;
  /** For SNI; none if absent. */
  readonly serverName?: string;
}

/**
 * `HOST:PORT[/SNI]`. Without an SNI, it is the host if the certificate is for it, else the first name of the
 * certificate: `localhost:443` means the server here that has this certificate.
 */
export function checkTarget(text: string, domains: readonly Domain[]): CheckTarget {
  const [address = '', typed] = text.split('/');
  const host = address.replace(/:\d+$/, '').toLowerCase();
  const named = domains.some((domain) => covers(domain, host)) ? host : plainName(domains);
  const serverName = typed ?? named;
  return { address, ...(serverName === undefined ? {} : { serverName }) };
}

function plainName(domains: readonly Domain[]): string | undefined {
  return domains.find((domain) => !domain.startsWith('*.'));
}

function covers(domain: Domain, host: string): boolean {
  return domain.startsWith('*.') ? host.slice(host.indexOf('.') + 1) === bareName(domain) : domain === host;
}

/** What is wrong with a leaf (DER) that a server shows; nothing if it is the wanted one (PEM). */
export function leafProblem(shown: Uint8Array, wantedPem: string): string | undefined {
  const wanted = new X509Certificate(wantedPem);
  if (wanted.raw.equals(shown)) return undefined;
  const other = readable(shown);
  if (other === undefined) return 'serves something that is not a certificate';
  const { serialNumber, validTo } = other;
  const until = rfc3339(new Date(validTo));
  const serial = escapeText(serialNumber.toLowerCase(), 50);
  return `serves another certificate (serial ${serial}, good until ${until}) than serial ${wanted.serialNumber.toLowerCase()}`;
}

function readable(der: Uint8Array): X509Certificate | undefined {
  try {
    return new X509Certificate(der);
  } catch {
    return undefined;
  }
}
