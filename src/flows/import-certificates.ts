import type { CertbotFindings, FoundAccount } from '../core/certbot-findings.ts';
import type { Lineage } from '../core/certbot-lineage.ts';
import { recordInstallation, recordOrder } from '../core/deployment.ts';
import { inspectionOf } from '../core/inspection.ts';
import { rfc3339 } from '../core/rfc3339.ts';
import { asLanacmeErrors, LanacmeError } from '../errors.ts';
import type { AccountStore, CertificateStore, Clock, Lock, Log } from '../ports.ts';
import { type CertificateOnDisk, lookAtCertificate } from './look-at-certificate.ts';
import { whileLocked } from './while-locked.ts';

export interface ImportPorts {
  readonly certificates: CertificateStore;
  readonly accounts: AccountStore;
  readonly clock: Clock;
  readonly lock: Lock;
  readonly log: Log;
  /** By which the CA knows this certificate (RFC 9773 §4.1). */
  readonly certId: (certPem: string) => Promise<string | undefined>;
}

export interface ImportRequest {
  readonly findings: CertbotFindings;
  /** The hooks that the certificate is to have for its own. */
  readonly deployHooks: (lineage: Lineage) => readonly string[];
  readonly dryRun: boolean;
}

/** What became of a lineage. */
export interface ImportedCertificate extends CertificateOnDisk {
  readonly lineage: Lineage;
  /** `planned`: by a dry run. */
  readonly state: 'imported' | 'present' | 'planned';
}

/** What became of an account. `other`: this host has one of its own there. */
export interface ImportedAccount {
  /** The ACME directory URL. */
  readonly server: string;
  readonly url?: string;
  readonly state: ImportedCertificate['state'] | 'other';
}

export interface ImportOutcome {
  readonly certificates: readonly ImportedCertificate[];
  readonly accounts: readonly ImportedAccount[];
  /** For each lineage that is left. */
  readonly failures: readonly { readonly certificate: string; readonly error: LanacmeError }[];
}

/**
 * Takes over what certbot has: accounts first, so that no certificate is without the one that ordered it. What is here
 * already stays as it is; a run that was interrupted is gone on with by the next.
 */
export async function importCertificates(
  request: ImportRequest,
  ports: ImportPorts,
  signal: AbortSignal,
): Promise<ImportOutcome> {
  const seen = await goThrough({ ...request, dryRun: true }, ports, signal);
  const isPlanned = ({ state }: { readonly state: string }): boolean => state === 'planned';
  if (request.dryRun || ![...seen.certificates, ...seen.accounts].some(isPlanned)) return seen;
  return await whileLocked(ports, signal, async () => await goThrough(request, ports, signal));
}

async function goThrough(
  { findings, deployHooks, dryRun }: ImportRequest,
  ports: ImportPorts,
  signal: AbortSignal,
): Promise<ImportOutcome> {
  const accounts: ImportedAccount[] = [];
  const certificates: ImportedCertificate[] = [];
  const failures = [...findings.left];
  for (const [server, account] of findings.accounts) {
    accounts.push(await takeAccount(server, account, dryRun, ports.accounts));
  }
  for (const lineage of findings.lineages) {
    signal.throwIfAborted();
    const hooks = deployHooks(lineage);
    try {
      const account = accountOf(lineage, findings);
      certificates.push(await takeCertificate(lineage, { account, hooks, dryRun }, ports));
    } catch (error) {
      for (const each of asLanacmeErrors(error)) failures.push({ certificate: lineage.name, error: each });
    }
  }
  return { certificates, accounts, failures };
}

/** URL of the account that ordered it, if that is the one that is taken over. */
function accountOf({ renewal }: Lineage, { accounts }: CertbotFindings): string | undefined {
  const account = accounts.get(renewal.server);
  return account?.id === renewal.account ? account?.url : undefined;
}

async function takeAccount(
  server: string,
  { keyPem, url, contacts }: FoundAccount,
  dryRun: boolean,
  accounts: AccountStore,
): Promise<ImportedAccount> {
  const shown = { server, ...(url === undefined ? {} : { url }) };
  const kept = await accounts.read(server);
  // A run that died in between has kept the key alone.
  const isWhole = kept?.url !== undefined || url === undefined;
  if (kept !== undefined && kept.keyPem !== keyPem) return { ...shown, state: 'other' };
  if (kept !== undefined && isWhole) return { ...shown, state: 'present' };
  if (dryRun) return { ...shown, state: 'planned' };
  if (kept === undefined) await accounts.saveKey(server, keyPem);
  if (url !== undefined) await accounts.saveAccount(server, { url, contacts });
  return { ...shown, state: 'imported' };
}

interface Taking {
  readonly account: string | undefined;
  readonly hooks: readonly string[];
  readonly dryRun: boolean;
}

async function takeCertificate(
  lineage: Lineage,
  taking: Taking,
  ports: ImportPorts,
): Promise<ImportedCertificate> {
  const onDisk = await lookAtCertificate(lineage.name, ports.certificates);
  if (isIn(onDisk, lineage)) return { lineage, state: 'present', ...onDisk };
  refuseOther(onDisk, lineage);
  return taking.dryRun ? planned(lineage, taking) : await install(lineage, taking, ports);
}

function planned(lineage: Lineage, { hooks }: Taking): ImportedCertificate {
  const { name, spec, terms, facts } = lineage;
  const record = recordOrder(undefined, { name, spec, terms, deployHooks: hooks });
  return { lineage, state: 'planned', record, live: undefined, facts, damage: undefined };
}

/** Whether this very certificate is or was live here. */
function isIn({ record, facts, live }: CertificateOnDisk, lineage: Lineage): boolean {
  const { serial } = lineage.facts;
  const known = [record?.installed, ...(record?.earlier ?? []), record?.setAside?.installed];
  const isLive = live !== undefined && facts?.serial === serial;
  return record !== undefined && (isLive || known.some((one) => one?.inspection?.serial === serial));
}

/** What an import left that died before the certificate was live is no other. */
function refuseOther({ record, live, damage }: CertificateOnDisk, { name, facts }: Lineage): void {
  if (record === undefined && live === undefined && damage === undefined) return;
  if (live === undefined && damage === undefined && record?.arriving?.serial === facts.serial) return;
  throw new LanacmeError(
    'import.name-taken',
    `there is another certificate named ${name} here: it is left as it is`,
    {
      hint: `if certbot's is the one to keep: lanacme delete ${name}, then import again`,
    },
  );
}

/** In the order of an issue: after a crash at any point the next run goes on, of import or of renew. */
async function install(
  lineage: Lineage,
  { account, hooks: deployHooks }: Taking,
  { certificates, clock, log, certId }: ImportPorts,
): Promise<ImportedCertificate> {
  const { name, spec, terms, files, facts } = lineage;
  for (const warning of await certificates.prepare(name, terms)) log.warn(warning);
  const order = { name, spec, terms, deployHooks };
  const id = await certId(files.cert);
  const origin = {
    ...(account === undefined ? {} : { account }),
    ...(id === undefined ? {} : { certId: id }),
  };
  await certificates.saveRecord(recordOrder(undefined, order, { serial: facts.serial, ...origin }));
  const live = await certificates.install(name, files, terms);
  const at = rfc3339(clock.now());
  const inspection = inspectionOf(facts, live.stamp);
  const record = recordInstallation(undefined, {
    ...order,
    version: live.version,
    at,
    inspection,
    ...origin,
  });
  await certificates.saveRecord(record);
  return { lineage, state: 'imported', record, live, facts, damage: undefined };
}
