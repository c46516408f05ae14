/** `lanacme issue` as a person runs it: the built program, a real CA, a strict AWS. */
import { spawn } from 'node:child_process';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { readFile, readlink, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { fastTime } from '../support/fast-time.ts';
import { treeOf } from '../support/modes.ts';
import { type LanacmeResult, program, runLanacme } from '../support/run-lanacme.ts';
import { startWorld, type World } from '../world/world.ts';
import type { Host } from '../world/world-host.ts';

interface JsonResult {
  readonly certificates: readonly Readonly<Record<string, unknown>>[];
  readonly errors: readonly Readonly<Record<string, unknown>>[];
}

/** Sleeps of the program take a tenth of their time; its clock moves by the whole. */
const time = fastTime({ skips: 10 });

let world: World;
let host: Host;
let hosts = 0;

beforeAll(async () => {
  world = await startWorld({ pendingMs: 200, route53: { rateLimit: 'none' } });
});
afterAll(async () => {
  await world.stop();
});
beforeEach(async () => {
  hosts += 1;
  host = await world.addHost({ thingName: `host-${hosts}` });
  world.setPolicy('challenges of the zone');
  await world.forgetRequests();
});

const issue = async (
  args: readonly string[],
  changes: Readonly<Record<string, string | undefined>> = {},
): Promise<LanacmeResult> =>
  await runLanacme(['issue', ...args], {
    env: { ...host.environment(changes), ...time.env },
    nodeArgs: time.nodeArgs,
  });
const jsonOf = (result: LanacmeResult): JsonResult => JSON.parse(result.stdout) as JsonResult;
const both = ['--domain', '*.lan.example', '--domain', 'lan.example'];

test('a wildcard and its apex come in one certificate, and the zone is as before', async () => {
  const before = world.snapshot();
  const result = await issue(both);
  expect(result).toMatchObject({ code: 0, stdout: `${host.stateDir}/live/lan.example\n` });
  const live = join(host.stateDir, 'live', 'lan.example');
  const certificate = new X509Certificate(await readFile(join(live, 'cert.pem')));
  expect(certificate.subjectAltName).toBe('DNS:*.lan.example, DNS:lan.example');
  expect(certificate.checkPrivateKey(createPrivateKey(await readFile(join(live, 'privkey.pem'))))).toBe(true);
  expect(await readFile(join(live, 'fullchain.pem'), 'utf8')).toBe(
    (await readFile(join(live, 'cert.pem'), 'utf8')) + (await readFile(join(live, 'chain.pem'), 'utf8')),
  );
  expect(world.snapshot()).toBe(before);
});

test('what is on disk has the modes of the contract', async () => {
  await issue(both);
  const tree = await treeOf(host.stateDir);
  expect(tree['live/lan.example']).toBe('-> ../archive/lan.example/0001');
  expect(tree['archive/lan.example/0001/privkey.pem']).toBe('- 600');
  for (const part of ['cert', 'chain', 'fullchain']) {
    expect(tree[`archive/lan.example/0001/${part}.pem`]).toBe('- 644');
  }
  for (const [path, mode] of Object.entries(tree)) {
    if (mode.startsWith('d')) expect([path, mode]).toEqual([path, 'd 700']);
    else if (/key|json|lock/.test(path)) expect([path, mode]).toEqual([path, '- 600']);
  }
  expect(Object.keys(tree).filter((path) => path.startsWith('journal/'))).toEqual([]);
});

test('the hook runs once, with its variables and nothing else', async () => {
  const saw = join(world.folder, `hook-of-${host.thingName}`);
  const result = await issue([...both, '--deploy-hook', `env | sort >> ${saw}`], {
    HIDDEN: 'from the caller',
  });
  expect(result.code).toBe(0);
  const lines = (await readFile(saw, 'utf8')).trim().split('\n');
  const variables = Object.fromEntries(lines.map((line) => line.split(/=(.*)/s, 2) as [string, string]));
  expect(variables).toMatchObject({
    RENEWED_LINEAGE: join(host.stateDir, 'live', 'lan.example'),
    RENEWED_DOMAINS: '*.lan.example lan.example',
    LANACME_HOOK_NAME: 'lan.example',
    LANACME_HOOK_PATH: join(host.stateDir, 'live', 'lan.example'),
    LANACME_HOOK_VERSION: '0001',
  });
  const names = lines.map((line) => line.split('=')[0] ?? '');
  expect(
    names.filter((name) => !/^(LANACME_HOOK_\w+|RENEWED_\w+|PATH|PWD|HOME|LANG|SHLVL|_)$/.test(name)),
  ).toEqual([]);
  expect(names.filter((name) => name === 'RENEWED_LINEAGE')).toHaveLength(1);
});

test('a good certificate is left alone: nobody is asked for anything', async () => {
  await issue(both);
  await world.forgetRequests();
  const again = await issue(both);
  expect(again).toMatchObject({ code: 0, stdout: `${host.stateDir}/live/lan.example\n` });
  expect(await world.counts()).toEqual({ acme: {}, route53: {}, credentials: 0 });
  expect(await readlink(join(host.stateDir, 'live', 'lan.example'))).toBe('../archive/lan.example/0001');
});

test('a difference orders anew and says which', async () => {
  await issue(both);
  const result = await issue([...both, '--key-type', 'rsa2048', '--log-format', 'pretty']);
  expect(result.code).toBe(0);
  expect(result.stderr).toContain('ordering a certificate: the key type changes from ec256 to rsa2048');
  expect(await readlink(join(host.stateDir, 'live', 'lan.example'))).toBe('../archive/lan.example/0002');
});

test('other names under the same name are refused with the two ways out, and nothing is sent', async () => {
  await issue(both);
  await world.forgetRequests();
  const result = await issue(['--domain', 'lan.example', '--json']);
  expect(result.code).toBe(2);
  expect(jsonOf(result).errors).toMatchObject([
    {
      code: 'names.differ',
      certificate: 'lan.example',
      details: [/--name/, /--force/].map((way) => expect.stringMatching(way) as string),
    },
  ]);
  expect(await world.counts()).toEqual({ acme: {}, route53: {}, credentials: 0 });
});

test('a hook that fails is exit 1, remembered, and owed by the next run, without a new certificate', async () => {
  const flag = join(world.folder, `flag-of-${host.thingName}`);
  const hook = `test -e ${flag} && echo fine`;
  const failed = await issue([...both, '--deploy-hook', hook, '--json']);
  expect(failed.code).toBe(1);
  expect(jsonOf(failed)).toMatchObject({
    certificates: [{ name: 'lan.example', deployed: false, error: { code: 'hook.failed' } }],
    errors: [{ code: 'hook.failed', certificate: 'lan.example' }],
  });
  const status = await runLanacme(['status', '--json'], { env: host.environment() });
  expect(jsonOf(status).certificates).toMatchObject([{ deployed: false, error: { code: 'hook.failed' } }]);

  await writeFile(flag, '');
  await world.forgetRequests();
  const again = await issue([...both, '--json']);
  expect(again.code).toBe(0);
  expect(jsonOf(again).certificates).toMatchObject([{ deployed: true, error: null }]);
  expect(await world.counts()).toEqual({ acme: {}, route53: {}, credentials: 0 });
});

test('--json prints one object with the members of the contract', async () => {
  const result = await issue([...both, '--json']);
  const [row] = jsonOf(result).certificates;
  expect(Object.keys(row ?? {})).toEqual(
    expect.arrayContaining(
      'name domains serial issuer profile notBefore notAfter renewAt renewReason deployed path keyType error'.split(
        ' ',
      ),
    ),
  );
  expect(row).toMatchObject({
    name: 'lan.example',
    domains: ['*.lan.example', 'lan.example'],
    keyType: 'ec256',
    deployed: true,
    error: null,
    path: join(host.stateDir, 'live', 'lan.example'),
  });
  for (const time of ['notBefore', 'notAfter', 'renewAt']) {
    expect(row?.[time]).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  }
});

test('an IDN is sent in Punycode', async () => {
  const result = await issue(['--domain', 'bücher.lan.example']);
  expect(result).toMatchObject({ code: 0, stdout: `${host.stateDir}/live/xn--bcher-kva.lan.example\n` });
});

test('flags alone do it, as an acceptance suite would give them', async () => {
  const result = await runLanacme(['issue', ...both, ...host.flags()], { env: host.variablesOnly() });
  expect(result.code).toBe(0);
});

test.each(['022', '000', '077', '777'])('the modes are the same under umask %s', async (umask) => {
  const child = spawn(
    '/bin/sh',
    ['-c', `umask ${umask}; exec "$0" "$@"`, process.execPath, program, 'issue', ...both],
    {
      stdio: 'ignore',
      env: { PATH: process.env['PATH'], HOME: '/nonexistent', ...host.environment() },
    },
  );
  expect(await once(child, 'close')).toEqual([0, null]);
  const tree = await treeOf(host.stateDir);
  expect(tree['archive/lan.example/0001/privkey.pem']).toBe('- 600');
  expect(tree['archive/lan.example/0001/cert.pem']).toBe('- 644');
  expect(tree['archive/lan.example/0001']).toBe('d 700');
});

test('a CA that has lost its accounts gets the same key again', async () => {
  await issue(both);
  const account = Object.keys(await treeOf(join(host.stateDir, 'accounts'))).find((path) =>
    path.endsWith('account.json'),
  );
  const file = join(host.stateDir, 'accounts', account ?? '');
  const json = JSON.parse(await readFile(file, 'utf8')) as { url: string };
  await writeFile(file, JSON.stringify({ ...json, url: `${json.url}0123` }));
  const result = await issue([...both, '--force', '--log-format', 'pretty']);
  expect(result.code).toBe(0);
  expect(result.stderr).toContain('registering its key again');
});

test('what an interrupted run left is removed first', async () => {
  await issue(both);
  const before = world.snapshot();
  const value = `"${'A'.repeat(43)}"`;
  const name = '_acme-challenge.lan.example';
  world.store.edit(world.zone.id, [
    { action: 'CREATE', recordSet: { name, type: 'TXT', ttl: 10, values: [value] } },
  ]);
  const entry = {
    format: 1,
    id: '0123456789abcdef',
    certificate: 'lan.example',
    zone: 'lan.example',
    zoneId: world.zone.id,
    createdAt: '2026-11-22T12:00:00Z',
    records: [{ name, value }],
    changeIds: [],
  };
  await writeFile(join(host.stateDir, 'journal', `${entry.id}.json`), JSON.stringify(entry), { mode: 0o600 });

  const what = `${name} TXT ${value} (of lan.example, sent 2026-11-22T12:00:00Z)`;
  const dry = await runLanacme(['cleanup', '--dry-run'], { env: host.environment() });
  expect(dry).toMatchObject({ code: 0, stdout: `would remove ${what}\n` });
  expect(world.snapshot()).not.toBe(before);
  const result = await runLanacme(['cleanup'], { env: host.environment() });
  expect(result).toMatchObject({ code: 0, stdout: `removed ${what}\n` });
  expect(world.snapshot()).toBe(before);
  expect(await runLanacme(['cleanup'], { env: host.environment() })).toMatchObject({
    code: 0,
    stdout: 'nothing to clean up\n',
  });
});

test('status of a host without certificates says how to get one', async () => {
  await rm(host.stateDir, { recursive: true, force: true });
  expect(await runLanacme(['status'], { env: host.environment() })).toMatchObject({
    code: 0,
    stdout: 'no certificates yet: lanacme issue --domain NAME gets the first\n',
  });
  expect(jsonOf(await runLanacme(['status', '--json'], { env: host.environment() }))).toEqual({
    certificates: [],
    errors: [],
  });
});
