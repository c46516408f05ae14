/**
 * What commands that deal in secrets leave of them: `lanacme credentials` and `credentials serve`, whose purpose it is to
 * give credentials out at one place, and `verify-session`, which reads the seeds of all hosts.
 */
import { randomBytes } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { fromBase32 } from '../../src/core/base32.ts';
import { totp } from '../../src/core/totp.ts';
import { type LanacmeResult, type RunningLanacme, runLanacme } from '../support/run-lanacme.ts';
import { filesBelow, found, foundBelow, sessionSecrets, textSecret } from '../support/run-secrets.ts';
import { newSeed, type SecretIdentity, seedSecrets, withSecretIdentity } from '../support/secret-identity.ts';
import type { Secret } from '../support/secret-search.ts';
import { askEndpoint, serveCredentials } from '../support/served-credentials.ts';
import { startedPrograms } from '../support/started-programs.ts';
import { startWorld, type World } from '../world/world.ts';
import type { Host } from '../world/world-host.ts';

let world: World;
let host: Host;
let identity: SecretIdentity;
/** What AWS has handed out. */
let sessions: Secret[];
let hosts = 0;

beforeAll(async () => {
  world = await startWorld({ route53: { rateLimit: 'none' } });
  sessions = sessionSecrets(world.sessions);
});
afterAll(async () => {
  await world.stop();
});
beforeEach(async () => {
  hosts += 1;
  sessions.length = 0;
  world.credentials.faults.clear();
  host = await world.addHost({ thingName: `host-${hosts}` });
  identity = await withSecretIdentity(world, host);
});

const environment = (changes: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> =>
  host.environment({ ...identity.variables, LANACME_LOG_LEVEL: 'debug', ...changes });

/** Of the host and of AWS. */
const secrets = (): readonly Secret[] => [...identity.secrets, ...sessions];

/** A path of this host's own. */
const own = (name: string): string => join(dirname(host.keyFile), name);

/** A word that is nowhere else, in the place of a secret that somebody gave at the wrong place. */
const newMark = (): string => `Zq${randomBytes(16).toString('hex')}`;

describe('lanacme credentials', () => {
  const credentials = async (...args: readonly string[]): Promise<LanacmeResult> =>
    await runLanacme(['credentials', ...args], { env: environment() });

  test.each(['process', 'env', 'json'])(
    'gives them out on standard output alone, as %s, and nothing of the host',
    async (format) => {
      const { code, stdout, stderr } = await credentials('--format', format);
      expect([code, sessions]).toEqual([0, [expect.anything(), expect.anything()]]);
      expect(found(sessions, stdout)).toEqual(['AWS secret key as plain', 'AWS session token as plain']);
      expect(found(identity.secrets, stdout)).toEqual([]);
      expect(found(secrets(), stderr)).toEqual([]);
      expect(await filesBelow(host.stateDir)).toEqual([]);
    },
  );

  test('that are written to a file stand nowhere else, and no program is started with one', async () => {
    const file = own('credentials');
    const before = await readdir(dirname(file));
    const args = ['credentials', '--output', file, '--json'];
    const { result, started } = await startedPrograms(args, { env: environment() });
    expect(result, result.stderr).toMatchObject({ code: 0 });
    expect(found(secrets(), result.stdout + result.stderr)).toEqual([]);
    for (const { words } of started)
      expect([words[0], found(secrets(), words.join('\n'))]).toEqual([words[0], []]);
    expect(new Set(await readdir(dirname(file)))).toEqual(new Set([...before, 'credentials']));
    expect(await foundBelow(host.stateDir, secrets())).toEqual({});
    expect(found(sessions, await readFile(file))).toHaveLength(2);
    expect(found(identity.secrets, await readFile(file))).toEqual([]);
  });

  test('does not repeat what stood in a file that it leaves alone', async () => {
    const file = own('credentials');
    const mark = newMark();
    await writeFile(file, `[default]\naws_secret_access_key = ${mark}\n[x\n`, { mode: 0o600 });
    world.credentials.faults.add({ kind: 'refuse', status: 403, message: 'Access Denied' });
    const { code, stdout, stderr } = await credentials('--output', file);
    expect(code).toBe(1);
    expect(stdout + stderr).not.toContain(mark);
  });

  test.each([
    ['an answer of AWS', '{"credentials":{"secretAccessKey":"@@","sessionToken":"@@"}}'],
    ['an answer that is cut', '{"credentialSet":[{"credentials":{"secretAccessKey":"@@'],
    ['an error page', '<html>@@</html>'],
  ])('repeats nothing of %s that holds no session', async (_title, body) => {
    const mark = newMark();
    const page = { kind: 'page', status: 200, body: body.replaceAll('@@', mark) } as const;
    world.credentials.faults.add(page, { times: Infinity });
    const { code, stdout, stderr } = await credentials('--json');
    expect(code).toBe(1);
    expect(stdout + stderr).not.toContain(mark);
  });

  test.each([
    ['a password as a flag', ['--iot-key-password=@@'], {}],
    ['another password as a flag', ['--roles-anywhere-key-password', '@@'], {}],
    ['a seed as a flag', ['--roles-anywhere-session-name-totp-seed=@@'], {}],
    ['a seed as a flag and a word', ['--roles-anywhere-session-name-totp-seed', '@@'], {}],
    ['a token as a flag', ['serve', '--token', '@@'], {}],
    ['a password in a variable', [], { LANACME_IOT_KEY_PASSWORD: '@@' }],
    ['a seed in a variable', [], { LANACME_ROLES_ANYWHERE_SESSION_NAME_TOTP_SEED: '@@' }],
    ['a token in a variable', ['serve'], { LANACME_TOKEN: '@@' }],
  ])('does not repeat %s', async (_title, args, changes) => {
    const mark = newMark();
    const marked = (text: string): string => text.replaceAll('@@', mark);
    const variables = Object.entries(changes).map(([name, value]) => [name, marked(value)] as const);
    const result = await runLanacme(['credentials', ...args.map(marked), '--json'], {
      env: environment(Object.fromEntries(variables)),
    });
    expect(result.code).toBe(2);
    expect(result.stdout + result.stderr).not.toContain(mark);
  });
});

describe('lanacme credentials serve', () => {
  let run: RunningLanacme | undefined;
  afterEach(async () => {
    run?.kill('SIGKILL');
    await run?.ended;
    run = undefined;
  });

  test('tells the session to who has the token, and nothing of either to anybody else', async () => {
    const endpoint = await serveCredentials(own('token'), { env: environment() });
    ({ run } = endpoint);
    const token = textSecret('token of the endpoint', (await readFile(endpoint.tokenFile, 'utf8')).trim());
    const wrong = newMark();

    const good = await (await askEndpoint(endpoint)).text();
    expect(found(sessions, good)).toEqual(['AWS secret key as plain', 'AWS session token as plain']);
    expect(found([token, ...identity.secrets], good)).toEqual([]);
    for (const headers of [
      { authorization: wrong },
      { authorization: `Bearer ${wrong}` },
      { authorization: '' },
    ]) {
      const refused = await askEndpoint(endpoint, { headers });
      expect(refused.status).toBe(401);
      const all = JSON.stringify([...refused.headers]) + (await refused.text());
      expect(found([token, ...secrets(), textSecret('wrong token', wrong)], all)).toEqual([]);
    }

    const proc = await Promise.all(
      ['environ', 'cmdline'].map(async (name) => await readFile(`/proc/${endpoint.run.pid}/${name}`)),
    );
    expect(found([token, ...secrets()], Buffer.concat(proc))).toEqual([]);
    expect(await foundBelow(host.stateDir, [token, ...secrets()])).toEqual({});

    endpoint.run.kill('SIGTERM');
    const { stdout, stderr } = await endpoint.run.ended;
    expect(stdout).toBe('');
    expect(stderr).toContain('new AWS credentials');
    expect(found([token, ...secrets(), textSecret('wrong token', wrong)], stderr)).toEqual([]);
  });

  test('repeats nothing of what AWS answers, neither in its log nor to a client', async () => {
    const mark = newMark();
    const endpoint = await serveCredentials(own('token'), { env: environment() });
    ({ run } = endpoint);
    const body = `{"credentialSet":[{"credentials":{"secretAccessKey":"${mark}"}}],"credentials":{"secretAccessKey":"${mark}"}}`;
    world.credentials.faults.add({ kind: 'page', status: 200, body }, { times: Infinity });
    const answer = await askEndpoint(endpoint);
    expect([answer.status, (await answer.text()).includes(mark)]).toEqual([502, false]);
    endpoint.run.kill('SIGTERM');
    expect((await endpoint.run.ended).stderr).not.toContain(mark);
  });

  test('does not repeat a token that is none', async () => {
    const mark = newMark();
    await writeFile(own('token'), `${mark} with a space`, { mode: 0o600 });
    const { code, stdout, stderr } = await runLanacme(
      ['credentials', 'serve', '--token-file', own('token')],
      {
        env: environment(),
      },
    );
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain('endpoint.token-unusable');
    expect(stderr).not.toContain(mark);
  });
});

describe('lanacme verify-session', () => {
  const seed = newSeed();
  const name = 'pi-hole.lan.example';
  const at = new Date();

  /** As CloudTrail tells it, with a session token in it, as for other services. */
  const event = (session: string, token: string): string =>
    JSON.stringify({
      eventSource: 'rolesanywhere.amazonaws.com',
      eventName: 'CreateSession',
      eventTime: `${at.toISOString().slice(0, 19)}Z`,
      requestParameters: { roleSessionName: session },
      responseElements: {
        credentialSet: [{ sourceIdentity: `CN=${name}`, credentials: { sessionToken: token } }],
      },
    });

  const verify = async (
    events: string,
    seeds: string,
    ...args: readonly string[]
  ): Promise<LanacmeResult> => {
    const [eventFile, seedsFile] = [own('event.json'), own('seeds')];
    await writeFile(eventFile, events);
    await writeFile(seedsFile, seeds, { mode: 0o600 });
    return await runLanacme([
      'verify-session',
      eventFile,
      '--seeds',
      seedsFile,
      '--log-level',
      'debug',
      ...args,
    ]);
  };

  test.each([
    ['legit', (code: string) => code, 0],
    ['not legit', (code: string) => String((Number(code) + 1) % 1_000_000).padStart(6, '0'), 1],
  ] as const)('tells no seed of a session that is %s', async (_title, named, expected) => {
    const mark = newMark();
    const right = totp(fromBase32(seed) ?? new Uint8Array(), at);
    for (const args of [[], ['--json']]) {
      const { code, stdout, stderr } = await verify(event(named(right), mark), `${name} ${seed}\n`, ...args);
      expect(code).toBe(expected);
      expect(found([...seedSecrets(seed), textSecret('session token', mark)], stdout + stderr)).toEqual([]);
      // What it should have been, somebody could use in the half minute that is left.
      if (expected === 1) expect(stdout + stderr).not.toContain(right);
    }
  });

  test.each([
    ['name and seed the wrong way round', `${seed} ${name}\n`],
    ['a seed alone', `${seed}\n`],
    ['a seed with a letter too many', `${name} ${seed}1\n`],
    ['JSON with name and seed the wrong way round', JSON.stringify({ [seed]: name })],
    ['JSON that is cut', `{"${name}": "${seed}`],
    ['JSON of another shape', JSON.stringify({ [name]: { seed } })],
  ])('repeats nothing of a list of seeds with %s', async (_title, seeds) => {
    const { code, stdout, stderr } = await verify(event('123456', ''), seeds, '--json');
    expect(code).toBe(2);
    expect(found(seedSecrets(seed), stdout + stderr)).toEqual([]);
  });

  test.each([
    ['the seeds in the place of the events', () => `${name} ${seed}\n`],
    ['an event that is cut', () => event('123456', seed).slice(0, -30)],
  ])('repeats nothing of %s', async (_title, events) => {
    const { code, stdout, stderr } = await verify(events(), `${name} ${newSeed()}\n`);
    expect(code).toBe(2);
    expect(found(seedSecrets(seed), stdout + stderr)).toEqual([]);
  });
});
