import type { StatusConfig } from '../config/config.ts';
import { expiryProblems, identityProblems, nothingToCheck } from '../core/expiry-check.ts';
import type { IdentityRow } from '../core/identity-life.ts';
import { type CertificateListing, type ListPorts, listCertificates } from '../flows/list-certificates.ts';
import { lookAtIdentity } from '../flows/look-at-identity.ts';
import type { IdentityFile } from '../ports/identity.ts';
import type { CommandHandler } from './command-line.ts';
import type { Failure } from './output.ts';
import { identityBlock } from './status-identity.ts';
import { statusTable } from './status-table.ts';

export function statusCommand(
  wire: (config: StatusConfig) => Promise<ListPorts & { readonly identity?: IdentityFile }>,
): CommandHandler<StatusConfig> {
  return async (config) => {
    const ports = await wire(config);
    const listing = await listCertificates(config.certificate, ports);
    const now = ports.clock.now();
    const identity = ports.identity === undefined ? null : await lookAtIdentity(ports.identity, now);
    const { checkExpiryDays, certificate } = config;
    return {
      text: [statusTable(listing.rows, now), ...(identity === null ? [] : [identityBlock(identity)])].join(
        '\n\n',
      ),
      certificates: listing.rows,
      failures: [
        ...listing.failures,
        ...(checkExpiryDays === undefined ? [] : expiryFailures(listing, checkExpiryDays, now)),
        // Who names a certificate asks about that one alone.
        ...(checkExpiryDays === undefined || certificate !== undefined ? [] : identityFailures(identity)),
      ],
      more: { identity },
    };
  };
}

function identityFailures(identity: IdentityRow | null): readonly Failure[] {
  return identity === null ? [] : identityProblems(identity).map((error) => ({ error }));
}

/** What is found beside records and files that cannot be read: those are failures already. */
function expiryFailures({ rows, failures }: CertificateListing, days: number, now: Date): readonly Failure[] {
  if (rows.length === 0) return [{ error: nothingToCheck() }];
  const damaged = new Set(failures.map(({ certificate }) => certificate));
  return rows
    .filter(({ name }) => !damaged.has(name))
    .flatMap((row) => expiryProblems(row, days, now).map((error) => ({ error, certificate: row.name })));
}
