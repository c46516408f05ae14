import type { ServeCredentialsConfig } from '../config/config.ts';
import { serveCredentials } from '../flows/serve-credentials.ts';
import type { ServePorts } from '../ports/serve-credentials.ts';
import type { Log } from '../ports.ts';
import type { CommandHandler } from './command-line.ts';

/** `lanacme credentials serve`: there is no result, only answers to those who ask. */
export function serveCredentialsCommand(
  wire: (config: ServeCredentialsConfig, log: Log) => ServePorts,
): CommandHandler<ServeCredentialsConfig> {
  return async (config, { log, signal }) => {
    const { credentials } = config.aws;
    const roleArn = credentials.kind === 'roles-anywhere' ? { roleArn: credentials.roleArn } : {};
    await serveCredentials(roleArn, wire(config, log), signal);
    return { text: '', certificates: [], failures: [] };
  };
}
