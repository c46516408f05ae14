import type { CleanupConfig } from '../config/config.ts';
import { cleanupRows, cleanupText } from '../core/cleanup-row.ts';
import { cleanUpHost } from '../flows/clean-up-host.ts';
import type { Log, ZoneWiring } from '../ports.ts';
import type { CommandHandler } from './command-line.ts';

export function cleanupCommand(
  wire: (config: CleanupConfig, log: Log) => ZoneWiring,
): CommandHandler<CleanupConfig> {
  return async (config, { log, signal }) => {
    const ports = wire(config, log);
    try {
      const { name, aliases, timeoutMs } = config.zone;
      const { dryRun } = config;
      const { found, removed, errors } = await cleanUpHost(
        { zone: { zone: name, aliases }, dryRun, timeoutMs },
        ports,
        signal,
      );
      const rows = cleanupRows(found, removed, dryRun);
      return {
        text: cleanupText(rows),
        certificates: [],
        more: { dryRun, values: rows },
        failures: errors.map((error) => ({ error })),
      };
    } finally {
      await ports.close();
    }
  };
}
