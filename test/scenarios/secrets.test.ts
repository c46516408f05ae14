/** Every secret of a run is searched for, in every form, wherever it could have been left. */
import { randomBytes } from 'node:crypto';
import { chown, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { giveToOwner, isRoot, owner, programForAll } from '../support/as-root.ts';
import { fastTime } from '../support/fast-time.ts';
import { isLong } from '../support/long-form.ts';
import { type LanacmeOptions, type LanacmeResult, runLanacme, startLanacme } from '../support/run-lanacme.ts';
import {
  filesBelow,
  found,
  foundBelow,
  keySecrets,
  sessionSecrets,
  textSecret,
} from '../support/run-secrets.ts';
import { type SecretIdentity, withSecretIdentity } from '../support/secret-identity.ts';
import type { Secret } from '../support/secret-search.ts';
import { startedPrograms } from '../support/started-programs.ts';
import { startWorld, type World } from '../world/world.ts';
import type { Host } from '../world/world-host.ts';
import { policyFor } from '../world/world-policies.ts';

const domains = ['--domain', '*.lan.example', '--domain', 'lan.example'];
const hmacKey = randomBytes(32);
/** Sleeps of the program take a tenth of their time; its clock moves by the whole. */
const time = fastTime({ skips: 10 });

let world: World;
let host: Host;
let hmacFile: string;
let identity: SecretIdentity;
let hosts = 0;
/** What AWS has handed out, to whomever. */
let sessions: Secret[] = [];

beforeAll(async () => {
  const kid = 'kid-1';
  world = await startWorld({
    pendingMs: 50,
    route53: { rateLimit: 'none' },
    pebble: {
      config: {
        externalAccountBindingRequired: true,
        externalAccountMACKeys: { [kid]: hmacKey.toString('base64url') },
      },
    },
  });
  sessions = sessionSecrets(world.sessions);
  hmacFile = join(world.folder, 'hmac');
  await writeFile(hmacFile, `${hmacKey.toString('base64url')}\n`, { mode: 0o600 });
});
afterAll(async () => {
  await world.stop();
});
beforeEach(async () => {
  hosts += 1;
  world.setPolicy('challenges of the zone');
  world.credentials.faults.clear();
  sessions.length = 0;
  host = await world.addHost({ thingName: `host-${hosts}` });
  identity = await withSecretIdentity(world, host);
});

type Changes = Readonly<Record<string, string | undefined>>;

const environment = (changes: Changes = {}): Readonly<Record<string, string>> =>
  host.environment({
    ...identity.variables,
    LANACME_EAB_KID: 'kid-1',
    LANACME_EAB_HMAC_KEY_FILE: hmacFile,
    LANACME_LOG_LEVEL: 'debug',
    ...changes,
  });

const issue = async (changes: Changes = {}, args: readonly string[] = []): Promise<LanacmeResult> =>
  await runLanacme(['issue', ...domains, ...args], {
    env: { ...environment(changes), ...time.env },
    nodeArgs: time.nodeArgs,
    cwd: world.folder,
  });

/** Those that are known without looking into the state folder. */
function givenSecrets(): readonly Secret[] {
  return [
    ...identity.secrets,
    { name: 'HMAC key, as written', bytes: Buffer.from(hmacKey.toString('base64url')) },
    { name: 'HMAC key', bytes: hmacKey },
    ...sessions,
  ];
}

/** Keys in the state folder, by their files. */
async function keyFiles(): Promise<ReadonlyMap<string, readonly Secret[]>> {
  const paths = (await filesBelow(host.stateDir)).filter((path) => /key[^/]*$/.test(path));
  return new Map(
    await Promise.all(
      paths.map(async (path): Promise<readonly [string, readonly Secret[]]> => {
        const pem = await readFile(join(host.stateDir, path), 'utf8');
        return [path, keySecrets(path, pem)];
      }),
    ),
  );
}

/** Which secrets stand in which files of the state folder. */
async function foundInState(): Promise<Readonly<Record<string, readonly string[]>>> {
  return await foundBelow(host.stateDir, [...givenSecrets(), ...[...(await keyFiles()).values()].flat()]);
}

/** Each key in the file that is its own, and nothing in any other. */
async function onlyKeysInTheirFiles(): Promise<Readonly<Record<string, readonly string[]>>> {
  return Object.fromEntries(
    [...(await keyFiles()).keys()].map((path) => [path, [`${path} as base64`, `${path}, its PEM as plain`]]),
  );
}

describe.each(isLong ? ['json', 'pretty', 'journal'] : ['json'])(
  'a run that logs everything as %s',
  (format) => {
    test('leaves no secret in what it prints, in /proc, with its hook, or in the state folder', async () => {
      const saw = join(world.folder, `hook-${format}`);
      const proc = '/proc/$PPID/environ /proc/$PPID/cmdline /proc/$$/environ /proc/$$/cmdline';
      const hook = `(cat ${proc} | tr '\\0' '\\n'; set) | tee ${saw}`;
      const result = await issue({ LANACME_LOG_FORMAT: format }, ['--deploy-hook', hook, '--json']);
      expect(result, result.stderr).toMatchObject({ code: 0 });
      expect(sessions).toHaveLength(2);
      expect([...(await keyFiles()).keys()]).toEqual([
        expect.stringMatching(/^accounts\/.*\/key\.pem$/),
        'archive/lan.example/0001/privkey.pem',
      ]);

      const secrets = [...givenSecrets(), ...[...(await keyFiles()).values()].flat()];
      expect(result.stderr).toContain('debug');
      expect(found(secrets, result.stdout + result.stderr)).toEqual([]);
      const hookSaw = await readFile(saw);
      // Both of lanacme and of its hook.
      expect(hookSaw.toString()).toMatch(/LANACME_ZONE=[^]*\nissue\n[^]*RENEWED_LINEAGE=/);
      expect(found(secrets, hookSaw)).toEqual([]);
      expect(await foundInState()).toEqual(await onlyKeysInTheirFiles());
    });
  },
);

test('a renewal leaves none in its metrics', async () => {
  await issue();
  const metrics = join(world.folder, 'metrics');
  const renewed = await runLanacme(['renew', '--force', '--metrics-file', metrics], {
    env: { ...environment(), ...time.env },
    nodeArgs: time.nodeArgs,
  });
  expect(renewed, renewed.stderr).toMatchObject({ code: 0 });
  const secrets = [...givenSecrets(), ...[...(await keyFiles()).values()].flat()];
  expect(found(secrets, await readFile(metrics))).toEqual([]);
  expect(found(secrets, renewed.stdout + renewed.stderr)).toEqual([]);
  expect(await foundInState()).toEqual(await onlyKeysInTheirFiles());
});

test('a key of AWS that stands in the env file stays there', async () => {
  const policy = policyFor('challenges of the zone', { name: 'lan.example', id: world.zone.id });
  const user = world.sessions.addUser(host.thingName, [policy]);
  const config = join(world.folder, 'own-key.env');
  const lines = [`AWS_ACCESS_KEY_ID=${user.accessKeyId}`, `AWS_SECRET_ACCESS_KEY=${user.secretAccessKey}`];
  await writeFile(config, `${lines.join('\n')}\n`, { mode: 0o600 });
  const saw = join(world.folder, 'own-key-hook');
  const hook = `cat /proc/$PPID/environ /proc/$PPID/cmdline /proc/$$/environ > ${saw}`;
  const args = ['--config', config, '--credentials', 'default', '--deploy-hook', hook];
  const result = await issue({ LANACME_LOG_LEVEL: 'debug' }, args);
  expect(result, result.stderr).toMatchObject({ code: 0 });
  const key = [textSecret('AWS key', user.secretAccessKey)];
  expect(found(key, result.stdout + result.stderr)).toEqual([]);
  expect(found(key, await readFile(saw))).toEqual([]);
  expect(await foundBelow(host.stateDir, key)).toEqual({});
});

describe('no program that is started has a secret among its words or in its environment:', () => {
  /** The programs that a run starts, once they have been searched. */
  async function searched(
    args: readonly string[],
    code: number,
    options: LanacmeOptions = { nodeArgs: time.nodeArgs },
  ): Promise<readonly string[]> {
    const awsKey = `Zq${randomBytes(20).toString('hex')}`;
    // lanacme itself is given these two in its environment.
    const own = { LANACME_EAB_HMAC_KEY: hmacKey.toString('base64url'), AWS_SECRET_ACCESS_KEY: awsKey };
    const env = { ...environment({ ...own, LANACME_EAB_HMAC_KEY_FILE: undefined }), ...time.env };
    const all = ['issue', ...domains, ...args];
    const { result, started } = await startedPrograms(all, { env, cwd: world.folder, ...options });
    expect(result, result.stderr).toMatchObject({ code });
    const keys = [...(await keyFiles()).values()].flat();
    const secrets = [...givenSecrets(), ...keys, textSecret('AWS key', awsKey)];
    for (const { words } of started)
      expect([words[0], found(secrets, words.join('\n'))]).toEqual([words[0], []]);
    return [...new Set(started.map(({ words: [file = ''] }) => basename(file)))].sort();
  }

  test('for the lock and for hooks', async () => {
    const hooks = ['--pre-hook', 'true', '--deploy-hook', '/usr/bin/env', '--post-hook', 'true'];
    expect(await searched(hooks, 0)).toEqual(['env', 'flock', 'sh']);
  });

  test('for a group of which no file knows', async () => {
    expect(await searched(['--key-group', 'nobody-knows-it'], 2)).toEqual(['flock', 'getent']);
  });

  test.runIf(isRoot(import.meta.url))('for a run that goes on as the owner of the state folder', async () => {
    await giveToOwner(host);
    for (const file of Object.values(identity.variables)) await chown(file, owner, owner);
    // In its own time: that of the tests may be closed to the owner.
    const program = await programForAll(world.folder);
    const names = await searched(['--deploy-hook', '/usr/bin/env'], 0, { program });
    expect(names).toEqual(expect.arrayContaining(['env', 'flock', 'setpriv', 'sh']));
  });
});

test.each(['waiting for the CA to validate', 'waiting for the CA to issue'])(
  'a run that is killed when it is %s leaves keys in their own files only',
  async (moment) => {
    const env = { ...environment({ LANACME_LOG_FORMAT: 'json' }), ...time.env };
    const lanacme = startLanacme(['issue', ...domains], { env, nodeArgs: time.nodeArgs });
    await lanacme.says(moment);
    lanacme.kill('SIGKILL');
    const result = await lanacme.ended;
    expect(result.signal).toBe('SIGKILL');
    expect(found(givenSecrets(), result.stderr)).toEqual([]);
    expect(await foundInState()).toEqual(await onlyKeysInTheirFiles());
  },
);

describe('a run that fails tells no secret:', () => {
  const leaked = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY';
  const answer = `{"credentials":{"accessKeyId":"ASIAX","secretAccessKey":"${leaked}","sessionToken":"${leaked}"`;

  test.each([
    ['cut in the middle of the answer', answer, ''],
    ['which is not quite JSON', `${answer} oops}`, '}'],
    ['without an end', `${answer}}`, '}'],
    ['with an end of another kind', `${answer},"expiration":"${leaked}"}`, '}'],
  ])('credentials %s', async (_title, begin, end) => {
    // Roles Anywhere has a set of them.
    const isSet = world.identity === 'roles-anywhere';
    const body = isSet ? `{"credentialSet":[${begin}${end === '' ? '' : `${end}]}`}` : `${begin}${end}`;
    world.credentials.faults.add({ kind: 'page', status: 200, body }, { times: Number.POSITIVE_INFINITY });
    const result = await issue();
    expect(result.code).toBe(1);
    expect(result.stderr).toContain('credentials.');
    // Also no few characters of it, such as parsers quote.
    expect(result.stderr + result.stdout).not.toMatch(/wJalr|UtnFEMI|bPxRfi|EXAMPLEKEY/);
  });

  test('a password that does not open the key', async () => {
    const wrong = `wrong-${randomBytes(12).toString('hex')}`;
    const file = join(world.folder, 'wrong-password');
    await writeFile(file, wrong, { mode: 0o600 });
    const [variable = ''] = Object.keys(identity.variables).filter((each) => each.endsWith('_PASSWORD_FILE'));
    const result = await issue({ [variable]: file });
    expect(result.stderr).toContain('credentials.key-invalid');
    const secrets = [...givenSecrets(), { name: 'wrong password', bytes: Buffer.from(wrong) }];
    expect(found(secrets, result.stderr + result.stdout)).toEqual([]);
  });

  test('rights that are missing in the zone', async () => {
    world.setPolicy({ Version: '2012-10-17', Statement: [] });
    const result = await issue({}, ['--json']);
    expect(result.stdout).toContain('route53.access-denied');
    expect(found(givenSecrets(), result.stderr + result.stdout)).toEqual([]);
    expect(await foundInState()).toEqual(await onlyKeysInTheirFiles());
  });

  test('an HMAC key that the CA does not take', async () => {
    const other = { name: 'other HMAC key', bytes: randomBytes(32) };
    const file = join(world.folder, 'other-hmac');
    await writeFile(file, other.bytes.toString('base64url'), { mode: 0o600 });
    const result = await issue({ LANACME_EAB_HMAC_KEY_FILE: file });
    expect(result.code).toBe(1);
    expect(found([...givenSecrets(), other], result.stderr + result.stdout)).toEqual([]);
  });

  test.each([
    ['as a flag', ['--eab-hmac-key=@@'], {}],
    ['as a flag and a word', ['--eab-hmac-key', '@@'], {}],
    ['in a variable, with its file named too', [], { LANACME_EAB_HMAC_KEY: '@@' }],
    ['in a variable with a slip of the pen', [], { LANACME_EAB_HMAC_KEYS: '@@' }],
    ['in a variable, not base64', [], { LANACME_EAB_HMAC_KEY: '@@ !', LANACME_EAB_HMAC_KEY_FILE: undefined }],
    ['in the address of a proxy', [], { HTTPS_PROXY: 'http://me:@@@127.0.0.1:1' }],
    ['in the address of a proxy that is none', [], { HTTPS_PROXY: 'ftp://me:@@@127.0.0.1:1' }],
  ])('one that was given %s', async (_title, args, changes) => {
    const mark = `Zq${randomBytes(12).toString('hex')}`;
    const marked = (text: string): string => text.replaceAll('@@', mark);
    const variables = Object.entries<string | undefined>(changes).map(
      ([name, value]) => [name, value === undefined ? undefined : marked(value)] as const,
    );
    const result = await issue(Object.fromEntries(variables), [...args.map(marked), '--json']);
    expect(result.code).not.toBe(0);
    expect(result.stderr + result.stdout).not.toContain(mark);
  });

  test.each([
    'LANACME_EAB_HMAC_KEY @@',
    'LANACME_EAB_HMAC_KEY="@@',
    'AWS_SECRET_ACCESS_KEY=@@\nAWS_SECRET_ACCESS_KEY=@@',
    '@@',
    'LANACME_LOCK_TIMEOUT="a" @@',
  ])('in an env file with the line %j', async (lines) => {
    const mark = `Zq${randomBytes(12).toString('hex')}`;
    const file = join(world.folder, 'broken.env');
    await writeFile(file, lines.replaceAll('@@', mark), { mode: 0o600 });
    const result = await issue({}, ['--config', file, '--json']);
    expect(result.code).toBe(2);
    expect(result.stderr + result.stdout).not.toContain(mark);
  });
});
