import { access, readFile, stat } from 'node:fs/promises';
import { ChangeResourceRecordSetsCommand, Route53Client } from '@aws-sdk/client-route-53';
import acme from 'acme-client';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { httpsRequest } from '../support/https-request.ts';
import { startWorld, type World } from './world.ts';
import { diffSnapshots } from './zone-store.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld({ pendingMs: 50, route53: { rateLimit: 'none' } });
});
afterAll(async () => {
  await world.stop();
});
beforeEach(async () => {
  await world.forgetRequests();
  world.setPolicy('challenges of the zone');
});

interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly expiration: Date;
}

/** What a host does, by other means than lanacme's. */
const credentialsOf = async (host = world.host): Promise<Credentials> => {
  const env = host.environment();
  const url = `https://${env['LANACME_IOT_ENDPOINT'] ?? ''}/role-aliases/${env['LANACME_IOT_ROLE_ALIAS'] ?? ''}/credentials`;
  const answer = await httpsRequest(url, {
    ca: await readFile(env['LANACME_IOT_CA'] ?? '', 'utf8'),
    cert: await readFile(host.certFile, 'utf8'),
    key: await readFile(host.keyFile, 'utf8'),
    headers: { 'x-amzn-iot-thingname': host.thingName },
  });
  expect(answer.status).toBe(200);
  const { credentials } = JSON.parse(answer.body) as { credentials: Record<keyof Credentials, string> };
  return { ...credentials, expiration: new Date(credentials.expiration) };
};
const route53Of = (credentials: Credentials): Route53Client =>
  new Route53Client({ region: 'us-east-1', endpoint: world.route53.url, credentials, maxAttempts: 1 });
const change = async (
  client: Route53Client,
  Action: 'CREATE' | 'DELETE' | 'UPSERT',
  Name: string,
  Type: 'TXT' | 'A' = 'TXT',
  Value = '"value"',
): Promise<void> => {
  const ResourceRecordSet = { Name, Type, TTL: 10, ResourceRecords: [{ Value }] };
  await client.send(
    new ChangeResourceRecordSetsCommand({
      HostedZoneId: world.zone.id,
      ChangeBatch: { Changes: [{ Action, ResourceRecordSet }] },
    }),
  );
};

test('a certificate can be had: device certificate, session, TXT record, INSYNC, Pebble’s validation, clean-up', async () => {
  const before = world.snapshot();
  const client = route53Of(await credentialsOf());
  acme.axios.defaults.httpsAgent = new (await import('node:https')).Agent({ ca: world.pebble.caPem });
  const ca = new acme.Client({
    directoryUrl: world.pebble.directoryUrl,
    accountKey: await acme.crypto.createPrivateEcdsaKey(),
  });
  const [, csr] = await acme.crypto.createCsr(
    { altNames: ['dashboard.lan.example', '*.dashboard.lan.example'] },
    await acme.crypto.createPrivateEcdsaKey(),
  );
  await ca.createAccount({ termsOfServiceAgreed: true });
  const order = await ca.createOrder({
    identifiers: ['dashboard.lan.example', '*.dashboard.lan.example'].map((value) => ({
      type: 'dns',
      value,
    })),
  });
  const challenges = (await ca.getAuthorizations(order)).map(
    ({ challenges }) => challenges.find(({ type }) => type === 'dns-01')!,
  );
  const values = await Promise.all(
    challenges.map(async (challenge) => `"${await ca.getChallengeKeyAuthorization(challenge)}"`),
  );
  const set = { Name: '_acme-challenge.dashboard.lan.example', Type: 'TXT' as const, TTL: 10 };
  const ResourceRecordSet = { ...set, ResourceRecords: values.map((Value) => ({ Value })) };
  const send = async (Action: 'CREATE' | 'DELETE'): Promise<void> => {
    const ChangeBatch = { Changes: [{ Action, ResourceRecordSet }] };
    await client.send(new ChangeResourceRecordSetsCommand({ HostedZoneId: world.zone.id, ChangeBatch }));
  };
  await send('CREATE');
  world.store.syncAll();
  for (const challenge of challenges) await ca.completeChallenge(challenge);
  for (const challenge of challenges) await ca.waitForValidStatus(challenge);
  const pem = await ca.getCertificate(await ca.finalizeOrder(order, csr));
  await send('DELETE');
  client.destroy();

  expect(acme.crypto.readCertificateInfo(pem).domains.altNames.sort()).toEqual([
    '*.dashboard.lan.example',
    'dashboard.lan.example',
  ]);
  expect(diffSnapshots(before, world.snapshot())).toEqual([]);
  const counts = await world.counts();
  expect(counts.route53).toEqual({ ChangeResourceRecordSets: 2 });
  expect(counts.credentials).toBe(1);
  expect(counts.acme).toMatchObject({
    directory: 1,
    newAccount: 1,
    newOrder: 1,
    finalize: 1,
    certificate: 1,
  });
  await world.forgetRequests();
  expect(await world.counts()).toEqual({ acme: {}, route53: {}, credentials: 0 });
});

test.for([
  ['challenges of the zone', 'CREATE', '_acme-challenge.dashboard.lan.example', 'TXT', true],
  ['challenges of the zone', 'CREATE', '_acme-challenge.other.lan.example', 'TXT', true],
  ['challenges of the zone', 'CREATE', '_acme-challenge.lan.example', 'TXT', true],
  ['challenges of the zone', 'UPSERT', '_acme-challenge.dashboard.lan.example', 'TXT', false],
  ['challenges of the zone', 'CREATE', '_acme-challenge.dashboard.lan.example', 'A', false],
  ['challenges of the zone', 'CREATE', 'dashboard.lan.example', 'TXT', false],
  ['own challenge', 'CREATE', '_acme-challenge.dashboard.lan.example', 'TXT', true],
  ['own challenge', 'CREATE', '_acme-challenge.other.lan.example', 'TXT', false],
  ['own challenge', 'CREATE', '_acme-challenge.dashboard.lan.example', 'A', false],
  ['whole zone', 'UPSERT', 'anything.lan.example', 'A', true],
] as const)(
  'with the policy "%s", %s of %s %s is allowed: %s',
  async ([policy, action, name, type, isAllowed]) => {
    world.setPolicy(policy);
    const client = route53Of(await credentialsOf());
    const value = type === 'A' ? '192.0.2.1' : '"value"';
    const changing = change(client, action, name, type, value);
    if (isAllowed) {
      await changing;
      world.setPolicy('whole zone');
      await change(route53Of(await credentialsOf()), 'DELETE', name, type, value);
    } else {
      await expect(changing).rejects.toMatchObject({ name: 'AccessDenied' });
    }
  },
);

test('a policy document of one’s own replaces the role’s', async () => {
  world.setPolicy({ Version: '2012-10-17', Statement: { Effect: 'Deny', Action: '*', Resource: '*' } });
  const client = route53Of(await credentialsOf());
  const changing = change(client, 'CREATE', '_acme-challenge.dashboard.lan.example');
  await expect(changing).rejects.toThrow('with an explicit deny in an identity-based policy');
});

test('hosts have keys, things and state folders of their own', async () => {
  const pump = await world.addHost({ thingName: 'pump', keyType: 'rsa2048' });
  expect(pump.environment()).toMatchObject({
    LANACME_IOT_THING_NAME: 'pump',
    LANACME_ZONE_ID: world.zone.id,
    LANACME_STATE_DIR: pump.stateDir,
  });
  expect(pump.stateDir).not.toBe(world.host.stateDir);
  expect((await stat(pump.keyFile)).mode & 0o777).toBe(0o600);
  world.setPolicy('own challenge');
  const client = route53Of(await credentialsOf(pump));
  await change(client, 'CREATE', '_acme-challenge.pump.lan.example');
  await change(client, 'DELETE', '_acme-challenge.pump.lan.example');
  const foreign = change(client, 'CREATE', '_acme-challenge.dashboard.lan.example');
  await expect(foreign).rejects.toMatchObject({ name: 'AccessDenied' });
});

test('what a host is told can be changed, and given as flags', () => {
  const { host } = world;
  expect(host.environment({ LANACME_ZONE_ID: undefined, LANACME_EMAIL: 'me@lan.example' })).toMatchObject({
    LANACME_EMAIL: 'me@lan.example',
  });
  expect(host.environment({ LANACME_ZONE_ID: undefined })).not.toHaveProperty('LANACME_ZONE_ID');
  const flags = host.flags({ LANACME_ZONE_ID: undefined });
  expect(flags).toContain('--zone=lan.example');
  expect(flags).toContain(`--iot-key=${host.keyFile}`);
  expect(flags.join(' ')).not.toMatch(/zone-id|endpoint-url/);
  expect(host.variablesOnly()).toEqual({ AWS_ENDPOINT_URL_ROUTE_53: world.route53.url });
});

test('after stop nothing is left: no folder, no process, no server', async () => {
  const other = await startWorld();
  const { certFile } = other.host;
  const { url } = other.route53;
  await access(certFile);
  await other.stop();
  await expect(access(certFile)).rejects.toThrow('ENOENT');
  expect(() => process.kill(other.pebble.pid, 0)).toThrow('ESRCH');
  await expect(fetch(url)).rejects.toThrow('fetch failed');
});

test('a world that cannot be completed takes down what it had started', async () => {
  await expect(startWorld({ pebble: { from: { program: '/nowhere/pebble' } } })).rejects.toThrow(
    'did not start',
  );
});
