import type { CertificateName } from '../core/names.ts';
import { asLanacmeErrors } from '../errors.ts';
import type { DeployWiring } from '../ports.ts';
import type { Deployed } from './deploy.ts';
import { type DeployPorts, type DeployTerms, dueDeployment } from './deployment-situation.ts';
import { certificateUnknown } from './list-certificates.ts';
import { lookAtCertificate } from './look-at-certificate.ts';
import { whileLocked } from './while-locked.ts';

export interface DeployRequest {
  /** All certificates if empty. */
  readonly names: readonly CertificateName[];
  readonly terms: DeployTerms;
}

/** A certificate that was asked for, as it is now, and what failed. */
export interface DeployedCertificate extends Deployed {
  readonly name: CertificateName;
}

/**
 * `lanacme deploy`: runs what is owed of each certificate, one after the other; one that fails does not keep the
 * others from being deployed. With nothing owed this reads a few files and does nothing else.
 *
 * @throws LanacmeError `certificate.unknown`, before anything is run.
 */
export async function deployCertificates(
  { names: wanted, terms }: DeployRequest,
  ports: DeployWiring,
  signal: AbortSignal,
): Promise<readonly DeployedCertificate[]> {
  const names = await namesOf(wanted, ports);
  const seen: Seen[] = [];
  for (const name of names) seen.push(await look(name, terms, ports));
  if (!seen.some(({ isDue }) => isDue)) {
    ports.log.info('nothing to do: no hook is owed anything');
    return seen.map(({ certificate }) => certificate);
  }
  return await whileLocked(ports, signal, async () => {
    const deployed: DeployedCertificate[] = [];
    // A run that held the lock may have made a new one; whoever is told to start this meanwhile counts on it.
    for (const name of await namesOf(wanted, ports))
      deployed.push(await deployOne(name, terms, ports, signal));
    return deployed;
  });
}

async function namesOf(
  wanted: readonly CertificateName[],
  { certificates }: DeployPorts,
): Promise<readonly CertificateName[]> {
  const known = await certificates.names();
  const unknown = wanted.find((name) => !known.includes(name));
  if (unknown !== undefined) throw certificateUnknown(unknown, known);
  return wanted.length === 0 ? known : [...new Set(wanted)];
}

interface Seen {
  readonly certificate: DeployedCertificate;
  readonly isDue: boolean;
}

async function look(name: CertificateName, terms: DeployTerms, ports: DeployPorts): Promise<Seen> {
  try {
    const onDisk = await lookAtCertificate(name, ports.certificates);
    const errors = onDisk.damage === undefined ? [] : [onDisk.damage];
    const isDue = dueDeployment(onDisk, terms, ports).kind !== 'nothing';
    return { certificate: { name, ...onDisk, errors }, isDue };
  } catch (error) {
    const nothing = { record: undefined, live: undefined, facts: undefined, damage: undefined };
    return { certificate: { name, ...nothing, errors: asLanacmeErrors(error) }, isDue: false };
  }
}

/** Another run may have done it while this one waited for the lock. */
async function deployOne(
  name: CertificateName,
  terms: DeployTerms,
  ports: DeployPorts,
  signal: AbortSignal,
): Promise<DeployedCertificate> {
  signal.throwIfAborted();
  const { certificate, isDue } = await look(name, terms, ports);
  if (!isDue) return certificate;
  try {
    const { deployCertificate } = await import('./deploy.ts');
    return { name, ...(await deployCertificate(certificate, terms, ports, signal)) };
  } catch (error) {
    signal.throwIfAborted();
    return { ...certificate, errors: asLanacmeErrors(error) };
  }
}
