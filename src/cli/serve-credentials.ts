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
    try {
      await serveCredentials(roleArn, wire(config, log), signal);
    } catch (thrown) {
      // Nobody waits for a result: to be stopped, as by each shutdown, is how it ends, and no failure to tell of.
      if (!signal.aborted) throw thrown;
    }
    return { text: '', certificates: [], failures: [] };
  };
}
