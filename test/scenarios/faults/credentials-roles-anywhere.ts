/** What can keep a private CA's certificate from becoming AWS credentials by IAM Roles Anywhere. */
import { generateKeyPairSync } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { makeCa } from '../../world/pki.ts';
import type { WorldRolesAnywhere } from '../../world/world-roles-anywhere.ts';
import { anyIdentityFaults } from './credentials-any.ts';
import { fileOf, identityVariables, otherDevice, strike } from './credentials-arrange.ts';
import { type FaultRow, type Scene, survived, type Variables } from './fault-row.ts';

/** Something at AWS is otherwise until the row is over. */
function at<K extends 'trustAnchor' | 'profile' | 'role'>(
  object: K,
  change: Partial<WorldRolesAnywhere[K]>,
): (scene: Scene) => Variables {
  return ({ world }) => {
    Object.assign(world.rolesAnywhere[object], change);
    return {};
  };
}

const refused = { exit: 1, requests: { credentials: 1 } } as const;

/** What the host is told, and the file of its chain, of which it is not told. */
async function belowAnIntermediate(
  scene: Scene,
): Promise<{ readonly variables: Variables; readonly chain: string }> {
  const { cert, key } = identityVariables(scene);
  const intermediate = await scene.world.deviceCa.issueCa();
  const commonName = `${scene.host.thingName}.lan.example`;
  const issued = await intermediate.issueDevice({ commonName, keyType: 'rsa2048' });
  return {
    variables: {
      [cert]: await fileOf(scene, 'below.pem', issued.certPem),
      [key]: await fileOf(scene, 'below-key.pem', issued.keyPem),
    },
    chain: await fileOf(scene, 'chain.pem', intermediate.certPem),
  };
}

/** `reference/roles-anywhere.md` §4 and §5. */
const refusals: readonly FaultRow[] = [
  {
    fault: 'the certificate is of another CA of the same name',
    arrange: async (scene) => {
      const { certPem } = await makeCa({ commonName: 'Device test CA' });
      return at('trustAnchor', { certificates: [certPem] })(scene);
    },
    codes: ['credentials.certificate-refused'],
    says: 'Untrusted signing certificate',
    ...refused,
  },
  {
    fault: 'an intermediate of the chain is missing',
    arrange: async (scene) => (await belowAnIntermediate(scene)).variables,
    codes: ['credentials.certificate-refused'],
    says: 'Untrusted signing certificate',
    ...refused,
  },
  {
    fault: 'the intermediate is in the chain file',
    arrange: async (scene) => {
      const { chain, variables } = await belowAnIntermediate(scene);
      return { ...variables, LANACME_ROLES_ANYWHERE_CHAIN: chain };
    },
    ...survived,
    requests: { credentials: 1 },
  },
  {
    fault: 'the certificate has no digitalSignature in its key usage',
    arrange: async (scene) => {
      const usage = new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyAgreement, true);
      return await otherDevice(scene, { extensions: [usage] });
    },
    codes: ['credentials.certificate-unfit'],
    says: 'Insufficient certificate',
    ...refused,
  },
  {
    fault: 'the role trusts no certificate of this name',
    arrange: async (scene) => await otherDevice(scene, { commonName: 'host.wan.example' }),
    codes: ['credentials.role-not-assumable'],
    says: 'Unable to assume role',
    ...refused,
  },
  {
    fault: 'the profile does not list the role',
    arrange: at('profile', { roleArns: [] }),
    codes: ['credentials.role-not-assumable'],
    says: 'Unable to assume role',
    ...refused,
  },
  {
    fault: 'the role allows only shorter sessions',
    arrange: at('role', { maxSessionSeconds: 1800 }),
    codes: ['credentials.duration-too-long'],
    says: 'MaxSessionDuration',
    ...refused,
  },
  {
    fault: 'a session name, and the profile accepts none',
    arrange: () => ({ LANACME_ROLES_ANYWHERE_SESSION_NAME: 'pump-7' }),
    codes: ['credentials.session-name-refused'],
    ...refused,
  },
  {
    fault: 'a session name, and the profile accepts it',
    arrange: (scene) => {
      at('profile', { acceptRoleSessionName: true })(scene);
      return { LANACME_ROLES_ANYWHERE_SESSION_NAME: 'pump-7' };
    },
    ...survived,
    requests: { credentials: 1 },
  },
  {
    fault: 'the profile is disabled',
    arrange: at('profile', { isEnabled: false }),
    codes: ['credentials.access-denied'],
    says: 'Profile is disabled',
    ...refused,
  },
  {
    fault: 'the trust anchor is disabled',
    arrange: at('trustAnchor', { isEnabled: false }),
    codes: ['credentials.access-denied'],
    says: 'Trust anchor is disabled',
    ...refused,
  },
  {
    fault: 'the trust anchor does not exist',
    arrange: ({ world }) => ({
      LANACME_ROLES_ANYWHERE_TRUST_ANCHOR_ARN: unknownId(world.rolesAnywhere.trustAnchor.arn),
    }),
    codes: ['credentials.trust-anchor-missing'],
    ...refused,
  },
  {
    fault: 'the profile does not exist',
    arrange: ({ world }) => ({
      LANACME_ROLES_ANYWHERE_PROFILE_ARN: unknownId(world.rolesAnywhere.profile.arn),
    }),
    codes: ['credentials.profile-missing'],
    ...refused,
  },
  {
    fault: 'the profile is of another region: nothing is sent',
    arrange: ({ world }) => ({
      LANACME_ROLES_ANYWHERE_PROFILE_ARN: world.rolesAnywhere.profile.arn.replace('eu-west-2', 'eu-west-1'),
    }),
    codes: ['config.invalid-value'],
    exit: 2,
    requests: {},
  },
  {
    fault: 'the endpoint is of another region than the trust anchor',
    arrange: ({ world }) => {
      const { trustAnchor, profile } = world.rolesAnywhere;
      const [anchorArn, profileArn] = [trustAnchor.arn, profile.arn].map((arn) =>
        arn.replace('eu-west-2', 'eu-west-1'),
      );
      return {
        LANACME_ROLES_ANYWHERE_TRUST_ANCHOR_ARN: anchorArn,
        LANACME_ROLES_ANYWHERE_PROFILE_ARN: profileArn,
      };
    },
    codes: ['credentials.wrong-endpoint'],
    says: 'is of another region than the trust anchor, which is in eu-west-1',
    ...refused,
  },
  {
    fault: 'the role’s policy is for each host its own, and the name is another one’s',
    arrange: ({ world }) => {
      world.setPolicy('own challenge');
      return {};
    },
    codes: ['route53.access-denied'],
    says: 'is not authorized to perform',
    ...refused,
  },
  {
    fault: 'the clock of the host is two hours fast: a signature of then',
    time: { skips: 20, aheadMs: 2 * 3600 * 1000 },
    arrange: () => ({}),
    codes: ['credentials.clock-skew'],
    says: 'Signature not yet current',
    ...refused,
  },
  {
    fault: 'the clock of the host is two hours slow: a signature of then',
    time: { skips: 20, aheadMs: -2 * 3600 * 1000 },
    arrange: () => ({}),
    codes: ['credentials.clock-skew'],
    says: 'Signature expired',
    ...refused,
  },
  {
    fault: 'the server’s certificate is of a root that nobody trusts',
    arrange: () => ({ AWS_CA_BUNDLE: undefined }),
    codes: ['credentials.server-untrusted'],
    exit: 1,
    requests: {},
  },
];

const answers: readonly FaultRow[] = [
  {
    fault: 'a set of no credentials',
    arrange: strike({ kind: 'other json', body: { credentialSet: [] } }),
    codes: ['credentials.bad-answer'],
    says: 'holds no credentials',
    ...refused,
  },
  {
    fault: 'a filter’s page with status 403',
    arrange: strike({ kind: 'page', status: 403, body: '<html>Blocked</html>' }),
    codes: ['credentials.bad-answer'],
    says: 'something else answers in the place of',
    ...refused,
  },
  {
    fault: 'a network’s login: a redirection, which is not followed',
    arrange: strike({ kind: 'refuse', status: 302, headers: { location: 'https://login.example/' } }),
    codes: ['credentials.bad-answer'],
    says: 'no credentials but status 302',
    ...refused,
  },
  {
    fault: 'the key is of Ed25519',
    arrange: async (scene) => await otherDevice(scene, { key: generateKeyPairSync('ed25519').privateKey }),
    codes: ['credentials.key-invalid'],
    says: 'holds a key of the type ed25519, with which no session can be signed',
    exit: 1,
    requests: {},
  },
  {
    fault: 'six intermediates in the chain file',
    arrange: async (scene) => {
      const { deviceCa } = scene.world;
      const many = await Promise.all(Array.from({ length: 6 }, async () => await deviceCa.issueCa()));
      const chain = many.map(({ certPem }) => certPem).join('');
      return { LANACME_ROLES_ANYWHERE_CHAIN: await fileOf(scene, 'chain.pem', chain) };
    },
    codes: ['credentials.chain-invalid'],
    says: 'holds 6 intermediate certificates, and IAM Roles Anywhere takes 5',
    exit: 1,
    requests: {},
  },
  {
    fault: 'the certificate is not for clientAuth: a warning',
    arrange: async (scene) => {
      const usage = new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true);
      return await otherDevice(scene, { extensions: [usage] });
    },
    ...survived,
    requests: { credentials: 1 },
  },
];

function unknownId(arn: string): string {
  return arn.replace(/[^/]*$/, '00000000-0000-0000-0000-000000000000');
}

export const rolesAnywhereFaults: readonly FaultRow[] = [...refusals, ...answers, ...anyIdentityFaults];
