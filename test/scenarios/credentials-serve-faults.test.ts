/** The endpoint for other programs when something is wrong: at AWS, on the way, with its clients, with its token. */
import { chmod, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { askByClient, awsClients, clientEnvironment } from '../support/aws-clients.ts';
import { fastTime } from '../support/fast-time.ts';
import { freePorts } from '../support/free-ports.ts';
import { heldBack } from '../support/held-back.ts';
import { startLanacme } from '../support/run-lanacme.ts';
import { askEndpoint, type Endpoint, serveCredentials } from '../support/served-credentials.ts';
import type { IotFault } from '../world/iot-faults.ts';
import { useScene } from './scene.ts';

const scene = useScene();
/** The waits between attempts are short. */
const time = fastTime({ skips: 20 });

let endpoint: Endpoint;
beforeEach(async () => {
  endpoint = await serveCredentials(join(scene.world.folder, `${scene.host.thingName}-token`), {
    env: { ...scene.host.environment(), ...time.env },
    nodeArgs: time.nodeArgs,
  });
});
afterEach(async () => {
  scene.world.credentials.faults.clear();
  endpoint.run.kill('SIGKILL');
  await endpoint.run.ended;
});

const members = { AccessKeyId: '', SecretAccessKey: '', Token: '', Expiration: '' };

describe('AWS gives no credentials, so nobody is told that there are some:', () => {
  const faults: readonly (readonly [string, IotFault])[] = [
    ['it is down', { kind: 'refuse', status: 503 }],
    ['it refuses this host', { kind: 'refuse', status: 403, message: 'Access Denied' }],
    ['it has enough', { kind: 'refuse', status: 429 }],
    ['a page of a proxy comes instead', { kind: 'page', status: 200, body: '<html>log in</html>' }],
    ['JSON without credentials', { kind: 'other json', body: {} }],
    ['credentials that are null', { kind: 'other json', body: { credentials: null, credentialSet: [] } }],
    ['credentials that have ended', { kind: 'expired' }],
    ['half of an answer', { kind: 'half' }],
    ['no HTTP', { kind: 'garbage' }],
    ['a reset', { kind: 'reset' }],
    ['too much', { kind: 'huge', bytes: 1 << 20 }],
  ];

  test.each(faults)('%s', async (_what, fault) => {
    scene.world.credentials.faults.add(fault, { times: Infinity });
    const answer = await askEndpoint(endpoint);
    expect(answer.status).toBeGreaterThanOrEqual(500);
    const said = (await answer.json()) as object;
    expect(said).toEqual({
      code: expect.stringMatching(/^credentials\./) as string,
      message: expect.stringMatching(/./) as string,
    });
    scene.world.credentials.faults.clear();
    expect(Object.keys((await (await askEndpoint(endpoint)).json()) as object)).toEqual(
      expect.arrayContaining(Object.keys(members)),
    );
  });
});

test('50 clients wait for a slow AWS, one goes away, and all others get the same from one request', async () => {
  const { until, letGo } = heldBack();
  scene.world.credentials.faults.add({ kind: 'delay', until });
  const leaving = new AbortController();
  const left = askEndpoint(endpoint, { signal: leaving.signal });
  const asked = Array.from({ length: 49 }, async () => await (await askEndpoint(endpoint)).text());
  await expect.poll(() => scene.world.credentials.requests.length).toBe(1);
  leaving.abort();
  await expect(left).rejects.toThrow('aborted');
  letGo();
  const told = await Promise.all(asked);
  expect(new Set(told).size).toBe(1);
  expect(told[0]).toContain('AccessKeyId');
  expect(scene.world.credentials.requests.length).toBe(1);
});

test('SDKs outlast an AWS that takes seconds', async () => {
  scene.world.setPolicy('whole zone');
  // The SDK for JavaScript gives a connection a second; boto3 waits two for an answer, then asks again.
  scene.world.credentials.faults.add({ kind: 'delay', milliseconds: 2500 });
  const told = awsClients.map(
    async (client) =>
      await askByClient(client, 1, {
        AWS_ENDPOINT_URL_ROUTE_53: scene.world.route53.url,
        AWS_CONTAINER_CREDENTIALS_FULL_URI: endpoint.url,
        AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: endpoint.tokenFile,
      }),
  );
  expect(await Promise.all(told)).toEqual(awsClients.map(() => ['lan.example.']));
  expect(scene.world.credentials.requests.length).toBe(1);
});

test('50 clients while AWS is down are one attempt, and each has an error', async () => {
  const { until, letGo } = heldBack();
  const fault = { kind: 'refuse', status: 403, message: 'Access Denied', until } as const;
  scene.world.credentials.faults.add(fault, { times: Infinity });
  const asked = Array.from({ length: 50 }, async () => await askEndpoint(endpoint));
  // By the time that one who comes later and has no token is turned away, all of them have been heard.
  await expect.poll(() => scene.world.credentials.requests.length).toBe(1);
  expect((await askEndpoint(endpoint, { headers: { authorization: 'none' } })).status).toBe(401);
  letGo();
  const answers = await Promise.all(asked);
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([502]));
  expect(scene.world.credentials.requests.length).toBe(1);
});

test('an endpoint that is told to ask itself does not wait for ever', async () => {
  const tokenFile = `${endpoint.tokenFile}-of-itself`;
  await writeFile(tokenFile, 'a-token-of-its-own-0123456789', { mode: 0o600 });
  const [port = 0] = await freePorts(1);
  // Thirty seconds are one.
  const fast = fastTime({ runs: 30 });
  const run = startLanacme(
    ['credentials', 'serve', '--credentials=default', `--port=${port}`, `--token-file=${tokenFile}`],
    {
      env: clientEnvironment({
        ...fast.env,
        AWS_CONTAINER_CREDENTIALS_FULL_URI: `http://127.0.0.1:${port}/credentials`,
        AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: tokenFile,
      }),
      nodeArgs: fast.nodeArgs,
    },
  );
  try {
    await run.says('the token is in');
    const answer = await askEndpoint({ url: `http://127.0.0.1:${port}/credentials`, tokenFile });
    expect(answer.status).toBe(502);
    expect(await answer.json()).toMatchObject({ code: 'credentials.none-found' });
  } finally {
    run.kill('SIGKILL');
    await run.ended;
  }
});

test('ended while a client waits for AWS, it tells the client, and dies by the signal', async () => {
  scene.world.credentials.faults.add({ kind: 'hang' });
  const asked = askEndpoint(endpoint);
  await expect.poll(() => scene.world.credentials.requests.length).toBe(1);
  endpoint.run.kill('SIGTERM');
  const answer = await asked;
  expect(answer.status).toBe(502);
  expect(await answer.json()).toMatchObject({ code: 'run.interrupted' });
  expect(await endpoint.run.ended).toMatchObject({ signal: 'SIGTERM' });
});

describe('while it serves, the token', () => {
  const next = 'the-next-token-0123456789';
  const status = async (authorization: string): Promise<number> =>
    (await askEndpoint(endpoint, { headers: { authorization } })).status;
  let first: string;
  beforeEach(async () => {
    first = 'the-first-token-0123456789';
    await replace(first);
    expect(await status(first)).toBe(200);
  });

  async function replace(token: string): Promise<void> {
    await writeFile(`${endpoint.tokenFile}.new`, token, { mode: 0o600 });
    await rename(`${endpoint.tokenFile}.new`, endpoint.tokenFile);
  }

  test('can be replaced: the new one is good at once, the old one no more', async () => {
    await replace(next);
    expect([await status(first), await status(next)]).toEqual([401, 200]);
  });

  test.each<readonly [string, () => Promise<void>, string]>([
    [
      'is removed',
      async () => {
        await rm(endpoint.tokenFile);
      },
      'credentials.file-unreadable',
    ],
    [
      'is emptied',
      async () => {
        await writeFile(endpoint.tokenFile, '');
      },
      'endpoint.token-unusable',
    ],
    [
      'is shown to everybody',
      async () => {
        await chmod(endpoint.tokenFile, 0o644);
      },
      'credentials.key-exposed',
    ],
  ])('%s: then nobody gets in until it is mended', async (_what, spoil, code) => {
    await spoil();
    expect([await status(first), await status('')]).toEqual([401, 401]);
    await endpoint.run.says(code);
    await replace(next);
    expect(await status(next)).toBe(200);
  });
});
