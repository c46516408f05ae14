import { termsOf } from '../core/certificate-terms.ts';
import { checkInZone } from '../core/lan-zone.ts';
import {
  type CertificateName,
  certificateNameOf,
  type Domain,
  parseCertificateName,
  parseDomain,
} from '../core/names.ts';
import type { CertificateChanges } from '../core/renewal-request.ts';
import type { CaConfig, WantedCertificate, ZoneConfig } from './config.ts';
import type { Problems } from './problems.ts';
import { servedTarget } from './served-target.ts';
import { directoryUrl } from './servers.ts';
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
    terms: termsOf(changedTerms(values, problems)),
  };
}

/** What is given for certificates that are there already. */
export function checkChanges(values: Values, problems: Problems): CertificateChanges {
  const server = values.given('server');
  const url =
    server === undefined ? undefined : problems.attempt(values.origin('server'), () => directoryUrl(server));
  return {
    spec: onlyGiven({
      server: url,
      keyType: values.given('key-type'),
      profile: values.given('profile'),
      preferredChain: values.given('preferred-chain'),
    }),
    terms: changedTerms(values, problems),
  };
}

function changedTerms(values: Values, problems: Problems): CertificateChanges['terms'] {
  return onlyGiven({
    challenge: values.given('challenge'),
    profileFallback: values.given('profile-fallback'),
    reuseKey: values.given('reuse-key'),
    keyGroup: values.given('key-group'),
    owner: values.given('owner'),
    combined: values.given('combined'),
    pkcs12PasswordFile: values.given('pkcs12-password-file'),
    checks: problems.attempt(values.origin('check'), () => values.given('check')?.map(servedTarget)),
    rollbackOnFailure: values.given('rollback-on-failure'),
  });
}

/** The members that are there. */
function onlyGiven<T extends object>(members: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const present = Object.entries(members).filter(([, value]) => value !== undefined);
  return Object.fromEntries(present) as { [K in keyof T]?: Exclude<T[K], undefined> };
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
