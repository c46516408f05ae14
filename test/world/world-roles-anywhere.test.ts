import { access, readFile } from 'node:fs/promises';
import { ChangeResourceRecordSetsCommand, Route53Client } from '@aws-sdk/client-route-53';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { httpsRequest } from '../support/https-request.ts';
import { startWorld, type World } from './world.ts';
import type { Host } from './world-host.ts';
import { signedHeadersOf } from './x509-sign.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld({
    identity: 'roles-anywhere',
    pendingMs: 50,
    policy: 'own challenge',
    route53: { rateLimit: 'none' },
  });
});
afterAll(async () => {
  await world.stop();
});

interface Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}

/** What a host does with its variables, by other means than lanacme's. */
const credentialsOf = async (host: Host): Promise<Keys> => {
  const env = host.environment();
  const of = (name: string): string => env[`LANACME_ROLES_ANYWHERE_${name}`] ?? '';
  const body = JSON.stringify({
    profileArn: of('PROFILE_ARN'),
    roleArn: of('ROLE_ARN'),
    trustAnchorArn: of('TRUST_ANCHOR_ARN'),
  });
  const answer = await httpsRequest(`${of('ENDPOINT')}/sessions`, {
    ca: await readFile(env['AWS_CA_BUNDLE'] ?? '', 'utf8'),
    method: 'POST',
    body,
    headers: signedHeadersOf({
      certPem: await readFile(of('CERT'), 'utf8'),
      keyPem: await readFile(of('KEY'), 'utf8'),
      host: new URL(of('ENDPOINT')).host,
      region: of('TRUST_ANCHOR_ARN').split(':')[3] ?? '',
      date: new Date(),
      body,
    }),
  });
  expect([answer.status, answer.body]).toEqual([201, expect.any(String)]);
  const { credentialSet } = JSON.parse(answer.body) as { credentialSet: [{ credentials: Keys }] };
  const { accessKeyId, secretAccessKey, sessionToken } = credentialSet[0].credentials;
  return { accessKeyId, secretAccessKey, sessionToken };
};

const create = async (credentials: Keys, Name: string): Promise<void> => {
  const client = new Route53Client({
    region: 'us-east-1',
    endpoint: world.route53.url,
    credentials,
    maxAttempts: 1,
  });
  const Type = 'TXT' as const;
  const ResourceRecordSet = { Name, Type, TTL: 10, ResourceRecords: [{ Value: '"value"' }] };
  await client.send(
    new ChangeResourceRecordSetsCommand({
      HostedZoneId: world.zone.id,
      ChangeBatch: { Changes: [{ Action: 'CREATE', ResourceRecordSet }] },
    }),
  );
};

test('each host may write its own challenge and no other’s, by the name in its certificate', async () => {
  const nas = await world.addHost({ thingName: 'nas', keyType: 'rsa2048' });
  const [ofNas, ofDashboard] = [await credentialsOf(nas), await credentialsOf(world.host)];
  await create(ofNas, '_acme-challenge.nas.lan.example');
  await create(ofDashboard, '_acme-challenge.dashboard.lan.example');
  await expect(create(ofNas, '_acme-challenge.mail.lan.example')).rejects.toThrow(
    'is not authorized to perform',
  );
  expect((await world.counts()).credentials).toBe(2);
  await world.forgetRequests();
  expect((await world.counts()).credentials).toBe(0);
});

test('the host’s variables name Roles Anywhere and files that exist, and nothing of IoT', async () => {
  const environment = world.host.environment();
  expect(environment['LANACME_CREDENTIALS']).toBe('roles-anywhere');
  expect(Object.keys(environment).filter((name) => name.includes('_IOT_'))).toEqual([]);
  for (const name of ['LANACME_ROLES_ANYWHERE_CERT', 'LANACME_ROLES_ANYWHERE_KEY', 'AWS_CA_BUNDLE']) {
    await access(environment[name] ?? '');
  }
  expect(world.credentials).toBe(world.rolesAnywhere.server);
});
