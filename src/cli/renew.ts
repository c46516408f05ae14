import type { RenewConfig } from '../config/config.ts';
import { isStaging } from '../config/servers.ts';
import { certificateRow } from '../core/certificate-row.ts';
import { renewCertificates } from '../flows/renew-certificates.ts';
import type { RenewPorts, RenewRequest } from '../flows/renew-survey.ts';
import type { Log } from '../ports.ts';
import type { CommandHandler } from './command-line.ts';
import { deployTerms } from './deploy-terms.ts';

export function renewCommand(
  wire: (config: RenewConfig, log: Log) => RenewPorts & { readonly close: () => Promise<void> },
): CommandHandler<RenewConfig> {
  return async (config, { log, signal }) => {
    const ports = wire(config, log);
    try {
      const { certificates, renewed, failures } = await renewCertificates(requestOf(config), ports, signal);
      const now = ports.clock.now();
      const isRenewed = new Set<string>(renewed);
      return {
        text: certificates
          .flatMap(({ name, live }) => (isRenewed.has(name) ? (live?.path ?? []) : []))
          .join('\n'),
        certificates: certificates.map((source) => certificateRow(source, now)),
        failures,
      };
    } finally {
      await ports.close();
    }
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
    wantsAll: output.json || config.metricsFile !== undefined,
  };
}
