import { createPublicKey, X509Certificate } from 'node:crypto';
import type { Domain } from '../../src/core/names.ts';
import { revocationCode, revocationReasons } from '../../src/core/revocation-reason.ts';
import type { AcmeAccount, RenewalInfo, Revoker } from '../../src/ports.ts';
import type { IssuedCertificate } from './acme-issuer.ts';
import { notFound, owned, refused } from './acme-refusal.ts';

export type RenewalWindow = RenewalInfo['window'];

export interface Issued {
  readonly certificate: IssuedCertificate;
  /** The URL of the account that ordered it. */
  readonly account: string;
  readonly domains: readonly Domain[];
  readonly notBefore: Date;
  readonly notAfter: Date;
}

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** What the CA in memory knows of its certificates after it has issued them: when to renew, replaced, revoked. */
export class FakeRenewals {
  /** Between two looks at a suggestion; absent: the CA says nothing of it. */
  retryAfterMs: number | undefined = 6 * hourMs;
  readonly #now: () => number;
  readonly #issued = new Map<string, Issued>();
  readonly #suggested = new Map<string, Omit<RenewalInfo, 'retryAfterMs'>>();
  /** Serial to reason code. */
  readonly #revoked = new Map<string, number>();

  constructor(now: () => number) {
    this.#now = now;
  }

  add(issued: Issued): void {
    this.#issued.set(issued.certificate.ariId, issued);
  }

  /** As Pebble's set-renewal-info: this from now on, whatever the dates say. */
  suggest(certId: string, suggestion: Omit<RenewalInfo, 'retryAfterMs'>): void {
    this.#suggested.set(certId, suggestion);
  }

  info(certId: string): RenewalInfo {
    const issued = this.#issued.get(certId);
    if (issued === undefined) throw notFound(`renewal information of ${certId}`);
    const suggestion = this.#suggested.get(certId) ?? { window: this.#window(issued) };
    return { ...suggestion, ...(this.retryAfterMs === undefined ? {} : { retryAfterMs: this.retryAfterMs }) };
  }

  /** The certificate that an order of this account for these names may replace (RFC 9773 §5). */
  replaceable(certId: string, account: AcmeAccount, domains: readonly Domain[]): Issued {
    const issued = owned(this.#issued.get(certId), account, certId);
    if (issued.domains.some((name) => domains.includes(name))) return issued;
    throw refused('malformed', `${certId} shares no name with this order`);
  }

  /** Whether an order that arrives now and replaces this one is free of rate limits, as Boulder has it. */
  isExempt(certId: string): boolean {
    const { start, end } = this.info(certId).window;
    return start.getTime() <= this.#now() && this.#now() < end.getTime();
  }

  /** RFC 8555 §7.6. The account's signature has been checked. */
  revoke(revoker: Revoker, certPem: string, reasonCode: number): void {
    const { serial, publicKey } = read(certPem);
    const issued = Array.from(this.#issued.values()).find(({ certificate }) => certificate.serial === serial);
    if (issued === undefined) throw notFound('the certificate');
    const isAllowed =
      revoker.kind === 'account'
        ? issued.account === revoker.account.url
        : createPublicKey(revoker.keyPem).equals(publicKey);
    if (!isAllowed) throw refused('unauthorized', 'this key may not revoke the certificate', { status: 403 });
    if (!revocationReasons.some((reason) => revocationCode(reason) === reasonCode)) {
      throw refused('badRevocationReason', `unsupported reason code ${reasonCode}`);
    }
    if (this.#revoked.has(serial)) throw refused('alreadyRevoked', 'certificate is already revoked');
    this.#revoked.set(serial, reasonCode);
  }

  isRevoked(serial: string): boolean {
    return this.#revoked.has(serial);
  }

  /**
   * Boulder's (core/objects.go): two hundredths of the lifetime around the instant at which a third of it is left, half
   * of a short one; for a revoked certificate half an hour that is over.
   */
  #window({ certificate, notBefore, notAfter }: Issued): RenewalWindow {
    if (this.#revoked.has(certificate.serial)) {
      return { start: new Date(this.#now() - hourMs), end: new Date(this.#now() - 30 * minuteMs) };
    }
    const lifetime = notAfter.getTime() - notBefore.getTime() + 1_000;
    const ideal = notAfter.getTime() - lifetime / (lifetime < 10 * dayMs ? 2 : 3);
    return { start: new Date(ideal - lifetime / 100), end: new Date(ideal + lifetime / 100) };
  }
}

function read(certPem: string): Pick<X509Certificate, 'publicKey'> & { readonly serial: string } {
  const certificate = new X509Certificate(certPem);
  return { publicKey: certificate.publicKey, serial: certificate.serialNumber.toLowerCase() };
}
