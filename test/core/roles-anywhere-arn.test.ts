import { describe, expect, it } from 'vitest';
import {
  checkSessionName,
  parseRolesAnywhereArn,
  rolesAnywhereOrigin,
} from '../../src/core/roles-anywhere-arn.ts';

const id = 'aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee';

describe('an ARN', () => {
  it.each([
    ['aws', 'eu-west-2'],
    ['aws-cn', 'cn-north-1'],
    ['aws-us-gov', 'us-gov-east-1'],
    ['aws-iso-b', 'us-isob-east-1'],
  ])('of a trust anchor tells its partition %s and region %s', (partition, region) => {
    const arn = `arn:${partition}:rolesanywhere:${region}:123456789012:trust-anchor/${id}`;
    expect(parseRolesAnywhereArn('trustAnchorArn', arn)).toEqual({ partition, region });
  });

  it.each(['role/lanacme', 'role/lan/b/lanacme=+,.@-_1', 'role/a!b/lanacme'])(
    'may be that of %s',
    (resource) => {
      expect(parseRolesAnywhereArn('roleArn', `arn:aws:iam::123456789012:${resource}`).region).toBe('');
    },
  );

  it.each([
    ['trustAnchorArn', `arn:aws:rolesanywhere:eu-west-2:12345:trust-anchor/${id}`],
    ['trustAnchorArn', `arn:aws:rolesanywhere::123456789012:trust-anchor/${id}`],
    ['trustAnchorArn', `arn:aws:rolesanywhere:eu-west-2:123456789012:trust-anchor/${id}\n`],
    ['profileArn', `arn:aws:rolesanywhere:eu-west-2:123456789012:profile/`],
    ['profileArn', `arn:aws:rolesanywhere:eu-west-2:123456789012:profile/${id}/x`],
    ['roleArn', 'arn:aws:iam::123456789012:role/'],
    ['roleArn', 'arn:aws:iam::123456789012:role/a b'],
    ['roleArn', 'arn:aws:sts::123456789012:assumed-role/a/b'],
    // The region becomes a part of a host name.
    ['trustAnchorArn', `arn:aws:rolesanywhere:evil.example/a-1:123456789012:trust-anchor/${id}`],
  ] as const)('as %s is not %j', (kind, text) => {
    expect(() => parseRolesAnywhereArn(kind, text)).toThrow(/is not the ARN of/);
  });
});

describe('an endpoint', () => {
  it.each([
    ['rolesanywhere.eu-west-2.api.aws', 'https://rolesanywhere.eu-west-2.api.aws'],
    ['localhost:4433', 'https://localhost:4433'],
    ['[::1]:4433', 'https://[::1]:4433'],
    ['http://127.0.0.1:4433', 'http://127.0.0.1:4433'],
    ['http://[::1]:4433/', 'http://[::1]:4433'],
    ['RolesAnywhere.eu-west-2.amazonaws.com:443', 'https://rolesanywhere.eu-west-2.amazonaws.com'],
    [
      'https://rolesanywhere-fips.us-east-1.amazonaws.com/',
      'https://rolesanywhere-fips.us-east-1.amazonaws.com',
    ],
  ])('%s is %s', (text, origin) => {
    expect(rolesAnywhereOrigin(text)).toBe(origin);
  });

  it.each(['http://host', 'http://127.0.0.1.host', 'https://host/sessions', 'https://user@host', 'a b', ''])(
    'is not %j',
    (text) => {
      expect(() => rolesAnywhereOrigin(text)).toThrow('is not an endpoint of IAM Roles Anywhere');
    },
  );
});

describe('the name of a session', () => {
  it.each(['ab', 'pump-7', 'a=b,c@d+e.f_g', 'x'.repeat(64)])('may be %s', (name) => {
    expect(checkSessionName(name)).toBe(name);
  });

  it.each(['a', 'a b', 'größe', 'x'.repeat(65), 'a/b'])('is not %s', (name) => {
    expect(() => checkSessionName(name)).toThrow('cannot be the name of a session');
  });
});
