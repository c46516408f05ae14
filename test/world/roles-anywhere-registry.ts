/**
 * What an AWS account has for IAM Roles Anywhere: trust anchors, profiles, and roles with their trust policies. It
 * decides what a certificate may have.
 * Source: https://docs.aws.amazon.com/rolesanywhere/latest/userguide/authentication-create-session.html
 */
import { randomUUID, X509Certificate } from 'node:crypto';
import { sourceIdentityOf, tagsOf } from './certificate-tags.ts';
import { type ConditionBlock, evaluate, type OneOrMore, type PolicyDocument } from './iam-policy.ts';
import { makeTrustAnchor, type TrustAnchor } from './trust-anchor.ts';
import { refusalOfLeaf } from './trusted-leaf.ts';
import type { Signer } from './x509-signature.ts';

export interface Profile {
  readonly arn: string;
  roleArns: readonly string[];
  /** Default 3600. */
  durationSeconds: number;
  /** Whether a request may choose the name of its session. Default false. */
  acceptRoleSessionName: boolean;
  isEnabled: boolean;
}

export interface TrustStatement {
  readonly Effect: 'Allow' | 'Deny';
  readonly Principal: { readonly Service: OneOrMore<string> };
  readonly Action: OneOrMore<string>;
  readonly Condition?: ConditionBlock;
}

export interface TrustedRole {
  /** `arn:aws:iam::ACCOUNT:role/PATH/NAME` */
  readonly arn: string;
  /** Who may assume it. */
  trust: readonly TrustStatement[];
  /** The role's identity policies. */
  policies: readonly PolicyDocument[];
  /** MaxSessionDuration. Default 3600. */
  maxSessionSeconds: number;
}

/** What a request asks for, as far as it is well-formed. */
export interface SessionAsked {
  readonly trustAnchorArn: string;
  readonly profileArn: string;
  readonly roleArn: string;
  readonly durationSeconds?: number;
  readonly roleSessionName?: string;
}

export interface RolesAnywhereRefusal {
  readonly kind: 'refused';
  readonly status: number;
  /** For `x-amzn-ErrorType`. */
  readonly errorType: string;
  readonly message: string;
}

export type RolesAnywhereDecision =
  | {
      readonly kind: 'granted';
      readonly role: TrustedRole;
      readonly sessionName: string;
      readonly durationSeconds: number;
      /** `x509Subject/CN`, … */
      readonly tags: Readonly<Record<string, string>>;
      readonly sourceIdentity: string;
    }
  | RolesAnywhereRefusal;

/** All three have to be allowed by the role's trust policy. */
const neededActions = ['sts:AssumeRole', 'sts:TagSession', 'sts:SetSourceIdentity'];

export class RolesAnywhereRegistry {
  readonly #accountId: string;
  readonly #region: string;
  readonly #anchors = new Map<string, TrustAnchor>();
  readonly #profiles = new Map<string, Profile>();
  readonly #roles = new Map<string, TrustedRole>();

  constructor(accountId: string, region: string) {
    this.#accountId = accountId;
    this.#region = region;
  }

  /** What is returned by these three may be changed at any time. */
  addTrustAnchor(certificates: readonly string[]): TrustAnchor {
    const anchor = makeTrustAnchor(this.#arn('trust-anchor'), certificates);
    this.#anchors.set(anchor.arn, anchor);
    return anchor;
  }

  addProfile(roleArns: readonly string[], about: Partial<Omit<Profile, 'arn' | 'roleArns'>> = {}): Profile {
    const given = { durationSeconds: 3600, acceptRoleSessionName: false, isEnabled: true, ...about };
    const profile = { ...given, arn: this.#arn('profile'), roleArns };
    this.#profiles.set(profile.arn, profile);
    return profile;
  }

  /** `name` with its path, if it has one: `lan/lanacme`. */
  addRole(name: string, about: Pick<TrustedRole, 'trust' | 'policies'> & Partial<TrustedRole>): TrustedRole {
    const arn = `arn:aws:iam::${this.#accountId}:role/${name}`;
    const role = { maxSessionSeconds: 3600, ...about, arn };
    this.#roles.set(arn, role);
    return role;
  }

  decide(asked: SessionAsked, { leaf, intermediates }: Signer, now: Date): RolesAnywhereDecision {
    const anchor = this.#anchors.get(asked.trustAnchorArn);
    if (anchor === undefined) return missing('TrustAnchor', asked.trustAnchorArn);
    if (!anchor.isEnabled) return denied('Trust anchor is disabled');
    const anchors = anchor.certificates.map((pem) => new X509Certificate(pem));
    const untrusted = refusalOfLeaf(leaf, intermediates, anchors, now);
    if (untrusted !== undefined) return denied(untrusted);
    const profile = this.#profiles.get(asked.profileArn);
    if (profile === undefined) return missing('Profile', asked.profileArn);
    if (!profile.isEnabled) return denied('Profile is disabled');
    if (asked.roleSessionName !== undefined && !profile.acceptRoleSessionName) {
      return denied('The profile does not accept a custom role session name');
    }
    return this.#assume(asked, profile, leaf);
  }

  #assume(asked: SessionAsked, profile: Profile, leaf: X509Certificate): RolesAnywhereDecision {
    const role = this.#roles.get(asked.roleArn);
    const tags = tagsOf(leaf);
    const sourceIdentity = sourceIdentityOf(leaf);
    const unable = `Unable to assume role for ${asked.roleArn}`;
    if (
      role === undefined ||
      !profile.roleArns.includes(role.arn) ||
      !isTrusted(role, {
        ...contextOf(tags),
        'aws:SourceArn': asked.trustAnchorArn,
        'sts:SourceIdentity': sourceIdentity,
      })
    ) {
      return denied(unable);
    }
    const durationSeconds = Math.min(profile.durationSeconds, asked.durationSeconds ?? Infinity);
    if (durationSeconds > role.maxSessionSeconds) {
      return denied(
        `${unable}. The requested DurationSeconds exceeds the MaxSessionDuration set for this role.`,
      );
    }
    const sessionName = asked.roleSessionName ?? leaf.serialNumber.toLowerCase();
    return { kind: 'granted', role, sessionName, durationSeconds, tags, sourceIdentity };
  }

  #arn(kind: 'trust-anchor' | 'profile'): string {
    return `arn:aws:rolesanywhere:${this.#region}:${this.#accountId}:${kind}/${randomUUID()}`;
  }
}

/** Statements as users write them: all three actions, from this anchor only, on the further conditions. */
export function trustOf(trustAnchorArn: string, condition: ConditionBlock = {}): readonly TrustStatement[] {
  return [
    {
      Effect: 'Allow',
      Principal: { Service: 'rolesanywhere.amazonaws.com' },
      Action: neededActions,
      Condition: { ArnEquals: { 'aws:SourceArn': trustAnchorArn }, ...condition },
    },
  ];
}

function isTrusted(role: TrustedRole, context: Readonly<Record<string, string>>): boolean {
  const statements = role.trust
    .filter(({ Principal }) => [Principal.Service].flat().includes('rolesanywhere.amazonaws.com'))
    .map(({ Effect, Action, Condition }) => ({
      Effect,
      Action,
      Resource: '*',
      ...(Condition === undefined ? {} : { Condition }),
    }));
  const policies = [{ Version: '2012-10-17' as const, Statement: statements }];
  return neededActions.every(
    (action) => evaluate(policies, { action, resource: role.arn, context }) === 'allowed',
  );
}

/** The tags are the caller's already while it asks. */
function contextOf(tags: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(tags).flatMap(([key, value]) => [
      [`aws:PrincipalTag/${key}`, value],
      [`aws:RequestTag/${key}`, value],
    ]),
  );
}

function denied(message: string): RolesAnywhereRefusal {
  return { kind: 'refused', status: 403, errorType: 'AccessDeniedException', message };
}

function missing(kind: string, arn: string): RolesAnywhereRefusal {
  const message = `${kind} not found: ${arn}`;
  return { kind: 'refused', status: 404, errorType: 'ResourceNotFoundException', message };
}
