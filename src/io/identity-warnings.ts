import { X509Certificate } from 'node:crypto';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import {
  isFromPublicCa,
  ownIdentityHint,
  publicCaWarning,
  renewedByUsWarning,
  unfitness,
} from '../core/roles-anywhere-certificate.ts';
import type { Log } from '../ports.ts';
import { readSmallFile } from './small-file.ts';

/**
 * Warns, once for each certificate, of an identity that AWS may refuse or that should be none. The last word is AWS's,
 * so nothing is refused here.
 */
export function identityWarnings(
  certFile: string,
  stateDir: string,
  log: Log,
): (leaf: X509Certificate) => void {
  const told = new Set<string>();
  return (leaf) => {
    if (told.has(leaf.fingerprint256)) return;
    told.add(leaf.fingerprint256);
    const unfit = unfitness(leaf, certFile);
    if (unfit !== undefined) log.warn(unfit, { hint: ownIdentityHint });
    if (isRenewedHere(leaf, stateDir)) log.warn(renewedByUsWarning(certFile), { hint: ownIdentityHint });
    else if (isFromPublicCa(leaf)) log.warn(publicCaWarning(certFile), { hint: ownIdentityHint });
  };
}

/** Whether it is a certificate of this state folder, under whatever path. One that cannot be read is not compared. */
function isRenewedHere(leaf: X509Certificate, stateDir: string): boolean {
  const live = path.join(stateDir, 'live');
  return namesIn(live).some((name) => {
    try {
      const pem = readSmallFile(path.join(live, name, 'cert.pem'));
      return pem !== undefined && new X509Certificate(pem).fingerprint256 === leaf.fingerprint256;
    } catch {
      return false;
    }
  });
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
