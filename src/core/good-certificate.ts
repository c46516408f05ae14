import { type ErrorCode, LanacmeError } from '../errors.ts';
import type { CertificateFacts } from './certificate-facts.ts';
import type { CertificateRecord, CertificateSpec } from './certificate-record.ts';
import type { CertificateName, Domain } from './names.ts';
import { decideRenewal } from './renewal.ts';
import { rfc3339 } from './rfc3339.ts';

/** What is wanted, what is on disk, and the time. */
export interface CertificateSituation {
  readonly name: CertificateName;
  readonly wanted: CertificateSpec;
  /** As `recordOfLive` gives it: its installed version is the live one. */
  readonly record: CertificateRecord | undefined;
  /** What the certificate in `live/NAME` says of itself. */
  readonly live: CertificateFacts | undefined;
  /** Why the files in `live/NAME` cannot be used, in place of `live`. */
  readonly damage?: LanacmeError | undefined;
  /** `--force` */
  readonly force: boolean;
  /** The names were changed where they are kept: that is no mistake to be asked about. */
  readonly namesMayDiffer?: boolean;
  readonly now: Date;
  readonly isStaging: (directoryUrl: string) => boolean;
}

export type Verdict =
  /** Nothing to order before `renewAt`. */
  | { readonly kind: 'good'; readonly renewAt: Date; readonly reason: string }
  /** Each reason is a sentence. */
  | { readonly kind: 'order'; readonly reasons: readonly string[] }
  | { readonly kind: 'refuse'; readonly error: LanacmeError };

/** Whether the certificate in place is the one that is wanted, has to be ordered, or must not be replaced. */
export function judgeCertificate(situation: CertificateSituation): Verdict {
  const { live, force, damage } = situation;
  if (damage !== undefined && !mendable.has(damage.code)) return { kind: 'refuse', error: damage };
  const inPlace = situation.record?.installed?.spec;
  const refusal = force ? undefined : refuse(situation, inPlace);
  if (refusal !== undefined) return { kind: 'refuse', error: refusal };

  const reasons = [...(force ? ['--force was given'] : []), ...differences(situation, inPlace)];
  if (live === undefined) return { kind: 'order', reasons: [...reasons, missing(situation)] };
  const renewal = decideRenewal(live, situation.now, situation.record);
  if (live.notBefore > situation.now) reasons.push(`it is not valid before ${rfc3339(live.notBefore)}`);
  else if (renewal.kind === 'due') reasons.push(renewal.reason);
  if (reasons.length > 0) return { kind: 'order', reasons };
  return { kind: 'good', renewAt: renewal.renewAt, reason: renewal.reason };
}

/** Damage that a new version mends. What lanacme did not make, or may not read, it does not replace. */
const mendable: ReadonlySet<ErrorCode> = new Set(['state.broken', 'certificate.unusable']);

function refuse(
  situation: CertificateSituation,
  inPlace: CertificateSpec | undefined,
): LanacmeError | undefined {
  const { name, wanted, live, isStaging } = situation;
  const present = inPlace?.domains ?? live?.domains;
  const mayDiffer = situation.namesMayDiffer === true;
  if (present !== undefined && !mayDiffer && !areSame(present, wanted.domains)) {
    return namesDiffer(name, present, wanted.domains);
  }
  if (inPlace !== undefined && inPlace.server !== wanted.server && isStaging(wanted.server)) {
    return stagingOver(name, inPlace.server, wanted.server);
  }
  return undefined;
}

/** Everything in which the certificate in place is not the wanted one. */
function differences({ wanted, live }: CertificateSituation, inPlace: CertificateSpec | undefined): string[] {
  if (inPlace === undefined) {
    return live === undefined ? [] : ['the record that says how it was ordered is missing'];
  }
  const present = live?.domains ?? inPlace.domains;
  return [
    areSame(present, wanted.domains)
      ? undefined
      : `the names change from ${present.join(', ')} to ${wanted.domains.join(', ')}`,
    change('server', inPlace.server, wanted.server),
    change('key type', inPlace.keyType, wanted.keyType),
    change('profile', inPlace.profile, wanted.profile),
    change('preferred chain', inPlace.preferredChain, wanted.preferredChain),
  ].filter((reason) => reason !== undefined);
}

function change(what: string, from: string | undefined, to: string | undefined): string | undefined {
  const byDefault = "the CA's default";
  return from === to ? undefined : `the ${what} changes from ${from ?? byDefault} to ${to ?? byDefault}`;
}

function missing({ name, record, damage }: CertificateSituation): string {
  if (damage !== undefined) return `its files cannot be used: ${damage.message}`;
  return record?.installed === undefined ? 'there is no certificate yet' : `live/${name} is gone`;
}

function areSame(one: readonly Domain[], other: readonly Domain[]): boolean {
  const names = new Set(one);
  return names.size === new Set(other).size && other.every((domain) => names.has(domain));
}

function namesDiffer(
  name: CertificateName,
  present: readonly Domain[],
  wanted: readonly Domain[],
): LanacmeError {
  const names = wanted.map((domain) => `--domain '${domain}'`).join(' ');
  const message = `certificate ${name} is for ${present.join(', ')}, and ${wanted.join(', ')} was asked for`;
  return new LanacmeError('names.differ', message, {
    hint: 'give the new certificate another --name, or replace the names of this one with --force',
    details: [
      `for one more certificate: lanacme issue --name ${freeName(name, wanted)} ${names}`,
      `to replace the names of this one: lanacme issue --name ${name} --force ${names}`,
    ],
    outcome: 'usage',
  });
}

/** A local name that is not the one in the way. */
function freeName(name: CertificateName, wanted: readonly Domain[]): string {
  const own = wanted.map((domain) => domain.replace(/^\*\./, '')).find((candidate) => candidate !== name);
  return own ?? `${name}-2`;
}

function stagingOver(name: CertificateName, present: string, wanted: string): LanacmeError {
  const message = `certificate ${name} is from ${present}: one of the staging server ${wanted} would replace it`;
  return new LanacmeError('certificate.staging-over-production', message, {
    hint: 'try the staging server with another --name, or replace this certificate with --force',
    outcome: 'usage',
  });
}
