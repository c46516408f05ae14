/** The endpoint for other programs, as the built program opens it and as an SDK asks it. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, stat } from 'node:fs/promises';
import { type IncomingMessage, request } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { ListHostedZonesByNameCommand, Route53Client } from '@aws-sdk/client-route-53';
import { defaultProvider } from '@aws-sdk/credential-provider-node';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { killWithUs } from '../support/child-process.ts';
import { fastTime } from '../support/fast-time.ts';
import { freePorts } from '../support/free-ports.ts';
import { program, type RunningLanacme, runLanacme } from '../support/run-lanacme.ts';
import { askEndpoint, type Endpoint, serveCredentials } from '../support/served-credentials.ts';
import { useScene } from './scene.ts';

const scene = useScene();

let runs: RunningLanacme[] = [];
let tokenFile: string;
beforeEach(() => {
  tokenFile = join(scene.world.folder, `${scene.host.thingName}-token`);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  scene.world.credentials.faults.clear();
  for (const run of runs) run.kill('SIGKILL');
  await Promise.all(runs.map(async ({ ended }) => await ended));
  runs = [];
});

async function serve(): Promise<Endpoint> {
  const endpoint = await serveCredentials(tokenFile, { env: scene.host.environment() });
  runs.push(endpoint.run);
  return endpoint;
}

test('the SDK for JavaScript finds it by its variables, and what it gets is good at AWS', async () => {
  scene.world.setPolicy('whole zone');
  const { url } = await serve();
  vi.stubEnv('AWS_CONTAINER_CREDENTIALS_FULL_URI', url);
  vi.stubEnv('AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE', tokenFile);
  const client = new Route53Client({
    region: 'us-east-1',
    endpoint: scene.world.route53.url,
    credentials: defaultProvider(),
  });
  const found = await client.send(new ListHostedZonesByNameCommand({ DNSName: 'lan.example' }));
  expect(found.HostedZones?.map(({ Name }) => Name)).toContain('lan.example.');
});

test('50 clients at once are one request to AWS', async () => {
  const endpoint = await serve();
  const answers = await Promise.all(
    Array.from({ length: 50 }, async () => await (await askEndpoint(endpoint)).json()),
  );
  expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
  expect(answers[0]).toEqual({
    AccessKeyId: expect.stringMatching(/^ASIA/) as string,
    SecretAccessKey: expect.stringMatching(/./) as string,
    Token: expect.stringMatching(/./) as string,
    Expiration: expect.stringMatching(/^[-\d]+T[:\d]+Z$/) as string,
    // With IoT only AWS knows which role is behind the alias.
    ...(scene.world.identity === 'iot' ? {} : { RoleArn: expect.stringMatching(/:role\//) as string }),
  });
  expect(scene.world.credentials.requests.length).toBe(1);
});

test('the token is made for its owner alone; without it there is 401 and nothing else', async () => {
  const endpoint = await serve();
  expect((await stat(tokenFile)).mode & 0o7777).toBe(0o600);
  const refused = await askEndpoint(endpoint, { headers: { authorization: 'x' } });
  expect(refused.status).toBe(401);
  expect(await refused.json()).toEqual({
    code: 'unauthorized',
    message: 'the Authorization header does not hold the token',
  });
  expect(scene.world.credentials.requests.length).toBe(0);
});

test('a page in a browser that finds its way there, and whoever asks otherwise than SDKs do, gets nothing', async () => {
  const endpoint = await serve();
  const authorization = await readFile(tokenFile, 'utf8');
  const asked = async (
    method: string,
    path: string,
    headers: Readonly<Record<string, string>>,
  ): Promise<string> => {
    const sent = request(new URL(path, endpoint.url), { method, headers, agent: false }).end();
    const [answer] = (await once(sent, 'response')) as [IncomingMessage];
    const told = `${await text(answer)} ${JSON.stringify(answer.headers)}`;
    // Neither the credentials, nor leave for a page of another origin to read what it is told.
    expect(told).not.toMatch(/AccessKeyId|access-control/i);
    return `${method} ${path}: ${answer.statusCode}`;
  };
  const origin = 'http://evil.example';
  expect([
    await asked('OPTIONS', '/credentials', { origin, 'access-control-request-headers': 'authorization' }),
    await asked('GET', '/credentials', { origin }),
    await asked('GET', '/credentials', { origin, host: 'evil.example', authorization }),
    await asked('GET', '/latest/meta-data/iam/security-credentials/', {}),
    await asked('GET', '/latest/meta-data/iam/security-credentials/', { authorization }),
    await asked('PUT', '/latest/api/token', { 'x-aws-ec2-metadata-token-ttl-seconds': '60' }),
    await asked('HEAD', '/credentials', { authorization }),
    await asked('POST', '/credentials', { authorization, 'content-length': '0' }),
    await asked('GET', `/credentials?token=${authorization}`, {}),
    await asked('GET', '/credentials', { authorization: `Basic ${btoa(`${authorization}:`)}` }),
  ]).toEqual([
    'OPTIONS /credentials: 401',
    'GET /credentials: 401',
    'GET /credentials: 403',
    'GET /latest/meta-data/iam/security-credentials/: 401',
    'GET /latest/meta-data/iam/security-credentials/: 404',
    'PUT /latest/api/token: 401',
    'HEAD /credentials: 405',
    'POST /credentials: 405',
    `GET /credentials?token=${authorization}: 401`,
    'GET /credentials: 401',
  ]);
  expect(scene.world.credentials.requests.length).toBe(0);
});

test('while AWS is down there is an error, then credentials again; no secret is told', async () => {
  const endpoint = await serve();
  scene.world.credentials.faults.add({ kind: 'refuse', status: 403, message: 'Access Denied' });
  const failed = await askEndpoint(endpoint);
  expect(failed.status).toBe(502);
  expect(await failed.json()).toMatchObject({ code: 'credentials.access-denied' });
  const good = (await (await askEndpoint(endpoint)).json()) as Readonly<Record<string, string>>;
  endpoint.run.kill('SIGTERM');
  const { stdout, stderr, signal } = await endpoint.run.ended;
  expect([stdout, signal]).toEqual(['', 'SIGTERM']);
  const secrets = [await readFile(tokenFile, 'utf8'), good['SecretAccessKey'], good['Token']];
  for (const secret of secrets) expect(stderr).not.toContain(secret);
});

test('a port that is taken, and words and flags that do not fit, are told at once', async () => {
  const [port = 0] = await freePorts(1);
  const other = createServer().listen(port, '127.0.0.1');
  await once(other, 'listening');
  const lanacme = async (...args: readonly string[]): Promise<string> => {
    const { code, stderr } = await runLanacme(['credentials', ...args], { env: scene.host.environment() });
    return `${code} ${stderr}`;
  };
  try {
    expect(await lanacme('serve', `--port=${port}`, `--token-file=${tokenFile}`)).toMatch(
      /^1 .*another program does already/s,
    );
  } finally {
    other.close();
  }
  expect(await lanacme('serv')).toMatch(/^2 .*did you mean lanacme credentials serve/s);
  expect(await lanacme('serve')).toMatch(/^2 .*--token-file is missing/s);
  expect(await lanacme('--port=1')).toMatch(/^2 .*--port is for lanacme credentials serve/s);
  expect(await lanacme('serve', '--format=env', `--token-file=${tokenFile}`)).toMatch(
    /^2 .*--format is not for lanacme credentials serve/s,
  );
});

test('started by systemd for a socket, it answers who has waited, and ends when nobody asks any more', async () => {
  const socket = createServer().listen(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address() as AddressInfo;
  const { fd } = (socket as unknown as { readonly _handle: { readonly fd: number } })._handle;
  // Five minutes are three seconds.
  const time = fastTime({ skips: 100 });
  const lanacme = [...time.nodeArgs, program, 'credentials', 'serve', '--token-file', tokenFile];
  const asSystemd = 'LISTEN_PID=$$ LISTEN_FDS=1 exec "$0" "$@"';
  const child = spawn('/bin/sh', ['-c', asSystemd, process.execPath, ...lanacme], {
    env: { ...scene.host.environment(), ...time.env, PATH: process.env['PATH'] },
    stdio: ['ignore', 'ignore', 'pipe', fd],
  });
  const letGo = killWithUs(child);
  const said = text(child.stderr ?? Readable.from([]));
  socket.close();
  // The kernel keeps who asks waiting until somebody listens; the token is only made then.
  const early = await fetch(`http://127.0.0.1:${port}/credentials`);
  expect(early.status).toBe(401);
  const answer = await askEndpoint({ url: `http://127.0.0.1:${port}/credentials`, tokenFile });
  expect(answer.status).toBe(200);
  expect(await once(child, 'exit')).toEqual([0, null]);
  expect(await said).toContain('nobody has asked for five minutes');
  letGo();
});
