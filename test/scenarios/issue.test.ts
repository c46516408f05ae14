/** `lanacme issue` as a person runs it: the built program, a real CA, a strict AWS. */
import { spawn } from 'node:child_process';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { readFile, readlink, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { isLong } from '../support/long-form.ts';
import { treeOf } from '../support/modes.ts';
import { type LanacmeResult, program, runLanacme } from '../support/run-lanacme.ts';
import { useScene } from './scene.ts';

interface JsonResult {
  readonly certificates: readonly Readonly<Record<string, unknown>>[];
  readonly errors: readonly Readonly<Record<string, unknown>>[];
}

const scene = useScene();

const jsonOf = (result: LanacmeResult): JsonResult => JSON.parse(result.stdout) as JsonResult;
const both = ['--domain', '*.lan.example', '--domain', 'lan.example'];

test('a wildcard and its apex come in one certificate, and the zone is as before', async () => {
  const before = scene.world.snapshot();
  const result = await scene.issue(both);
  expect(result).toMatchObject({ code: 0, stdout: `${scene.host.stateDir}/live/lan.example\n` });
  const live = join(scene.host.stateDir, 'live', 'lan.example');
  const certificate = new X509Certificate(await readFile(join(live, 'cert.pem')));
  expect(certificate.subjectAltName).toBe('DNS:*.lan.example, DNS:lan.example');
  expect(certificate.checkPrivateKey(createPrivateKey(await readFile(join(live, 'privkey.pem'))))).toBe(true);
  expect(await readFile(join(live, 'fullchain.pem'), 'utf8')).toBe(
    (await readFile(join(live, 'cert.pem'), 'utf8')) + (await readFile(join(live, 'chain.pem'), 'utf8')),
  );
  expect(scene.world.snapshot()).toBe(before);
});

test('what is on disk has the modes of the contract', async () => {
  await scene.issue(both);
  const tree = await treeOf(scene.host.stateDir);
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
  const saw = join(scene.world.folder, `hook-of-${scene.host.thingName}`);
  const result = await scene.issue([...both, '--deploy-hook', `env | sort >> ${saw}`], {
    HIDDEN: 'from the caller',
  });
  expect(result.code).toBe(0);
  const lines = (await readFile(saw, 'utf8')).trim().split('\n');
  const variables = Object.fromEntries(lines.map((line) => line.split(/=(.*)/s, 2) as [string, string]));
  expect(variables).toMatchObject({
    RENEWED_LINEAGE: join(scene.host.stateDir, 'live', 'lan.example'),
    RENEWED_DOMAINS: '*.lan.example lan.example',
    LANACME_HOOK_NAME: 'lan.example',
    LANACME_HOOK_PATH: join(scene.host.stateDir, 'live', 'lan.example'),
    LANACME_HOOK_VERSION: '0001',
  });
  const names = lines.map((line) => line.split('=')[0] ?? '');
  expect(
    names.filter((name) => !/^(LANACME_HOOK_\w+|RENEWED_\w+|PATH|PWD|HOME|LANG|SHLVL|_)$/.test(name)),
  ).toEqual([]);
  expect(names.filter((name) => name === 'RENEWED_LINEAGE')).toHaveLength(1);
});

test('a good certificate is left alone: nobody is asked for anything', async () => {
  await scene.issue(both);
  await scene.world.forgetRequests();
  const again = await scene.issue(both);
  expect(again).toMatchObject({ code: 0, stdout: `${scene.host.stateDir}/live/lan.example\n` });
  expect(await scene.world.counts()).toEqual({ acme: {}, route53: {}, credentials: 0 });
  expect(await readlink(join(scene.host.stateDir, 'live', 'lan.example'))).toBe(
    '../archive/lan.example/0001',
  );
});

test('a difference orders anew and says which', async () => {
  await scene.issue(both);
  const result = await scene.issue([...both, '--key-type', 'rsa2048', '--log-format', 'pretty']);
  expect(result.code).toBe(0);
  expect(result.stderr).toContain('ordering a certificate: the key type changes from ec256 to rsa2048');
  expect(await readlink(join(scene.host.stateDir, 'live', 'lan.example'))).toBe(
    '../archive/lan.example/0002',
  );
});

test('other names under the same name are refused with the two ways out, and nothing is sent', async () => {
  await scene.issue(both);
  await scene.world.forgetRequests();
  const result = await scene.issue(['--domain', 'lan.example', '--json']);
  expect(result.code).toBe(2);
  expect(jsonOf(result).errors).toMatchObject([
    {
      code: 'names.differ',
      certificate: 'lan.example',
      details: [/--name/, /--force/].map((way) => expect.stringMatching(way) as string),
    },
  ]);
  expect(await scene.world.counts()).toEqual({ acme: {}, route53: {}, credentials: 0 });
});

test('a hook that fails is exit 1, remembered, and owed by the next run, without a new certificate', async () => {
  const flag = join(scene.world.folder, `flag-of-${scene.host.thingName}`);
  const hook = `test -e ${flag} && echo fine`;
  const failed = await scene.issue([...both, '--deploy-hook', hook, '--json']);
  expect(failed.code).toBe(1);
  expect(jsonOf(failed)).toMatchObject({
    certificates: [{ name: 'lan.example', deployed: false, error: { code: 'hook.failed' } }],
    errors: [{ code: 'hook.failed', certificate: 'lan.example' }],
  });
  const status = await runLanacme(['status', '--json'], { env: scene.host.environment() });
  expect(jsonOf(status).certificates).toMatchObject([{ deployed: false, error: { code: 'hook.failed' } }]);

  await writeFile(flag, '');
  await scene.world.forgetRequests();
  const again = await scene.issue([...both, '--json']);
  expect(again.code).toBe(0);
  expect(jsonOf(again).certificates).toMatchObject([{ deployed: true, error: null }]);
  expect(await scene.world.counts()).toEqual({ acme: {}, route53: {}, credentials: 0 });
});

test('--json prints one object with the members of the contract', async () => {
  const result = await scene.issue([...both, '--json']);
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
    path: join(scene.host.stateDir, 'live', 'lan.example'),
  });
  for (const time of ['notBefore', 'notAfter', 'renewAt']) {
    expect(row?.[time]).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  }
});

test('an IDN is sent in Punycode', async () => {
  const result = await scene.issue(['--domain', 'bücher.lan.example']);
  expect(result).toMatchObject({
    code: 0,
    stdout: `${scene.host.stateDir}/live/xn--bcher-kva.lan.example\n`,
  });
});

test('flags alone do it, as an acceptance suite would give them', async () => {
  const result = await runLanacme(['issue', ...both, ...scene.host.flags()], {
    env: scene.host.variablesOnly(),
  });
  expect(result.code).toBe(0);
});

test.each(isLong ? ['022', '000', '077', '777'] : ['000', '777'])(
  'the modes are the same under umask %s',
  async (umask) => {
    const child = spawn(
      '/bin/sh',
      ['-c', `umask ${umask}; exec "$0" "$@"`, process.execPath, program, 'issue', ...both],
      {
        stdio: 'ignore',
        env: { PATH: process.env['PATH'], HOME: '/nonexistent', ...scene.host.environment() },
      },
    );
    expect(await once(child, 'close')).toEqual([0, null]);
    const tree = await treeOf(scene.host.stateDir);
    expect(tree['archive/lan.example/0001/privkey.pem']).toBe('- 600');
    expect(tree['archive/lan.example/0001/cert.pem']).toBe('- 644');
    expect(tree['archive/lan.example/0001']).toBe('d 700');
  },
);

test('a CA that has lost its accounts gets the same key again', async () => {
  await scene.issue(both);
  const account = Object.keys(await treeOf(join(scene.host.stateDir, 'accounts'))).find((path) =>
    path.endsWith('account.json'),
  );
  const file = join(scene.host.stateDir, 'accounts', account ?? '');
  const json = JSON.parse(await readFile(file, 'utf8')) as { url: string };
  await writeFile(file, JSON.stringify({ ...json, url: `${json.url}0123` }));
  const result = await scene.issue([...both, '--force', '--log-format', 'pretty']);
  expect(result.code).toBe(0);
  expect(result.stderr).toContain('registering its key again');
});

test('what an interrupted run left is removed first', async () => {
  await scene.issue(both);
  const before = scene.world.snapshot();
  const value = `"${'A'.repeat(43)}"`;
  const name = '_acme-challenge.lan.example';
  scene.world.store.edit(scene.world.zone.id, [
    { action: 'CREATE', recordSet: { name, type: 'TXT', ttl: 10, values: [value] } },
  ]);
  const entry = {
    format: 1,
    id: '0123456789abcdef',
    certificate: 'lan.example',
    zone: 'lan.example',
    zoneId: scene.world.zone.id,
    createdAt: '2026-11-22T12:00:00Z',
    records: [{ name, value }],
    changeIds: [],
  };
  await writeFile(join(scene.host.stateDir, 'journal', `${entry.id}.json`), JSON.stringify(entry), {
    mode: 0o600,
  });

  const what = `${name} TXT ${value} (of lan.example, sent 2026-11-22T12:00:00Z)`;
  const dry = await runLanacme(['cleanup', '--dry-run'], { env: scene.host.environment() });
  expect(dry).toMatchObject({ code: 0, stdout: `would remove ${what}\n` });
  expect(scene.world.snapshot()).not.toBe(before);
  const result = await runLanacme(['cleanup'], { env: scene.host.environment() });
  expect(result).toMatchObject({ code: 0, stdout: `removed ${what}\n` });
  expect(scene.world.snapshot()).toBe(before);
  expect(await runLanacme(['cleanup'], { env: scene.host.environment() })).toMatchObject({
    code: 0,
    stdout: 'nothing to clean up\n',
  });
});

test('status of a host without certificates says how to get one', async () => {
  await rm(scene.host.stateDir, { recursive: true, force: true });
  expect(await runLanacme(['status'], { env: scene.host.environment() })).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(
      /^no certificates yet: lanacme issue --domain NAME gets the first\n\n(?:device|Roles Anywhere) certificate for AWS {2}/,
    ) as string,
  });
  expect(jsonOf(await runLanacme(['status', '--json'], { env: scene.host.environment() }))).toEqual({
    certificates: [],
    identity: expect.objectContaining({ file: scene.host.certFile }) as object,
    errors: [],
  });
});
