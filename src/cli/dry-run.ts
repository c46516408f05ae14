import { stagingOf } from '../config/servers.ts';
import { certificateRow } from '../core/certificate-row.ts';
import type { RenewPorts, RenewRequest } from '../flows/renew-survey.ts';
import type { CommandResult } from './output.ts';

/** What `renew --dry-run` has to say: which certificates could be renewed, and where that was tried. */
export async function dryRunResult(
  request: RenewRequest,
  ports: RenewPorts,
  signal: AbortSignal,
): Promise<CommandResult> {
  const { dryRun } = await import('../flows/dry-run.ts');
  const { certificates, issued, failures } = await dryRun(request, stagingOf, ports, signal);
  const now = ports.clock.now();
  return {
    text: issued.map(({ name, server }) => `${name} can be renewed (tried at ${server})`).join('\n'),
    certificates: certificates.map((source) => certificateRow(source, now)),
    more: { dryRun: true, issued },
    failures,
  };
}
