import type { StatusConfig } from '../config/config.ts';
import { type ListPorts, listCertificates } from '../flows/list-certificates.ts';
import type { CommandHandler } from './command-line.ts';
import { statusTable } from './status-table.ts';

export function statusCommand(wire: (config: StatusConfig) => ListPorts): CommandHandler<StatusConfig> {
  return async (config) => {
    const ports = wire(config);
    const { rows, failures } = await listCertificates(config.certificate, ports);
    return { text: statusTable(rows, ports.clock.now()), certificates: rows, failures };
  };
}
