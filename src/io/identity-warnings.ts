import type { X509Certificate } from 'node:crypto';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import {
  type IdentityFacts,
  identityWarnings,
  isFromPublicCa,
  publicCaWarning,
  renewedByUsWarning,
} from '../core/identity-fitness.ts';
import type { Log } from '../ports.ts';
import { identityFacts } from './identity-facts.ts';
import { readSmallFile } from './small-file.ts';

/**
 * Warns, once for each certificate, of an identity that AWS may refuse or that should be none. The last word is AWS's,
 * so nothing is refused here.
 */
export function warningOfIdentity(
  certFile: string,
  stateDir: string,
  log: Log,
): (leaf: X509Certificate) => void {
  const told = new Set<string>();
  return (leaf) => {
    if (told.has(leaf.fingerprint256)) return;
    told.add(leaf.fingerprint256);
    const facts = factsOrNothing(leaf);
    const warnings = [
      ...(facts === undefined ? [] : identityWarnings(facts, certFile)),
      ...(isRenewedHere(leaf, stateDir)
        ? [renewedByUsWarning(certFile)]
        : facts !== undefined && isFromPublicCa(facts)
          ? [publicCaWarning(certFile)]
          : []),
    ];
    for (const { message, hint } of warnings) log.warn(message, { hint });
  };
}

/** A certificate that OpenSSL reads and we do not is AWS's to judge. */
function factsOrNothing(leaf: X509Certificate): IdentityFacts | undefined {
  try {
    return identityFacts(leaf);
  } catch {
    return undefined;
  }
}

/**
 * Whether it is, or was, a certificate of this state folder, under whatever path: one that was copied elsewhere stays
 * behind when the next is issued. One that cannot be read is not compared.
 */
function isRenewedHere(leaf: X509Certificate, stateDir: string): boolean {
  const own = leaf.raw.toString('base64');
  const archive = path.join(stateDir, 'archive');
  return namesIn(archive).some((name) =>
    namesIn(path.join(archive, name)).some(
      (version) => base64Of(path.join(archive, name, version, 'cert.pem')) === own,
    ),
  );
}

/** What stands between the lines of a PEM file of one certificate. */
function base64Of(file: string): string | undefined {
  try {
    return readSmallFile(file)?.replaceAll(/-----[^-]*-----|\s/g, '');
  } catch {
    return undefined;
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
