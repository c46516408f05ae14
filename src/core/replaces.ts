import type { CertificateRecord, InstalledVersion } from './certificate-record.ts';
import type { Domain } from './names.ts';

/** An order that is to be made. */
export interface Successor {
  /** The ACME directory URL. */
  readonly server: string;
  /** Of the account that orders; absent: the one that ordered before. */
  readonly accountUrl?: string;
  readonly domains: readonly Domain[];
}

/** The certificate that an order replaces (RFC 9773 §5), or why it replaces none: a sentence. */
export type Replaced =
  | { readonly kind: 'certificate'; readonly certId: string }
  | { readonly kind: 'none'; readonly reason: string };

/** What a record says of the versions that came before. */
export type Predecessors = Pick<CertificateRecord, 'installed' | 'held' | 'setAside'>;

/**
 * The predecessor to name in an order. A CA refuses the whole order if the predecessor is another account's, shares no
 * name with it, or was replaced before.
 */
export function replacesOf(record: Predecessors | undefined, wanted: Successor): Replaced {
  const last = record?.setAside?.installed ?? record?.installed;
  if (last === undefined) return none('there is no certificate to replace');
  const obstacle = strangeness(last, wanted);
  if (obstacle !== undefined) return none(obstacle);
  const after = record?.setAside === undefined ? replacedBy(last, record?.held) : undefined;
  if (after !== undefined) return none(`version ${after}, which was gone back from, has replaced it already`);
  return last.certId === undefined
    ? none('it is not known by which id the CA knows the certificate in place')
    : { kind: 'certificate', certId: last.certId };
}

/** Why a certificate cannot be the predecessor, if it is of another CA or account or has other names. */
function strangeness(
  { account, spec, inspection }: InstalledVersion,
  { server, accountUrl, domains }: Successor,
): string | undefined {
  if (spec.server !== server) return 'the certificate in place is of another CA';
  if (account === undefined || (accountUrl !== undefined && account !== accountUrl)) {
    return 'the certificate in place was ordered by another account';
  }
  const names = inspection?.domains ?? spec.domains;
  const sharesName = names.some((name) => domains.includes(name));
  return sharesName ? undefined : 'the certificate in place has none of the names';
}

/** The version that was ordered after this one, if a person went back from it. */
function replacedBy(
  { version }: InstalledVersion,
  held: readonly string[] | undefined = [],
): string | undefined {
  return held.find((later) => Number(later) > Number(version));
}

function none(reason: string): Replaced {
  return { kind: 'none', reason };
}

/** Whether an order counts against no rate limit of Let's Encrypt, and why (not): a sentence. */
export interface Exemption {
  readonly exempt: boolean;
  readonly reason: string;
}

/**
 * Whether the renewal at this instant will be exempt: an order is if it names its predecessor and comes within the window
 * that the CA suggests for that.
 */
export function exemption(
  record: Predecessors & Pick<CertificateRecord, 'ari'>,
  wanted: Successor,
  at: Date,
): Exemption {
  const replaced = replacesOf(record, wanted);
  if (replaced.kind === 'none') return { exempt: false, reason: replaced.reason };
  const window = record.ari?.certId === replaced.certId ? record.ari.window : undefined;
  if (window === undefined) return { exempt: false, reason: 'the CA has suggested no window yet' };
  if (at < new Date(window.start)) {
    return {
      exempt: false,
      reason: `it comes before the window that the CA suggests, from ${window.start} on`,
    };
  }
  if (at >= new Date(window.end)) {
    return { exempt: false, reason: `the window that the CA suggested ended at ${window.end}` };
  }
  return { exempt: true, reason: 'it replaces a certificate within the window that the CA suggests' };
}
