import { type CertificateRow, certificateRow } from '../core/certificate-row.ts';
import type { CertificateName } from '../core/names.ts';
import { asLanacmeErrors, LanacmeError } from '../errors.ts';
import type { CertificateStore, Clock } from '../ports.ts';
import { lookAtCertificate } from './look-at-certificate.ts';

export interface ListPorts {
  readonly certificates: CertificateStore;
  readonly clock: Clock;
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
    const row = await rowOf(name, ports);
    rows.push(row.row);
    if (row.damage !== undefined) failures.push({ certificate: name, error: row.damage });
  }
  return { rows, failures };
}

async function rowOf(
  name: CertificateName,
  { certificates, clock }: ListPorts,
): Promise<{ readonly row: CertificateRow; readonly damage: LanacmeError | undefined }> {
  try {
    const onDisk = await lookAtCertificate(name, certificates);
    return { row: certificateRow({ name, ...onDisk }, clock.now()), damage: onDisk.damage };
  } catch (error) {
    const [damage] = asLanacmeErrors(error);
    return { row: certificateRow({ name, damage }, clock.now()), damage };
  }
}

/** The failure that somebody named a certificate that is not there. */
export function certificateUnknown(name: CertificateName, known: readonly CertificateName[]): LanacmeError {
  return new LanacmeError('certificate.unknown', `there is no certificate named ${name} here`, {
    hint: known.length === 0 ? 'there are none at all yet: lanacme issue' : `there are: ${known.join(', ')}`,
  });
}
