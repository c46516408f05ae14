import { type IdentityRow, identityRow } from '../core/identity-life.ts';
import { LanacmeError } from '../errors.ts';
import type { IdentityFile } from '../ports/identity.ts';

/** That it cannot be read is told of it, and keeps nobody from seeing the rest: `status` is for every user. */
export async function lookAtIdentity({ source, file, read }: IdentityFile, now: Date): Promise<IdentityRow> {
  const pem = await read().catch((error: unknown) => {
    if (error instanceof LanacmeError) return error;
    throw error;
  });
  return identityRow({ source, file }, pem, now);
}
