import { readFileSync } from 'node:fs';
import tls from 'node:tls';

/**
 * The roots that Node trusts by itself, as PEM: its own list and NODE_EXTRA_CA_CERTS. As soon as a TLS context has a
 * `ca` of its own Node uses neither, so whoever wants to add a root has to repeat them.
 *
 * `tls.getCACertificates` knows them (Node 22.15, 24; with `--use-system-ca` and `--use-openssl-ca` too). Node 20 has only
 * the list; there the variable is read here. A file that cannot be read is passed over: Node has warned about it.
 */
export function nodeRoots(extraCaCertsFile = process.env['NODE_EXTRA_CA_CERTS']): readonly string[] {
  const all = (tls as { getCACertificates?: (type: 'default') => readonly string[] }).getCACertificates;
  if (all !== undefined) return all('default');
  return [...tls.rootCertificates, ...readExtra(extraCaCertsFile)];
}

function readExtra(file: string | undefined): readonly string[] {
  if (file === undefined || file === '') return [];
  try {
    return [readFileSync(file, 'utf8')];
  } catch {
    return [];
  }
}
