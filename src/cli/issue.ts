import type { IssueConfig } from '../config/config.ts';
import { isStaging } from '../config/servers.ts';
import { certificateRow } from '../core/certificate-row.ts';
import { issueCertificate } from '../flows/issue-certificate.ts';
import type { IssueRequest } from '../flows/issue-request.ts';
import type { IssueWiring, Log } from '../ports.ts';
import type { CommandHandler } from './command-line.ts';
import { deployTerms } from './deploy-terms.ts';

export function issueCommand(
  wire: (config: IssueConfig, log: Log) => IssueWiring,
): CommandHandler<IssueConfig> {
  return async (config, { log, signal }) => {
    const ports = wire(config, log);
    try {
      const { name } = config.certificate;
      const request = requestOf(config);
      const { record, live, facts, errors } = await issueCertificate(request, ports, signal);
      return {
        text: live?.path ?? '',
        certificates: [certificateRow({ name, record, live, facts }, ports.clock.now())],
        failures: errors.map((error) => ({ error, certificate: name })),
      };
    } finally {
      await ports.close();
    }
  };
}

function requestOf(config: IssueConfig): IssueRequest {
  const { certificate, zone, hooks, force, skipPreflight } = config;
  return {
    ...certificate,
    deployHooks: hooks.deploy,
    deployment: deployTerms(hooks, { force: false, heedsBackoff: false }),
    zone: { zone: zone.name, aliases: zone.aliases, ...(zone.id === undefined ? {} : { zoneId: zone.id }) },
    dnsTimeoutMs: zone.timeoutMs,
    force,
    skipPreflight,
    isStaging,
  };
}
