/** The world's IAM Roles Anywhere: one trust anchor, one profile, one role, which trusts the names of the zone. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AwsSessions } from './aws-sessions.ts';
import { type Profile, type TrustedRole, trustOf } from './roles-anywhere-registry.ts';
import { type RolesAnywhereServer, startRolesAnywhere } from './roles-anywhere-server.ts';
import type { TrustAnchor } from './trust-anchor.ts';

export interface WorldRolesAnywhere {
  readonly server: RolesAnywhereServer;
  /** These three may be changed. */
  readonly trustAnchor: TrustAnchor;
  readonly profile: Profile;
  readonly role: TrustedRole;
  /** The variables that all hosts have alike. */
  readonly environment: Readonly<Record<string, string>>;
}

export interface RolesAnywhereSurroundings {
  readonly sessions: AwsSessions;
  readonly zoneName: string;
  /** Where the root of the endpoint's certificate is put. */
  readonly folder: string;
  /** Of the devices' certificates: the trust anchor. */
  readonly caPem: string;
}

export async function startWorldRolesAnywhere({
  sessions,
  zoneName,
  folder,
  caPem,
}: RolesAnywhereSurroundings): Promise<WorldRolesAnywhere> {
  const server = await startRolesAnywhere({ sessions });
  const trustAnchor = server.registry.addTrustAnchor([caPem]);
  const trust = trustOf(trustAnchor.arn, {
    StringLike: { 'aws:PrincipalTag/x509Subject/CN': `*.${zoneName}` },
  });
  const role = server.registry.addRole('LanAcme', { trust, policies: [] });
  const profile = server.registry.addProfile([role.arn]);
  const caFile = join(folder, 'roles-anywhere-ca.pem');
  await writeFile(caFile, server.caPem);
  return {
    server,
    trustAnchor,
    profile,
    role,
    environment: {
      LANACME_CREDENTIALS: 'roles-anywhere',
      LANACME_ROLES_ANYWHERE_TRUST_ANCHOR_ARN: trustAnchor.arn,
      LANACME_ROLES_ANYWHERE_PROFILE_ARN: profile.arn,
      LANACME_ROLES_ANYWHERE_ROLE_ARN: role.arn,
      LANACME_ROLES_ANYWHERE_ENDPOINT: server.endpoint,
      AWS_CA_BUNDLE: caFile,
    },
  };
}
