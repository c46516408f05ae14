import type { CertificateFacts } from '../core/certificate-facts.ts';
import type { CertificateRecord } from '../core/certificate-record.ts';
import type { CertificateName } from '../core/names.ts';
import { type RevocationReason, revocationCode } from '../core/revocation-reason.ts';
import { rfc3339 } from '../core/rfc3339.ts';
import { LanacmeError } from '../errors.ts';
import type {
  AccountStore,
  AcmeServer,
  CertificateFiles,
  CertificateStore,
  Clock,
  LiveVersion,
  Lock,
  Log,
  Revoker,
} from '../ports.ts';
import { certificateUnknown } from './list-certificates.ts';
import { lookAtCertificate } from './look-at-certificate.ts';
import { whileLocked } from './while-locked.ts';

export interface RevokeRequest {
  readonly name: CertificateName;
  readonly reason: RevocationReason;
  /** The directory URL of the CA, for a certificate whose record does not tell it. */
  readonly server: string;
}

export interface RevokePorts {
  readonly certificates: CertificateStore;
  readonly accounts: AccountStore;
  /** The CA with this directory URL. */
  readonly acme: (directoryUrl: string) => Promise<AcmeServer>;
  readonly clock: Clock;
  readonly lock: Lock;
  readonly log: Log;
}

export interface Revoked {
  readonly record: CertificateRecord | undefined;
  readonly live: LiveVersion;
  readonly facts: CertificateFacts;
  /** Whose word it was; absent if the certificate had been revoked before. */
  readonly by?: Revoker['kind'];
}

/**
 * `lanacme revoke`: tells the CA that the live certificate must not be trusted any more. Its files stay, since a server
 * may need them until there are others; it is due for renewal from now on.
 *
 * @throws LanacmeError `certificate.unknown`, `certificate.missing`, or what the CA refused.
 */
export async function revokeCertificate(
  request: RevokeRequest,
  ports: RevokePorts,
  signal: AbortSignal,
): Promise<Revoked> {
  return await whileLocked(ports, signal, async () => {
    const { record, live, facts, files } = await whatIsThere(request.name, ports.certificates);
    if (record?.revoked?.serial === facts.serial) return { record, live, facts };
    const by = await revokeAtCa(request, record, files, ports, signal);
    const revoked = { serial: facts.serial, at: rfc3339(ports.clock.now()), reason: request.reason };
    const noted = record && { ...record, revoked };
    if (noted !== undefined) await ports.certificates.saveRecord(noted);
    return { record: noted, live, facts, ...(by === undefined ? {} : { by }) };
  });
}

async function whatIsThere(name: CertificateName, certificates: CertificateStore) {
  const { record, live, facts, damage } = await lookAtCertificate(name, certificates);
  if (damage !== undefined) throw damage;
  const files = (await certificates.live(name))?.files;
  if (live !== undefined && facts !== undefined && files !== undefined) return { record, live, facts, files };
  if (record === undefined) throw certificateUnknown(name, await certificates.names());
  throw new LanacmeError('certificate.missing', `${name} has no certificate that could be revoked`, {
    hint: 'nothing needs to be done',
  });
}

/** Returns who signed; nothing if the CA says that it is revoked already. */
async function revokeAtCa(
  { name, reason, server }: RevokeRequest,
  record: CertificateRecord | undefined,
  files: CertificateFiles,
  { accounts, acme, log }: RevokePorts,
  signal: AbortSignal,
): Promise<Revoker['kind'] | undefined> {
  const directoryUrl = record?.installed?.spec.server ?? server;
  const ca = await acme(directoryUrl);
  const account = await accounts.read(directoryUrl);
  const [first, second] = revokersOf(account, files.privkey, reason);
  try {
    return await askToRevoke(ca, first, files.fullchain, reason, signal);
  } catch (error) {
    if (second === undefined || !isAboutTheSigner(error)) throw error;
    log.warn(`revoking ${name} with ${words[second.kind]} instead: ${error.message}`, { code: error.code });
    return await askToRevoke(ca, second, files.fullchain, reason, signal);
  }
}

/**
 * Whose word is tried, in this order. Let's Encrypt bars a key for good if that itself says it is compromised, and takes
 * no other reason from it.
 */
function revokersOf(
  account: Awaited<ReturnType<AccountStore['read']>>,
  keyPem: string,
  reason: RevocationReason,
): readonly [Revoker, Revoker?] {
  const byKey: Revoker = { kind: 'certificate-key', keyPem };
  if (account?.url === undefined) return [byKey];
  const byAccount: Revoker = { kind: 'account', account: { url: account.url, keyPem: account.keyPem } };
  return reason === 'keyCompromise' ? [byKey, byAccount] : [byAccount, byKey];
}

async function askToRevoke(
  ca: AcmeServer,
  revoker: Revoker,
  certPem: string,
  reason: RevocationReason,
  signal: AbortSignal,
): Promise<Revoker['kind'] | undefined> {
  try {
    await ca.revoke(revoker, certPem, revocationCode(reason), signal);
    return revoker.kind;
  } catch (error) {
    if (error instanceof LanacmeError && error.code === 'acme.already-revoked') return undefined;
    throw error;
  }
}

const words: Readonly<Record<Revoker['kind'], string>> = {
  account: 'the account',
  'certificate-key': "the certificate's own key",
};

function isAboutTheSigner(error: unknown): error is LanacmeError {
  return error instanceof LanacmeError && aboutTheSigner.has(error.code);
}

const aboutTheSigner: ReadonlySet<string> = new Set(['acme.account-missing', 'acme.refused']);
