import type { DeployConfig } from '../config/config.ts';
import { certificateRow } from '../core/certificate-row.ts';
import { deployCertificates } from '../flows/deploy-certificates.ts';
import type { DeployWiring, Log } from '../ports.ts';
import type { CommandHandler } from './command-line.ts';
import { deployTerms } from './deploy-terms.ts';

export function deployCommand(
  wire: (config: DeployConfig, log: Log) => DeployWiring,
): CommandHandler<DeployConfig> {
  return async (config, { log, signal }) => {
    const ports = wire(config, log);
    const { names, hooks, force } = config;
    // Somebody typed it: what failed lately is tried at once.
    const terms = deployTerms(hooks, { force, heedsBackoff: false });
    const deployed = await deployCertificates({ names, terms }, ports, signal);
    const now = ports.clock.now();
    return {
      text: '',
      certificates: deployed.map((certificate) => certificateRow(certificate, now)),
      failures: deployed.flatMap(({ name, errors }) => errors.map((error) => ({ error, certificate: name }))),
    };
  };
}
