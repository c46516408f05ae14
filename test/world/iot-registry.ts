/**
 * What an AWS account knows of its devices: certificates with their things and IoT policy, and role aliases. It decides
 * what a certificate may have, in the order in which AWS checks.
 */
import { X509Certificate } from 'node:crypto';
import type { PolicyDocument } from './iam-policy.ts';

export interface DeviceCertificate {
  /** SHA-256 of the certificate, 64 hex digits: what AWS calls the certificate id. */
  readonly id: string;
  readonly notAfter: Date;
  status: 'ACTIVE' | 'INACTIVE' | 'REVOKED';
  /** The things that it is attached to: name to thing type, if it has one. */
  things: Readonly<Record<string, string | undefined>>;
  /** What its IoT policy allows `iot:AssumeRoleWithCertificate` on; nothing if no policy is attached. `*` is every alias. */
  allowedAliases: readonly string[];
}

export interface RoleAlias {
  readonly roleName: string;
  /** The role's identity policies. */
  readonly policies: readonly PolicyDocument[];
  /** Default 3600. */
  readonly durationSeconds?: number;
  /** The role's MaxSessionDuration. Default 3600. */
  readonly maxSessionSeconds?: number;
  /** Whether the role exists and trusts `credentials.iot.amazonaws.com`. Default true. */
  readonly isAssumable?: boolean;
}

export interface IotRefusal {
  readonly kind: 'refused';
  readonly status: number;
  /** For `x-amzn-ErrorType`. Only AccessDeniedException is published; the others are AWS's usual words. */
  readonly errorType: string;
  readonly message: string;
}

export type IotDecision =
  | {
      readonly kind: 'granted';
      readonly alias: Required<RoleAlias>;
      /** Condition keys of the session. */
      readonly context: Readonly<Record<string, string>>;
    }
  | IotRefusal;

const refused = (status: number, errorType: string, message: string): IotRefusal => ({
  kind: 'refused',
  status,
  errorType,
  message,
});

export const invalidCertificate = refused(
  403,
  'AccessDeniedException',
  'Certificate is invalid on this endpoint',
);

export class IotRegistry {
  readonly #certificates = new Map<string, DeviceCertificate>();
  readonly #aliases = new Map<string, RoleAlias>();

  /** Makes a certificate known, ACTIVE unless said otherwise. What is returned may be changed at any time. */
  addCertificate(
    pem: string,
    about: Partial<Pick<DeviceCertificate, 'status' | 'things' | 'allowedAliases'>> = {},
  ): DeviceCertificate {
    const { fingerprint256, validTo } = new X509Certificate(pem);
    const certificate: DeviceCertificate = {
      id: certificateId(fingerprint256),
      notAfter: new Date(validTo),
      status: about.status ?? 'ACTIVE',
      things: about.things ?? {},
      allowedAliases: about.allowedAliases ?? [],
    };
    this.#certificates.set(certificate.id, certificate);
    return certificate;
  }

  setAlias(name: string, alias: RoleAlias): void {
    this.#aliases.set(name, alias);
  }

  removeAlias(name: string): void {
    this.#aliases.delete(name);
  }

  /**
   * The certificate that a client shows, if it is good here. What an inactive or revoked one gets is not published:
   * here it is the same as an unknown one.
   */
  goodCertificate(peer: X509Certificate | undefined, now: Date): DeviceCertificate | undefined {
    const known = peer && this.#certificates.get(certificateId(peer.fingerprint256));
    return known?.status === 'ACTIVE' && known.notAfter > now ? known : undefined;
  }

  decide(certificate: DeviceCertificate, aliasName: string, thingName: string | undefined): IotDecision {
    if (thingName !== undefined && !Object.hasOwn(certificate.things, thingName)) {
      return refused(403, 'AccessDeniedException', 'Invalid thing name passed');
    }
    if (!certificate.allowedAliases.some((allowed) => allowed === '*' || allowed === aliasName)) {
      return refused(403, 'AccessDeniedException', 'Access Denied');
    }
    const found = this.#aliases.get(aliasName);
    if (found === undefined) return refused(404, 'ResourceNotFoundException', 'Role alias does not exist');
    const alias = { durationSeconds: 3600, maxSessionSeconds: 3600, isAssumable: true, ...found };
    if (!alias.isAssumable) {
      const message = 'Unable to assume the role, or the role to assume does not exist';
      return refused(400, 'InvalidRequestException', message);
    }
    if (alias.durationSeconds > alias.maxSessionSeconds) {
      const message =
        'The requested CredentialDurationSeconds exceeds the MaxSessionDuration set for the role';
      return refused(400, 'InvalidRequestException', message);
    }
    return { kind: 'granted', alias, context: sessionContext(certificate, thingName) };
  }
}

/** Without a thing name its two keys stay unset, so that statements which name them match nothing. */
function sessionContext(
  certificate: DeviceCertificate,
  thingName: string | undefined,
): Record<string, string> {
  const context: Record<string, string> = { 'credentials-iot:AwsCertificateId': certificate.id };
  if (thingName === undefined) return context;
  context['credentials-iot:ThingName'] = thingName;
  const thingType = certificate.things[thingName];
  if (thingType !== undefined) context['credentials-iot:ThingTypeName'] = thingType;
  return context;
}

function certificateId(fingerprint256: string): string {
  return fingerprint256.replaceAll(':', '').toLowerCase();
}
