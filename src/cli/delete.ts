import type { DeleteConfig } from '../config/config.ts';
import { type DeletePorts, deleteCertificate } from '../flows/delete-certificate.ts';
import type { Log } from '../ports.ts';
import type { CommandHandler } from './command-line.ts';

export function deleteCommand(
  wire: (config: DeleteConfig, log: Log) => DeletePorts,
): CommandHandler<DeleteConfig> {
  return async (config, { log, signal }) => {
    const removed = await deleteCertificate(config.certificate, wire(config, log), signal);
    return {
      text: removed.map((path) => `removed ${path}\n`).join(''),
      certificates: [],
      more: { removed },
      failures: [],
    };
  };
}
