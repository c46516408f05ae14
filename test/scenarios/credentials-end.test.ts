/** Programs of others that run on while their credentials end: whether they go on, by where they have them from. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { awsClients, type RunningClient, startClient } from '../support/aws-clients.ts';
import { freePorts } from '../support/free-ports.ts';
import { poll } from '../support/poll.ts';
import { program, type RunningLanacme, runLanacme, startLanacme } from '../support/run-lanacme.ts';
import { startWorld, type World } from '../world/world.ts';

const zone = 'lan.example.';
const each = ['file', 'process', 'endpoint'] as const;
const refused = expect.stringMatching(/^refused: ExpiredToken/) as string;

let world: World;
let sources: Readonly<Record<(typeof each)[number], Readonly<Record<string, string>>>>;
let serve: RunningLanacme;

beforeAll(async () => {
  world = await startWorld({ route53: { rateLimit: 'none' }, identity: 'iot' });
  // As short as a busy machine allows: they must not end on the way from lanacme to AWS.
  setSessions(8);
  const folder = join(world.folder, 'aws');
  await mkdir(folder, { mode: 0o700 });
  const [config, file, token] = ['config', 'credentials', 'token'].map((name) => join(folder, name));
  await writeFile(
    config ?? '',
    `[default]\ncredential_process = "${process.execPath}" "${program}" credentials\n`,
  );
  const [port = 0] = await freePorts(1);
  serve = startLanacme(['credentials', 'serve', `--port=${port}`, `--token-file=${token}`], {
    env: world.host.environment(),
  });
  await serve.says('the token is in');
  const common = { AWS_ENDPOINT_URL_ROUTE_53: world.route53.url };
  sources = {
    process: { ...common, ...world.host.environment(), AWS_CONFIG_FILE: config ?? '' },
    endpoint: {
      ...common,
      AWS_CONTAINER_CREDENTIALS_FULL_URI: `http://127.0.0.1:${port}/credentials`,
      AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: token ?? '',
    },
    file: { ...common, AWS_SHARED_CREDENTIALS_FILE: file ?? '' },
  };
});
afterAll(async () => {
  serve.kill('SIGKILL');
  await serve.ended;
  await world.stop();
});

function setSessions(durationSeconds: number): void {
  const statement = { Effect: 'Allow', Action: 'route53:ListHostedZonesByName', Resource: '*' } as const;
  world.iot.registry.setAlias('lanacme', {
    roleName: 'LanAcme',
    durationSeconds,
    policies: [{ Version: '2012-10-17', Statement: [statement] }],
  });
}

async function refreshFile(): Promise<void> {
  const path = sources.file['AWS_SHARED_CREDENTIALS_FILE'] ?? '';
  const { code } = await runLanacme(['credentials', '--output', path], { env: world.host.environment() });
  expect(code).toBe(0);
}

/** Until all that were given so far are over at AWS. */
async function sessionsEnd(): Promise<void> {
  const ends = world.sessions.accessKeyIds().map((id) => world.sessions.lookup(id)?.expiration?.getTime());
  const last = Math.max(...ends.map((end) => end ?? 0));
  await poll(async () => await Promise.resolve(Date.now() > last));
}

it('an SDK goes on by the process and by the endpoint, but reads a file once', async () => {
  const running: { readonly name: string; readonly client: RunningClient }[] = [];
  const start = async (source: keyof typeof sources): Promise<void> => {
    const started = awsClients.map(async (client) => ({
      name: `${client}, ${source}`,
      client: await startClient(client, sources[source]),
    }));
    running.push(...(await Promise.all(started)));
  };
  // One after the other: on a busy machine what a file holds must not end before it is used.
  const asked = async (of = running): Promise<Readonly<Record<string, string>>> => {
    const told: Record<string, string> = {};
    for (const { name, client } of of) told[name] = await client.ask();
    return told;
  };
  const expected = (told: Readonly<Partial<Record<keyof typeof sources, string>>>): object =>
    Object.fromEntries(
      Object.entries(told).flatMap(([source, zone]) =>
        awsClients.map((client) => [`${client}, ${source}`, zone]),
      ),
    );
  try {
    for (const source of each) await start(source);
    await refreshFile();
    expect(await asked()).toEqual(expected({ file: zone, process: zone, endpoint: zone }));
    await sessionsEnd();
    expect(await asked()).toEqual(expected({ file: refused, process: zone, endpoint: zone }));
    const older = [...running];
    await start('file');
    await refreshFile();
    expect(await asked(running.slice(older.length))).toEqual(expected({ file: zone }));
    expect(await asked(older)).toEqual(expected({ file: refused, process: zone, endpoint: zone }));
  } finally {
    for (const { client } of running) await client.end();
  }
});
