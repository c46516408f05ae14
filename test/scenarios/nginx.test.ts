/** A real nginx that serves from `live/NAME`: what a client of it sees is what counts. */
import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { run } from '../support/child-process.ts';
import { fastTime } from '../support/fast-time.ts';
import { type LanacmeResult, program, runLanacme } from '../support/run-lanacme.ts';
import { type Nginx, startNginx } from '../world/nginx.ts';
import type { Host } from '../world/world-host.ts';
import { useScene } from './scene.ts';

interface StatusRow {
  readonly deployed: boolean;
  readonly serial: string;
  readonly error?: { readonly code: string; readonly message: string; readonly hint: string };
}

const name = 'www.lan.example';
const scene = useScene();
let runs = 0;
let [host, running]: [Host | undefined, Nginx | undefined] = [undefined, undefined];

/** One host for all: nginx needs a certificate to start with, and each test goes on from whatever is live. */
beforeAll(async () => {
  host = await scene.world.addHost({ thingName: 'www' });
  expect(await lanacme('issue', '--domain', name)).toMatchObject({ code: 0 });
  running = await startNginx({ sites: { [name]: live() } });
});
/** Whatever the test before has left. */
beforeEach(async () => {
  await nginx().appendToConfiguration('');
  await run('/bin/sh', ['-c', nginx().reload]);
  await nginx().serves(name, await serialInLive());
});
afterAll(async () => {
  await running?.stop();
});

function stateDir(): string {
  return host?.stateDir ?? '';
}

function live(): string {
  return join(stateDir(), 'live', name);
}

function nginx(): Nginx {
  if (running === undefined) throw new Error('nginx did not start');
  return running;
}

/**
 * Sleeps take no time, and move the clock: a run begins after the end of the one before. Who looks whether nginx serves
 * the new certificate leaves it the time that it has in truth.
 */
async function lanacme(...args: readonly string[]): Promise<LanacmeResult> {
  runs += 1;
  const time = fastTime({ skips: args[0] === 'deploy' ? 1 : 40, aheadMs: 15_000 * runs });
  return await runLanacme(args, {
    env: { ...host?.environment(), ...time.env },
    nodeArgs: time.nodeArgs,
  });
}

/** Another certificate under the same name, with whatever else it is told. */
async function issueAnother(...args: readonly string[]): Promise<LanacmeResult> {
  return await lanacme('issue', '--domain', name, '--force', ...args);
}

async function serialInLive(): Promise<string> {
  return new X509Certificate(await readFile(join(live(), 'cert.pem'))).serialNumber;
}

async function orders(): Promise<number> {
  return (await scene.world.counts()).acme.newOrder ?? 0;
}

async function status(): Promise<StatusRow> {
  const { stdout } = await lanacme('status', name, '--json');
  const [row] = (JSON.parse(stdout) as { readonly certificates: readonly StatusRow[] }).certificates;
  if (row === undefined) throw new Error(`no certificate in ${stdout}`);
  return row;
}

test('a hook that fails twice and then works: one order, three runs of the hook', async () => {
  const noted = join(scene.world.folder, `hook-runs`);
  const hook = `echo run >> '${noted}' && test $(wc -l < '${noted}') -ge 3 && ${nginx().reload}`;
  const before = await serialInLive();
  expect((await issueAnother('--deploy-hook', hook)).code).toBe(1);
  expect(await status()).toMatchObject({ deployed: false, error: { code: 'hook.failed' } });
  expect((await nginx().leaf(name)).serialNumber).toBe(before);

  expect((await lanacme('renew')).code).toBe(1);
  expect((await lanacme('renew')).code).toBe(0);
  await nginx().serves(name, await serialInLive());
  expect(await status()).toMatchObject({ deployed: true });
  expect((await lanacme('renew')).code).toBe(0);
  expect(await readFile(noted, 'utf8')).toBe('run\nrun\nrun\n');
  expect(await orders()).toBe(1);
});

test('a configuration that is broken: the old certificate is served, and status says why', async () => {
  const before = await serialInLive();
  await nginx().appendToConfiguration('no_such_directive;\n');
  const check = ['--check', `${nginx().address}/${name}`, '--rollback-on-failure'];
  // The signal is sent, so the hook succeeds: only who looks knows that nothing came of it.
  expect((await issueAnother('--deploy-hook', nginx().hangUp, ...check)).code).toBe(1);

  expect(await serialInLive()).toBe(before);
  expect((await nginx().leaf(name)).serialNumber).toBe(before);
  const told = await status();
  expect(told).toMatchObject({ deployed: false, error: { code: 'deploy.not-served' } });
  expect(told.error?.message).toContain(nginx().address);

  // The newer version stays the wanted one: mended, it comes back without an order.
  await nginx().appendToConfiguration('');
  expect((await lanacme('deploy')).code).toBe(0);
  const after = await serialInLive();
  expect(after).not.toBe(before);
  await nginx().serves(name, after);
  expect(await status()).toMatchObject({ deployed: true });
  expect(await orders()).toBe(1);
});

test('a reload that judges the configuration fails by itself: the old pair is back in live', async () => {
  const before = await serialInLive();
  await nginx().appendToConfiguration('no_such_directive;\n');
  const result = await issueAnother('--deploy-hook', nginx().reload, '--rollback-on-failure');
  expect(result.code).toBe(1);
  expect(result.stderr).toContain('unknown directive');
  expect(await serialInLive()).toBe(before);
  expect((await nginx().leaf(name)).serialNumber).toBe(before);
  expect(await status()).toMatchObject({ deployed: false, error: { code: 'hook.failed' } });
});

test('a hook may ask lanacme for the status', async () => {
  const told = join(scene.world.folder, `status-in-hook`);
  const ask = `'${process.execPath}' '${program}' status --json --state-dir '${stateDir()}' > '${told}'`;
  expect(await issueAnother('--deploy-hook', `${ask} && ${nginx().reload}`)).toMatchObject({ code: 0 });
  const { certificates } = JSON.parse(await readFile(told, 'utf8')) as {
    readonly certificates: readonly StatusRow[];
  };
  // In the middle of its deployment.
  expect(certificates).toMatchObject([{ name, deployed: false }]);
  expect(certificates[0]?.serial.toUpperCase()).toBe(await serialInLive());
});
