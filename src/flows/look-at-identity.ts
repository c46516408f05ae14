import { type IdentityRow, type IdentitySource, identityRow } from '../core/identity-life.ts';
import { LanacmeError } from '../errors.ts';

/** The certificate file that a host is known by at AWS. */
export interface IdentityFile extends IdentitySource {
  /** What is in it now. @throws LanacmeError if it cannot be read. */
  readonly read: () => Promise<string>;
}

/** That it cannot be read is told of it, and keeps nobody from seeing the rest: `status` is for every user. */
export async function lookAtIdentity({ source, file, read }: IdentityFile, now: Date): Promise<IdentityRow> {
  const pem = await read().catch((error: unknown) => {
    if (error instanceof LanacmeError) return error;
    throw error;
  });
  return identityRow({ source, file }, pem, now);
}
