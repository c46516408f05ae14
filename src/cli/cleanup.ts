import type { CleanupConfig } from '../config/config.ts';
import type { JournalEntry } from '../core/journal.ts';
import { cleanUpHost } from '../flows/clean-up-host.ts';
import type { Log, ZoneWiring } from '../ports.ts';
import type { CommandHandler } from './command-line.ts';

export function cleanupCommand(
  wire: (config: CleanupConfig, log: Log) => ZoneWiring,
): CommandHandler<CleanupConfig> {
  return async (config, { log, signal }) => {
    const ports = wire(config, log);
    try {
      const zone = { zone: config.zone.name, aliases: config.zone.aliases };
      const { dryRun } = config;
      const { found, removed, errors } = await cleanUpHost({ zone, dryRun }, ports, signal);
      return {
        text: textOf(found, removed, dryRun),
        certificates: [],
        failures: errors.map((error) => ({ error })),
      };
    } finally {
      await ports.close();
    }
  };
}

function textOf(found: readonly JournalEntry[], removed: readonly JournalEntry[], dryRun: boolean): string {
  if (found.length === 0) return 'nothing to clean up';
  return (dryRun ? found : removed)
    .flatMap((entry) => entry.records)
    .map(({ name, value }) => `${dryRun ? 'would remove' : 'removed'} ${name} TXT ${value}`)
    .join('\n');
}
