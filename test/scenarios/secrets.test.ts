/** Every secret of a run is searched for, in every form, wherever it could have been left. */
import { createPrivateKey, randomBytes } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type LanacmeResult, runLanacme, startLanacme } from '../support/run-lanacme.ts';
import { formOfSecret, type Secret } from '../support/secret-search.ts';
import { startWorld, type World } from '../world/world.ts';
import type { Host } from '../world/world-host.ts';

const domains = ['--domain', '*.lan.example', '--domain', 'lan.example'];
const hmacKey = randomBytes(32);
const password = `pass-${randomBytes(12).toString('base64url')}`;

let world: World;
let host: Host;
let hmacFile: string;
let passwordFile: string;
let deviceKeyPem: string;
let hosts = 0;
/** What AWS has handed out, to whomever. */
const sessions: Secret[] = [];

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
  listenForSessions();
  [hmacFile, passwordFile] = [join(world.folder, 'hmac'), join(world.folder, 'password')];
  await writeFile(hmacFile, `${hmacKey.toString('base64url')}\n`, { mode: 0o600 });
  await writeFile(passwordFile, `${password}\n`, { mode: 0o600 });
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
  deviceKeyPem = await readFile(host.keyFile, 'utf8');
  const encrypted = createPrivateKey(deviceKeyPem).export({
    type: 'pkcs8',
    format: 'pem',
    cipher: 'aes-256-cbc',
    passphrase: password,
  });
  await writeFile(host.keyFile, encrypted);
});

function listenForSessions(): void {
  const issue = world.sessions.issue.bind(world.sessions);
  world.sessions.issue = (request) => {
    const issued = issue(request);
    sessions.push(
      { name: 'AWS secret key', bytes: Buffer.from(issued.secretAccessKey) },
      { name: 'AWS session token', bytes: Buffer.from(issued.sessionToken) },
    );
    return issued;
  };
}

const environment = (changes: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> =>
  host.environment({
    LANACME_IOT_KEY_PASSWORD_FILE: passwordFile,
    LANACME_EAB_KID: 'kid-1',
    LANACME_EAB_HMAC_KEY_FILE: hmacFile,
    LANACME_LOG_LEVEL: 'debug',
    ...changes,
  });

const issue = async (
  changes: Readonly<Record<string, string>> = {},
  args: readonly string[] = [],
): Promise<LanacmeResult> =>
  await runLanacme(['issue', ...domains, ...args], { env: environment(changes), cwd: world.folder });

/**
 * The private number of a key on P-256, which every form of the key holds, and the line of its PEM that is made of it
 * alone: somebody could encode that once more.
 */
function keySecrets(name: string, pem: string): readonly Secret[] {
  const { d = '' } = createPrivateKey(pem).export({ format: 'jwk' });
  const line = pem.split('\n')[2]?.slice(0, 24) ?? '';
  return [
    { name, bytes: Buffer.from(d, 'base64url') },
    { name: `${name}, its PEM`, bytes: Buffer.from(line) },
  ];
}

/** Those that are known without looking into the state folder. */
function givenSecrets(): readonly Secret[] {
  return [
    ...keySecrets('device key', deviceKeyPem),
    { name: 'HMAC key, as written', bytes: Buffer.from(hmacKey.toString('base64url')) },
    { name: 'HMAC key', bytes: hmacKey },
    { name: 'key password', bytes: Buffer.from(password) },
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

async function filesBelow(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}

/** Names and forms of the secrets in this text. */
function found(secrets: readonly Secret[], text: Buffer | string): readonly string[] {
  return secrets.flatMap((secret) => {
    const form = formOfSecret(secret, text);
    return form === undefined ? [] : [`${secret.name} as ${form}`];
  });
}

/** Which secrets stand in which files of the state folder. */
async function foundInState(): Promise<Readonly<Record<string, readonly string[]>>> {
  const secrets = [...givenSecrets(), ...[...(await keyFiles()).values()].flat()];
  const places = await Promise.all(
    (await filesBelow(host.stateDir)).map(async (path) => {
      const names = found(secrets, await readFile(join(host.stateDir, path)));
      return [path, names] as const;
    }),
  );
  return Object.fromEntries(places.filter(([, names]) => names.length > 0));
}

/** Each key in the file that is its own, and nothing in any other. */
async function onlyKeysInTheirFiles(): Promise<Readonly<Record<string, readonly string[]>>> {
  return Object.fromEntries(
    [...(await keyFiles()).keys()].map((path) => [path, [`${path} as base64`, `${path}, its PEM as plain`]]),
  );
}

describe.each(['json', 'pretty', 'journal'])('a run that logs everything as %s', (format) => {
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
});

test.each(['waiting for the CA to validate', 'waiting for the CA to issue'])(
  'a run that is killed when it is %s leaves keys in their own files only',
  async (moment) => {
    const lanacme = startLanacme(['issue', ...domains], { env: environment({ LANACME_LOG_FORMAT: 'json' }) });
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
    ['cut in the middle of the answer', answer],
    ['which is not quite JSON', `${answer} oops}}`],
    ['without an end', `${answer}}}`],
    ['with an end of another kind', `${answer},"expiration":"${leaked}"}}`],
  ])('credentials %s', async (_title, body) => {
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
    const result = await issue({ LANACME_IOT_KEY_PASSWORD_FILE: file });
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
    ['in a variable, not base64', [], { LANACME_EAB_HMAC_KEY: '@@ !', LANACME_EAB_HMAC_KEY_FILE: '' }],
    ['in the address of a proxy', [], { HTTPS_PROXY: 'http://me:@@@127.0.0.1:1' }],
    ['in the address of a proxy that is none', [], { HTTPS_PROXY: 'ftp://me:@@@127.0.0.1:1' }],
  ])('one that was given %s', async (_title, args, changes) => {
    const mark = `Zq${randomBytes(12).toString('hex')}`;
    const marked = (text: string): string => text.replaceAll('@@', mark);
    const variables = Object.entries(changes).map(([name, value]) => [name, marked(value)] as const);
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
