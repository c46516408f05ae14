/** Everything through a CONNECT proxy, mutual TLS included, and roots from `AWS_CA_BUNDLE`. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type ConnectProxy, startConnectProxy } from '../support/connect-proxy.ts';
import { type LanacmeResult, runLanacme } from '../support/run-lanacme.ts';
import { makeCa } from '../world/pki.ts';
import { type Route53Server, startRoute53 } from '../world/route53-server.ts';
import { startWorld, type World } from '../world/world.ts';

let world: World;
let route53: Route53Server;
let proxy: ConnectProxy;

beforeAll(async () => {
  world = await startWorld({ pendingMs: 100 });
  const ca = await makeCa({ commonName: 'AWS test CA' });
  const { certPem: cert, keyPem: key } = await ca.issueServer({ names: ['localhost', '127.0.0.1'] });
  const { store, sessions } = world;
  route53 = await startRoute53({ store, sessions, tls: { cert, key }, rateLimit: 'none' });
  // Roles Anywhere is trusted by the same file; AWS IoT has one of its own.
  await writeFile(join(world.folder, 'aws-ca.pem'), ca.certPem + world.credentials.caPem);
  proxy = await startConnectProxy();
});
afterAll(async () => {
  await proxy.stop();
  await route53.close();
  await world.stop();
});
beforeEach(() => {
  proxy.targets.length = 0;
});

const portOf = (url: string): string => new URL(url.includes('://') ? url : `https://${url}`).port;

let names = 0;

/** For a name of its own: Pebble at times takes one that was proved before for granted. */
async function issue(changes: Readonly<Record<string, string | undefined>>): Promise<LanacmeResult> {
  names += 1;
  return await runLanacme(['issue', '--domain', `proxied-${names}.lan.example`], {
    env: world.host.environment({
      AWS_ENDPOINT_URL_ROUTE_53: route53.url,
      AWS_CA_BUNDLE: join(world.folder, 'aws-ca.pem'),
      ...changes,
    }),
  });
}

test('HTTPS_PROXY carries the CA, Route 53 and the requests for credentials', async () => {
  expect(await issue({ HTTPS_PROXY: proxy.url })).toMatchObject({ code: 0 });
  const ports = new Set(proxy.targets.map((target) => target.split(':')[1]));
  expect([...ports].sort()).toEqual(
    [world.pebble.directoryUrl, route53.url, world.credentials.endpoint].map(portOf).sort(),
  );
});

test('NO_PROXY leaves it aside', async () => {
  expect(await issue({ HTTPS_PROXY: proxy.url, NO_PROXY: 'localhost,127.0.0.1' })).toMatchObject({ code: 0 });
  expect(proxy.targets).toEqual([]);
});

test('a proxy that refuses is named, and nothing was ordered', async () => {
  proxy.refuses = true;
  await world.forgetRequests();
  const result = await issue({ HTTPS_PROXY: proxy.url, LANACME_LOG_FORMAT: 'pretty' });
  proxy.refuses = false;
  expect(result.code).toBe(1);
  expect(result.stderr).toContain('credentials.unreachable');
  expect(result.stderr).toContain('proxy');
  expect((await world.counts()).acme).toEqual({});
});

test('a Route 53 of a CA that is not in AWS_CA_BUNDLE is not trusted', async () => {
  const { AWS_CA_BUNDLE } = world.host.environment();
  const result = await issue({ AWS_CA_BUNDLE, LANACME_LOG_FORMAT: 'pretty' });
  expect(result.code).toBe(1);
  expect(result.stderr).toContain('route53.server-untrusted');
});
