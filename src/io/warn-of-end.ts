import { type IdentityRow, identityRow } from '../core/identity-life.ts';
import { LanacmeError } from '../errors.ts';
import type { IdentityFile } from '../ports/identity.ts';
import type { Clock, CredentialsSource, Log } from '../ports.ts';

const dayMs = 86_400_000;

/**
 * The same source, which also says, once a day at most, that the certificate of this host ends soon: nobody may ever look
 * at `status`. That it has ended is said by the source.
 */
export function warnOfEnd(
  source: CredentialsSource,
  identity: IdentityFile,
  { clock, log }: { readonly clock: Pick<Clock, 'now'>; readonly log: Log },
): CredentialsSource {
  let toldAt = -Infinity;
  return async (signal) => {
    const credentials = await source(signal);
    const now = clock.now();
    const error = await problemOf(identity, now);
    if (error?.code === 'credentials.certificate-ends-soon' && now.getTime() - toldAt >= dayMs) {
      toldAt = now.getTime();
      log.warn(error.message, { code: error.code, hint: error.hint });
    }
    return credentials;
  };
}

/** It made a session just now, so what cannot be read by now is being replaced. */
async function problemOf({ source, file, read }: IdentityFile, now: Date): Promise<IdentityRow['error']> {
  const certificate = await read().catch((error: unknown) => {
    if (error instanceof LanacmeError) return undefined;
    throw error;
  });
  return certificate === undefined ? null : identityRow({ source, file }, certificate, now).error;
}
