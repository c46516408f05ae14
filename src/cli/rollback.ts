import type { RollbackConfig } from '../config/config.ts';
import { certificateRow } from '../core/certificate-row.ts';
import { rollbackCertificate } from '../flows/rollback-certificate.ts';
import type { DeployWiring, Log } from '../ports.ts';
import type { CommandHandler } from './command-line.ts';
import { deployTerms } from './deploy-terms.ts';

export function rollbackCommand(
  wire: (config: RollbackConfig, log: Log) => DeployWiring,
): CommandHandler<RollbackConfig> {
  return async (config, { log, signal }) => {
    const ports = wire(config, log);
    const { certificate: name, hooks } = config;
    const terms = deployTerms(hooks, { force: false, heedsBackoff: false });
    const { from, errors, ...onDisk } = await rollbackCertificate({ name, terms }, ports, signal);
    const to = onDisk.live?.version ?? '';
    return {
      text: `${name}: version ${to} is live, version ${from} is held\n`,
      certificates: [certificateRow({ name, ...onDisk }, ports.clock.now())],
      more: { rollback: { from, to } },
      failures: errors.map((error) => ({ error, certificate: name })),
    };
  };
}
