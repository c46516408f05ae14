import type { ImportConfig } from '../config/config.ts';
import { type CertbotFindings, findingsOf, handedFindings } from '../core/certbot-findings.ts';
import type { Lineage } from '../core/certbot-lineage.ts';
import type { KeptHook } from '../core/hook-file.ts';
import { importCertificates } from '../flows/import-certificates.ts';
import { keepHooks, ownHooks } from '../flows/keep-hooks.ts';
import { readCertbot } from '../flows/read-certbot.ts';
import type { ClientFolder, DeployFolder, ImportByRoot, ImportWiring } from '../ports/import.ts';
import type { Clock, Log } from '../ports.ts';
import type { CommandHandler } from './command-line.ts';
import { importResult } from './import-result.ts';

/** `lanacme import certbot [DIR]` */
export function importCommand(
  wire: (config: ImportConfig, log: Log) => ImportWiring,
): CommandHandler<ImportConfig> {
  return async (config, { log, signal }) => {
    const ports = wire(config, log);
    const { zone, dryRun } = config;
    const now = ports.clock.now();
    const { byRoot } = ports;
    const findings =
      byRoot === undefined ? readCertbot(ports.folder(), { zone, now }) : findingsOf(byRoot.findings);
    const hooks = await keptHooks(findings, dryRun, ports);
    const deployHooks = (lineage: Lineage): readonly string[] => hooksInRecord(lineage, findings, ports);
    const outcome = await importCertificates({ findings, deployHooks, dryRun }, ports, signal);
    return importResult({ findings, outcome, hooks, dryRun, now });
  };
}

/** What root keeps for all certificates; by whoever is root of this run. */
async function keptHooks(
  findings: CertbotFindings,
  dryRun: boolean,
  { certificates, deployFolder, byRoot }: ImportWiring,
): Promise<readonly KeptHook[]> {
  if (deployFolder === undefined) return byRoot?.hooks ?? [];
  const present = new Set<string>(await certificates.names());
  return await keepHooks({ findings, present, withOwn: false, dryRun }, deployFolder);
}

/** What a certificate's record names runs as the owner of the record: that may only be who ran it for certbot. */
function hooksInRecord(
  lineage: Lineage,
  findings: CertbotFindings,
  { deployFolder, byRoot }: ImportWiring,
): readonly string[] {
  if (byRoot !== undefined) return [];
  const shared = deployFolder === undefined ? findings.sharedHooks.map(({ path }) => quoted(path)) : [];
  return [...shared, ...ownHooks(lineage, findings)];
}

/** For the shell. */
function quoted(path: string): string {
  return `'${path.replaceAll("'", `'\\''`)}'`;
}

/**
 * The part of an import that needs root, where the state folder is another user's: reads what certbot has, and keeps its
 * hooks. The rest is that user's.
 *
 * @param present the certificates of that user.
 */
export async function importAsRoot(
  { zone, dryRun }: ImportConfig,
  present: readonly string[],
  ports: { readonly folder: ClientFolder; readonly deployFolder: DeployFolder; readonly clock: Clock },
): Promise<ImportByRoot> {
  const findings = readCertbot(ports.folder, { zone, now: ports.clock.now() });
  const request = { findings, present: new Set(present), withOwn: true, dryRun };
  const hooks = await keepHooks(request, ports.deployFolder);
  return { findings: handedFindings(findings), hooks };
}
