import { describe, expect, it } from 'vitest';
import { configOf, problemsOf } from './made-host.ts';

type Change = Readonly<Record<string, string | undefined>>;

const account = '123456789012';
const id = '11111111-2222-3333-4444-555555555555';
const arns = {
  trustAnchorArn: `arn:aws:rolesanywhere:eu-west-2:${account}:trust-anchor/${id}`,
  profileArn: `arn:aws:rolesanywhere:eu-west-2:${account}:profile/${id}`,
  roleArn: `arn:aws:iam::${account}:role/lan/lanacme-dns`,
};

/** The least that `cleanup` needs with this identity, changed: undefined takes an option away. */
function least(change: Change = {}): Readonly<Record<string, string>> {
  const given: Change = {
    zone: 'lan.example',
    credentials: 'roles-anywhere',
    'roles-anywhere-trust-anchor-arn': arns.trustAnchorArn,
    'roles-anywhere-profile-arn': arns.profileArn,
    'roles-anywhere-role-arn': arns.roleArn,
    'roles-anywhere-cert': '/etc/lanacme/identity.pem',
    'roles-anywhere-key': 'credential:identity.key',
    ...change,
  };
  return Object.fromEntries(
    Object.entries(given).flatMap(([option, value]) => (value === undefined ? [] : [[option, value]])),
  );
}

const inPartition = (partition: string, region: string): Change => ({
  'roles-anywhere-trust-anchor-arn': `arn:${partition}:rolesanywhere:${region}:${account}:trust-anchor/${id}`,
  'roles-anywhere-profile-arn': `arn:${partition}:rolesanywhere:${region}:${account}:profile/${id}`,
  'roles-anywhere-role-arn': `arn:${partition}:iam::${account}:role/lanacme`,
});

describe('the identity at Roles Anywhere', () => {
  it('is whole with the least that is needed', async () => {
    const { aws } = await configOf('cleanup', least());
    expect(aws).toEqual({
      credentials: {
        kind: 'roles-anywhere',
        endpoint: 'https://rolesanywhere.eu-west-2.amazonaws.com',
        region: 'eu-west-2',
        ...arns,
        certFile: '/etc/lanacme/identity.pem',
        keyFile: 'credential:identity.key',
      },
      region: 'eu-west-2',
      variables: {},
    });
  });

  it('carries everything that can be given', async () => {
    const { aws } = await configOf(
      'cleanup',
      least({
        'roles-anywhere-key-password-file': 'password',
        'roles-anywhere-chain': 'chain.pem',
        'roles-anywhere-session-name': 'pump-7',
        'roles-anywhere-endpoint': 'localhost:4433',
      }),
    );
    expect(aws.credentials).toMatchObject({
      keyPasswordFile: '/cwd/password',
      chainFile: '/cwd/chain.pem',
      sessionName: { text: 'pump-7' },
      endpoint: 'https://localhost:4433',
    });
  });

  it('may name its sessions by TOTP codes', async () => {
    const { aws } = await configOf(
      'cleanup',
      least({ 'roles-anywhere-session-name-totp-seed-file': '/seed' }),
    );
    expect(aws.credentials).toMatchObject({ sessionName: { totpSeedFile: '/seed' } });
  });

  it.each([
    ['aws', 'ap-southeast-2', 'https://rolesanywhere.ap-southeast-2.amazonaws.com'],
    ['aws-cn', 'cn-northwest-1', 'https://rolesanywhere.cn-northwest-1.amazonaws.com.cn'],
    ['aws-us-gov', 'us-gov-west-1', 'https://rolesanywhere.us-gov-west-1.amazonaws.com'],
  ])('of partition %s in %s is asked for at %s', async (partition, region, endpoint) => {
    const { aws } = await configOf('cleanup', least(inPartition(partition, region)));
    expect(aws).toMatchObject({ credentials: { endpoint, region }, region });
  });

  it('of a partition that is not known needs its endpoint', async () => {
    const change = inPartition('aws-iso', 'us-iso-east-1');
    expect(await problemsOf('cleanup', least(change))).toEqual([
      'config.missing: the endpoint of Roles Anywhere in the partition of the trust anchor is not known',
    ]);
    const given = { ...change, 'roles-anywhere-endpoint': 'rolesanywhere.example' };
    expect(await problemsOf('cleanup', least(given))).toEqual([]);
  });

  it.each<[string, Change, string]>([
    [
      'a trust anchor that is none',
      { 'roles-anywhere-trust-anchor-arn': arns.profileArn },
      `config.invalid-value: --roles-anywhere-trust-anchor-arn: '${arns.profileArn}' is not the ARN of a trust anchor`,
    ],
    [
      'a profile that is none',
      { 'roles-anywhere-profile-arn': 'profile' },
      "config.invalid-value: --roles-anywhere-profile-arn: 'profile' is not the ARN of a Roles Anywhere profile",
    ],
    [
      'a role that is a user',
      { 'roles-anywhere-role-arn': `arn:aws:iam::${account}:user/x` },
      `config.invalid-value: --roles-anywhere-role-arn: 'arn:aws:iam::${account}:user/x' is not the ARN of an IAM role`,
    ],
    [
      'a profile of another region',
      { 'roles-anywhere-profile-arn': arns.profileArn.replace('eu-west-2', 'eu-west-1') },
      'config.invalid-value: --roles-anywhere-profile-arn: the profile is in eu-west-1, the trust anchor in eu-west-2',
    ],
    [
      'a role of another partition',
      { 'roles-anywhere-role-arn': arns.roleArn.replace('aws', 'aws-cn') },
      'config.invalid-value: --roles-anywhere-role-arn: the role is in the partition aws-cn, the trust anchor in aws',
    ],
    [
      'an endpoint without TLS',
      { 'roles-anywhere-endpoint': 'http://aws.lan.example' },
      "config.invalid-value: --roles-anywhere-endpoint: 'http://aws.lan.example' is not an endpoint of IAM Roles Anywhere",
    ],
    [
      'a session name that STS would refuse',
      { 'roles-anywhere-session-name': 'a b' },
      "config.invalid-value: --roles-anywhere-session-name: 'a b' cannot be the name of a session",
    ],
    [
      'two names for a session',
      { 'roles-anywhere-session-name': 'ab', 'roles-anywhere-session-name-totp-seed-file': '/seed' },
      'config.conflict: --roles-anywhere-session-name and --roles-anywhere-session-name-totp-seed-file exclude each other',
    ],
    [
      'no key and no profile',
      { 'roles-anywhere-key': undefined, 'roles-anywhere-profile-arn': undefined },
      'config.missing: AWS credentials from Roles Anywhere need --roles-anywhere-profile-arn and --roles-anywhere-key',
    ],
  ])('is refused with %s', async (_title, change, problem) => {
    expect(await problemsOf('cleanup', least(change))).toEqual([problem]);
  });
});
