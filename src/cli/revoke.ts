import type { RevokeConfig } from '../config/config.ts';
import { certificateRow } from '../core/certificate-row.ts';
import { type Revoked, type RevokePorts, revokeCertificate } from '../flows/revoke-certificate.ts';
import type { Log } from '../ports.ts';
import type { CommandHandler } from './command-line.ts';

export function revokeCommand(
  wire: (config: RevokeConfig, log: Log) => RevokePorts & { readonly close: () => Promise<void> },
): CommandHandler<RevokeConfig> {
  return async (config, { log, signal }) => {
    const ports = wire(config, log);
    const { certificate: name, reason, ca } = config;
    try {
      const request = { name, reason, server: ca.directoryUrl };
      const revoked = await revokeCertificate(request, ports, signal);
      const { record, live, facts, by } = revoked;
      return {
        text: `${name}: ${outcome(revoked, reason)}\n`,
        certificates: [certificateRow({ name, record, live, facts }, ports.clock.now())],
        more: { revocation: { serial: facts.serial, reason, by: by ?? null } },
        failures: [],
      };
    } finally {
      await ports.close();
    }
  };
}

function outcome({ facts, by }: Revoked, reason: string): string {
  if (by === undefined) return `serial ${facts.serial} was revoked before`;
  return `serial ${facts.serial} is revoked (${reason}); lanacme renew gets another`;
}
