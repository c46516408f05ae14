import type { RenewConfig } from '../config/config.ts';
import { isStaging } from '../config/servers.ts';
import { certificateRow } from '../core/certificate-row.ts';
import { renewCertificates } from '../flows/renew-certificates.ts';
import type { RenewOutcome, RenewPorts, RenewRequest } from '../flows/renew-survey.ts';
import type { Log } from '../ports.ts';
import type { CommandHandler } from './command-line.ts';
import { deployTerms } from './deploy-terms.ts';
import { dryRunResult } from './dry-run.ts';
import type { CommandResult } from './output.ts';
import { type MetricsDeps, withMetrics } from './with-metrics.ts';

export function renewCommand(
  wire: (config: RenewConfig, log: Log) => RenewPorts & MetricsDeps & { readonly close: () => Promise<void> },
): CommandHandler<RenewConfig> {
  return async (config, { log, signal }) => {
    const ports = wire(config, log);
    try {
      if (config.dryRun) return await dryRunResult(requestOf(config), ports, signal);
      return await withMetrics(async () => {
        const outcome = await renewCertificates(requestOf(config), ports, signal);
        return resultOf(outcome, ports.clock.now());
      }, ports);
    } finally {
      await ports.close();
    }
  };
}

function resultOf({ certificates, renewed, failures }: RenewOutcome, now: Date): CommandResult {
  const isRenewed = new Set<string>(renewed);
  return {
    text: certificates
      .flatMap(({ name, live }) => (isRenewed.has(name) ? (live?.path ?? []) : []))
      .join('\n'),
    certificates: certificates.map((source) => certificateRow(source, now)),
    failures,
  };
}

function requestOf(config: RenewConfig): RenewRequest {
  const { names, changes, zone, hooks, force, skipPreflight, output } = config;
  return {
    names,
    changes,
    deployHooks: hooks.deploy,
    deployment: deployTerms(hooks, { force: false, heedsBackoff: true }),
    zone: { zone: zone.name, aliases: zone.aliases, ...(zone.id === undefined ? {} : { zoneId: zone.id }) },
    dnsTimeoutMs: zone.timeoutMs,
    force,
    skipPreflight,
    isStaging,
    told: JSON.stringify([changes, hooks]),
    wantsAll: output.json,
  };
}
