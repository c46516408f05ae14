import type { HookState } from '../core/certificate-record.ts';
import { type CertificateRow, certificateRow } from '../core/certificate-row.ts';
import type { CertificateName } from '../core/names.ts';
import { asLanacmeErrors, LanacmeError } from '../errors.ts';
import type { CertificateStore, Clock, RootHooks } from '../ports.ts';
import { type CertificateOnDisk, lookAtCertificate } from './look-at-certificate.ts';

export interface ListPorts {
  readonly certificates: CertificateStore;
  readonly clock: Clock;
  /** Absent where root runs no hooks of its own. */
  readonly rootHooks?: Pick<RootHooks, 'states'>;
}

export interface CertificateListing {
  readonly rows: readonly CertificateRow[];
  /** Records and files that cannot be read, each for its certificate alone. */
  readonly failures: readonly { readonly certificate: CertificateName; readonly error: LanacmeError }[];
}

/**
 * Every certificate of this host, or the one of that name.
 *
 * @throws LanacmeError `certificate.unknown` if there is none of that name.
 */
export async function listCertificates(
  wanted: CertificateName | undefined,
  ports: ListPorts,
): Promise<CertificateListing> {
  const known = await ports.certificates.names();
  if (wanted !== undefined && !known.includes(wanted)) throw certificateUnknown(wanted, known);
  const rows: CertificateRow[] = [];
  const failures: { certificate: CertificateName; error: LanacmeError }[] = [];
  for (const name of wanted === undefined ? known : [wanted]) {
    const { row, failure } = await rowOf(name, ports);
    rows.push(row);
    if (failure !== undefined) failures.push({ certificate: name, error: failure });
  }
  return { rows, failures };
}

interface ListedRow {
  readonly row: CertificateRow;
  readonly failure: LanacmeError | undefined;
}

async function rowOf(
  name: CertificateName,
  { certificates, clock, rootHooks }: ListPorts,
): Promise<ListedRow> {
  try {
    const onDisk = await lookAtCertificate(name, certificates);
    const { hooks, failure } = hooksOfRoot(name, onDisk, rootHooks);
    const row = certificateRow({ name, ...onDisk, rootHooks: hooks }, clock.now());
    return { row, failure: onDisk.damage ?? failure };
  } catch (error) {
    const [damage] = asLanacmeErrors(error);
    return { row: certificateRow({ name, damage }, clock.now()), failure: damage };
  }
}

/** That nobody can tell what root has done is a failure, but takes nothing from what is known of the certificate. */
function hooksOfRoot(
  name: CertificateName,
  { live, facts }: CertificateOnDisk,
  rootHooks: ListPorts['rootHooks'],
): { readonly hooks: readonly HookState[]; readonly failure?: LanacmeError } {
  if (rootHooks === undefined || live === undefined || facts === undefined) return { hooks: [] };
  try {
    return { hooks: rootHooks.states(name, { version: live.version, serial: facts.serial }) };
  } catch (error) {
    if (error instanceof LanacmeError) return { hooks: [], failure: error };
    throw error;
  }
}

/** The failure that somebody named a certificate that is not there. */
export function certificateUnknown(name: CertificateName, known: readonly CertificateName[]): LanacmeError {
  return new LanacmeError('certificate.unknown', `there is no certificate named ${name} here`, {
    hint: known.length === 0 ? 'there are none at all yet: lanacme issue' : `there are: ${known.join(', ')}`,
  });
}
