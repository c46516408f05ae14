/** What a CA is known to hold an order to, besides what its directory says. */
export interface CaRules {
  /** Names in one certificate, by profile; without a profile, that of `defaultProfile`. */
  readonly mostNames: Readonly<Record<string, number>>;
  readonly defaultProfile: string;
  /** Whether an order is refused that has a wildcard and a name which it covers. */
  readonly refusesCoveredNames: boolean;
  /** Whether a zone with a broken chain of trust is as good as not there. */
  readonly validatesDnssec: boolean;
}

/** https://letsencrypt.org/docs/profiles/ and boulder's policy/pa.go. */
const letsEncrypt: CaRules = {
  mostNames: { classic: 100, tlsserver: 25, shortlived: 25 },
  defaultProfile: 'classic',
  refusesCoveredNames: true,
  validatesDnssec: true,
};

const known: ReadonlyMap<string, CaRules> = new Map([
  ['https://acme-v02.api.letsencrypt.org/directory', letsEncrypt],
  ['https://acme-staging-v02.api.letsencrypt.org/directory', letsEncrypt],
]);

/** The rules of the CA with this directory, if they are known. */
export function caRules(directoryUrl: string): CaRules | undefined {
  return known.get(directoryUrl);
}
