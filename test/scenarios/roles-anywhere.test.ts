/** What only the whole program shows of an identity at Roles Anywhere: what it warns of, and what stays unsent. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type LanacmeResult, runLanacme } from '../support/run-lanacme.ts';
import { useScene } from './scene.ts';

const scene = useScene({}, { identity: 'roles-anywhere' });

const credentials = async (changes: Readonly<Record<string, string>> = {}): Promise<LanacmeResult> =>
  await runLanacme(['credentials', '--format', 'process', '--log-format', 'json'], {
    env: scene.host.environment(changes),
  });

test('the certificate that lanacme renews is warned of as an identity', async () => {
  const issued = await scene.issue(['--domain', 'lan.example']);
  expect(issued).toMatchObject({ code: 0 });
  expect(issued.stderr).not.toContain('one that lanacme renews');
  const live = join(scene.host.stateDir, 'live', 'lan.example');
  const result = await credentials({
    LANACME_ROLES_ANYWHERE_CERT: join(live, 'fullchain.pem'),
    LANACME_ROLES_ANYWHERE_KEY: join(live, 'privkey.pem'),
  });
  expect(result).toMatchObject({ code: 1, stdout: '' });
  expect(result.stderr).toContain('is one that lanacme renews with the very role that it opens');
  expect(result.stderr).toContain('use a certificate of a private CA');
});

test('a profile of another region is wrong usage, and nothing is sent', async () => {
  const { requests } = scene.world.rolesAnywhere.server;
  const before = requests.length;
  const { arn } = scene.world.rolesAnywhere.profile;
  const result = await credentials({
    LANACME_ROLES_ANYWHERE_PROFILE_ARN: arn.replace(':eu-west-2:', ':eu-central-1:'),
  });
  expect(result).toMatchObject({ code: 2, stdout: '' });
  expect(result.stderr).toContain('the profile is in eu-central-1, the trust anchor in eu-west-2');
  expect(requests).toHaveLength(before);
});

test('a role that does not trust the certificate is told by its name', async () => {
  const { role } = scene.world.rolesAnywhere;
  const trust = role.trust;
  role.trust = [];
  try {
    const result = await credentials();
    expect(result).toMatchObject({ code: 1, stdout: '' });
    expect(result.stderr).toContain(`may not assume the role ${role.arn}`);
  } finally {
    role.trust = trust;
  }
});
