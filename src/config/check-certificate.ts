import { checkInZone } from '../core/lan-zone.ts';
import {
  type CertificateName,
  certificateNameOf,
  type Domain,
  parseCertificateName,
  parseDomain,
} from '../core/names.ts';
import type { CaConfig, WantedCertificate, ZoneConfig } from './config.ts';
import type { Problems } from './problems.ts';
import type { Values } from './values.ts';

/** What is to be issued; undefined if a problem was noted here or, for the parts handed in, before. */
export function checkCertificate(
  values: Values,
  ca: CaConfig | undefined,
  zone: ZoneConfig | undefined,
  problems: Problems,
): WantedCertificate | undefined {
  const domains = checkDomains(values, problems);
  if (zone !== undefined)
    problems.attempt(values.origin('domain'), () => {
      checkInZone(domains, zone.name);
    });
  const name = problems.attempt(values.origin('name'), () => nameOf(values.get('name'), domains));
  if (ca === undefined || name === undefined) return undefined;
  const profile = values.get('profile');
  const preferredChain = values.get('preferred-chain');
  return {
    name,
    spec: {
      domains,
      server: ca.directoryUrl,
      keyType: values.get('key-type'),
      ...(profile === undefined ? {} : { profile }),
      ...(preferredChain === undefined ? {} : { preferredChain }),
    },
    profileFallback: values.get('profile-fallback'),
    reuseKey: values.get('reuse-key'),
  };
}

/** The names in the order given, each once; a wrong one is a problem of its own. */
function checkDomains(values: Values, problems: Problems): readonly Domain[] {
  const written = values.get('domain');
  if (written === undefined) problems.add(...values.missing('domain'));
  const domains = (written ?? []).flatMap(
    (text) => problems.attempt(values.origin('domain'), () => parseDomain(text)) ?? [],
  );
  return [...new Set(domains)];
}

function nameOf(written: string | undefined, domains: readonly Domain[]): CertificateName | undefined {
  if (written !== undefined) return parseCertificateName(written);
  const [first] = domains;
  return first === undefined ? undefined : certificateNameOf(first);
}
