/** What only the whole program shows of an identity at Roles Anywhere: what it warns of, and what stays unsent. */
import { X509Certificate } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { poll } from '../support/poll.ts';
import { type LanacmeResult, runLanacme } from '../support/run-lanacme.ts';
import { askEndpoint, serveCredentials } from '../support/served-credentials.ts';
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

test('a pair that is replaced while it is served: the old session to its end, an error, then the new certificate', async () => {
  const { profile, server } = scene.world.rolesAnywhere;
  const { certFile, keyFile, thingName } = scene.host;
  const endpoint = await serveCredentials(join(scene.world.folder, `${thingName}-token`), {
    env: scene.host.environment(),
  });
  const answered = async (): Promise<{ status: number; body: Readonly<Record<string, string>> }> => {
    const answer = await askEndpoint(endpoint);
    return { status: answer.status, body: (await answer.json()) as Readonly<Record<string, string>> };
  };
  profile.durationSeconds = 3;
  try {
    const first = await answered();
    const next = await scene.world.deviceCa.issueDevice({ commonName: `${thingName}.lan.example` });
    await writeFile(certFile, next.certPem);
    const handedOut = new Set<string | undefined>();
    let last = first;
    await poll(async () => {
      last = await answered();
      if (last.status === 200) handedOut.add(last.body['AccessKeyId']);
      return last.status !== 200;
    });
    expect(last).toMatchObject({ status: 502, body: { code: 'credentials.key-mismatch' } });
    expect([...handedOut]).toEqual([first.body['AccessKeyId']]);
    await writeFile(keyFile, next.keyPem);
    const second = await answered();
    expect(second.status).toBe(200);
    expect(handedOut.has(second.body['AccessKeyId'])).toBe(false);
    const serial = new X509Certificate(next.certPem).serialNumber.toLowerCase();
    expect(server.requests.at(-1)).toMatchObject({ serialNumber: serial, status: 201 });
  } finally {
    profile.durationSeconds = 3600;
    endpoint.run.kill('SIGTERM');
    await endpoint.run.ended;
  }
});
