import type { CaRules } from './ca-rules.ts';
import { type Domain, displayName } from './names.ts';
import type { Finding } from './preflight-finding.ts';

/** What the names themselves say about the order, for a CA with these rules. */
export function orderFindings(
  domains: readonly Domain[],
  profile: string | undefined,
  rules: CaRules | undefined,
): readonly Finding[] {
  return [...coveredNames(domains, rules), ...tooManyNames(domains, profile, rules)];
}

/** A wildcard covers the names exactly one label below its base (RFC 6125 §6.4.3). */
function coveredNames(domains: readonly Domain[], rules: CaRules | undefined): readonly Finding[] {
  const wildcards = new Set(domains.filter((domain) => domain.startsWith('*.')));
  const covered = domains.filter((domain) =>
    wildcards.has(`*${domain.slice(domain.indexOf('.'))}` as Domain),
  );
  const names = covered.filter((domain) => !domain.startsWith('*.'));
  const [first, ...others] = names;
  if (first === undefined) return [];
  const shown = `${displayName(first)}${others.length === 0 ? '' : ` and ${others.length} more`}`;
  const isOne = others.length === 0;
  return [
    {
      weight: rules?.refusesCoveredNames === true ? 'stops' : 'note',
      code: 'order.wildcard-covers-name',
      message: `${shown} ${isOne ? 'is' : 'are'} covered by *${first.slice(first.indexOf('.'))} in the same certificate${
        rules?.refusesCoveredNames === true ? ', which this CA refuses' : ''
      }`,
      hint: `leave out ${isOne ? 'that name' : 'those names'}, or the wildcard`,
    },
  ];
}

function tooManyNames(
  domains: readonly Domain[],
  wanted: string | undefined,
  rules: CaRules | undefined,
): readonly Finding[] {
  if (rules === undefined) return [];
  const profile = wanted ?? rules.defaultProfile;
  const most = Object.hasOwn(rules.mostNames, profile) ? rules.mostNames[profile] : undefined;
  if (most === undefined || domains.length <= most) return [];
  return [
    {
      weight: 'stops',
      code: 'order.too-many-names',
      message: `the certificate has ${domains.length} names, and this CA allows ${most} with profile ${profile}`,
      hint: 'spread the names over several certificates, or use a wildcard',
    },
  ];
}
