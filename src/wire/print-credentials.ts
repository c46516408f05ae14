import type { PrintCredentialsConfig } from '../config/config.ts';
import { systemClock } from '../io/clock.ts';
import type { CredentialsWiring } from '../ports/credentials.ts';
import type { Log } from '../ports.ts';
import { credentialsSource } from './credentials.ts';

export function wirePrintCredentials(config: PrintCredentialsConfig, log: Log): CredentialsWiring {
  return {
    source: async () => await credentialsSource(config, log),
    openFile: async (output) => {
      const { openCredentialsFile } = await import('../io/credentials-file.ts');
      return await openCredentialsFile({ ...output, clock: systemClock });
    },
  };
}
