import type { CertificateLife } from '../core/certificate-life.ts';
import { type IdentityRow, type IdentitySource, identityRow, noCertificate } from '../core/identity-life.ts';
import { LanacmeError } from '../errors.ts';
import type { IdentityFile } from '../ports/identity.ts';

/** That it cannot be read is told of it, and keeps nobody from seeing the rest: `status` is for every user. */
export async function lookAtIdentity({ source, file, read }: IdentityFile, now: Date): Promise<IdentityRow> {
  const identity = { source, file };
  const found = await certificateIn(identity, read).catch((error: unknown) => {
    if (error instanceof LanacmeError) return error;
    throw error;
  });
  return identityRow(identity, found, now);
}

async function certificateIn(identity: IdentitySource, read: IdentityFile['read']): Promise<CertificateLife> {
  const certificate = await read();
  if (certificate === undefined) throw noCertificate(identity);
  return certificate;
}
