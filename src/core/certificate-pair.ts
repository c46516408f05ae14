import { createPrivateKey, X509Certificate } from 'node:crypto';

/** The PEM texts of one version folder. */
interface PairFiles {
  readonly privkey: string;
  readonly cert: string;
  readonly fullchain: string;
}

/** Why a server could not be given these files; nothing if they belong together. */
export function pairProblem({ privkey, cert, fullchain }: PairFiles): string | undefined {
  const leaf = parsed(() => new X509Certificate(cert));
  if (leaf === undefined) return 'cert.pem is not a certificate';
  const key = parsed(() => createPrivateKey(privkey));
  if (key === undefined) return 'privkey.pem is not a private key';
  if (!leaf.checkPrivateKey(key)) return 'privkey.pem does not match cert.pem';
  const first = parsed(() => new X509Certificate(fullchain));
  return first?.raw.equals(leaf.raw) === true ? undefined : 'fullchain.pem does not begin with cert.pem';
}

function parsed<T>(parse: () => T): T | undefined {
  try {
    return parse();
  } catch {
    // What OpenSSL says of a damaged PEM ("no start line") helps nobody.
    return undefined;
  }
}
