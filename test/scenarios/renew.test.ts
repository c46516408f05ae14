/** `lanacme renew` as a timer runs it: the built program, a real CA, a strict AWS. */
import { mkdir, readdir, readFile, readlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import parsePrometheusTextFormat from 'parse-prometheus-text-format';
import { afterEach, expect, test } from 'vitest';
import { fastTime } from '../support/fast-time.ts';
import { isLong } from '../support/long-form.ts';
import { type LanacmeResult, runLanacme, startLanacme } from '../support/run-lanacme.ts';
import { startAcmeFaultProxy } from '../world/acme-fault-proxy.ts';
import type { PolicyDocument } from '../world/iam-policy.ts';
import { forgetAuthorizations } from './pebble-account.ts';
import { type Scene, useScene } from './scene.ts';

interface JsonResult {
  readonly certificates: readonly Readonly<Record<string, unknown>>[];
  readonly errors: readonly Readonly<Record<string, unknown>>[];
}

const minuteMs = 60_000;
const ninetyDays = { description: 'ninety days', validityPeriod: 90 * 24 * 3600 };
const sixDays = { description: 'six days', validityPeriod: 6 * 24 * 3600 };
const scene = useScene({}, { pebble: { profiles: { default: ninetyDays, shortlived: sixDays } } });
const ten = Array.from({ length: 10 }, (_, index) => `host-${index}.lan.example`);
const failing = 'host-7.lan.example';
const nine = ten.filter((name) => name !== failing);
const pendingMs = 200;
afterEach(() => {
  scene.world.store.delayMs = pendingMs;
  scene.world.store.syncAll();
});

const jsonOf = ({ stdout }: LanacmeResult): JsonResult => JSON.parse(stdout) as JsonResult;

/** With a clock that is so far ahead; of the CA's too, which bears ten minutes. */
async function lanacme(args: readonly string[], aheadMs = 0): Promise<LanacmeResult> {
  const time = fastTime({ skips: 10, aheadMs });
  return await runLanacme(args, {
    env: { ...scene.host.environment(), ...time.env },
    nodeArgs: time.nodeArgs,
  });
}

const recordFile = (name: string): string => join(scene.host.stateDir, 'certificates', `${name}.json`);

/** The record of a certificate that is wanted and was never there, as a person might write it. */
async function want(name: string): Promise<void> {
  await mkdir(join(scene.host.stateDir, 'certificates'), { recursive: true, mode: 0o700 });
  const spec = { domains: [name], server: scene.world.pebble.directoryUrl, keyType: 'ec256' };
  const record = { format: 1, name, spec, deployHooks: [], hooks: [] };
  await writeFile(recordFile(name), JSON.stringify(record), { mode: 0o600 });
}

/** Moves the stored instant of renewal, and the CA's window around it, into the past. */
async function makeDue(name: string): Promise<void> {
  const record = JSON.parse(await readFile(recordFile(name), 'utf8')) as { ari: object };
  const instant = (minutes: number): string => new Date(Date.now() + minutes * minuteMs).toISOString();
  const window = { start: instant(-60), end: instant(600) };
  const ari = { ...record.ari, window, renewAt: instant(-30) };
  await writeFile(recordFile(name), JSON.stringify({ ...record, ari }), { mode: 0o600 });
}

/** What the hosts' role may write. */
function onlyChallengesOf(names: readonly string[], { world }: Scene): PolicyDocument {
  const key = 'route53:ChangeResourceRecordSetsNormalizedRecordNames';
  const allowed = names.map((name) => `_acme-challenge.${name}`);
  return {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Action: 'route53:ChangeResourceRecordSets',
        Resource: `arn:aws:route53:::hostedzone/${world.zone.id}`,
        Condition: { 'ForAllValues:StringEquals': { [key]: allowed } },
      },
      { Effect: 'Allow', Action: 'route53:GetChange', Resource: 'arn:aws:route53:::change/*' },
    ],
  };
}

const versionOf = async (name: string): Promise<string> =>
  (await readlink(join(scene.host.stateDir, 'live', name))).slice(-4);

test('of ten certificates one always fails: the others are renewed, and only that one is tried again', async () => {
  for (const name of ten) await want(name);
  const metricsFile = join(scene.world.folder, 'lanacme.prom');
  const first = await lanacme(['renew', '--metrics-file', metricsFile]);
  expect(first).toMatchObject({ code: 0 });
  expect(first.stdout.trim().split('\n').sort()).toEqual(
    ten.map((name) => join(scene.host.stateDir, 'live', name)),
  );
  expect(await requestsIn(metricsFile)).toEqual(await requestsSeen());
  expect(await readFile(metricsFile, 'utf8')).toMatch(
    /^lanacme_identity_expiry_timestamp_seconds\{.*\} \d+$/m,
  );
  const { ChangeResourceRecordSets: changes } = (await scene.world.counts()).route53;
  expect(changes).toBeLessThanOrEqual(6);

  for (const name of ten) await makeDue(name);
  scene.world.setPolicy(onlyChallengesOf(nine, scene));
  await forgetAuthorizations(orderOf(failing, first), scene.host.stateDir, scene.world.pebble);
  const second = await lanacme(['renew', '--json']);
  expect([second.code, second.stderr]).toEqual([1, expect.any(String)]);
  expect(jsonOf(second).errors).toMatchObject([{ code: 'route53.access-denied', certificate: failing }]);
  expect(await Promise.all(nine.map(versionOf))).toEqual(nine.map(() => '0002'));
  expect(await versionOf(failing)).toBe('0001');

  await scene.world.forgetRequests();
  const atOnce = await lanacme(['renew', '--json']);
  expect(atOnce.code).toBe(75);
  expect(jsonOf(atOnce).errors).toMatchObject([{ code: 'renew.backing-off', certificate: failing }]);
  expect(await scene.world.counts()).toEqual({ acme: {}, route53: {}, credentials: 0 });

  const later = await lanacme(['renew', '--json', '--metrics-file', metricsFile], 2 * minuteMs);
  expect(later.code).toBe(1);
  expect(jsonOf(later).errors).toMatchObject([{ certificate: failing }]);
  // An order that names a predecessor may be asked for more than once (see flows/place-order), by Pebble's server error
  // up to five times: it cannot find a certificate again whose serial number's first byte is zero and its second from 128.
  const { newOrder = 0, finalize } = (await scene.world.counts()).acme;
  expect([newOrder > 0, finalize]).toEqual([true, undefined]);
  expect(later.stderr.match(/"msg":"ordered [^"]*"/g)).toEqual([`"msg":"ordered ${failing}"`]);
  expect(await Promise.all(nine.map(versionOf))).toEqual(nine.map(() => '0002'));
  expect(await metricOf(metricsFile, 'lanacme_certificate_renewal_failures', failing)).toBe('2');

  const status = await runLanacme(['status', '--json'], { env: scene.host.environment() });
  expect(jsonOf(status).certificates.filter(({ error }) => error !== null)).toMatchObject([
    { name: failing, failures: 2, error: { code: 'route53.access-denied' }, deployed: true },
  ]);
});

/** As the log has it. */
function orderOf(name: string, { stderr }: LanacmeResult): string {
  const line = stderr.split('\n').find((one) => one.includes(`"msg":"ordered ${name}"`)) ?? '{}';
  return String((JSON.parse(line) as { readonly order?: string }).order);
}

/** What the metrics say that a run has asked. */
async function requestsIn(file: string): Promise<Readonly<Record<string, number>>> {
  const families = parsePrometheusTextFormat(await readFile(file, 'utf8'));
  const requests = families.find(({ name }) => name === 'lanacme_last_run_requests')?.metrics ?? [];
  return Object.fromEntries(
    requests.map(({ labels, value }) => [labels?.['operation'] ?? '', Number(value)]),
  );
}

async function requestsSeen(): Promise<Readonly<Record<string, number>>> {
  const { acme, route53 } = await scene.world.counts();
  return { ...acme, ...route53 };
}

async function metricOf(file: string, metric: string, certificate: string): Promise<string | undefined> {
  const families = parsePrometheusTextFormat(await readFile(file, 'utf8'));
  const samples = families.find(({ name }) => name === metric)?.metrics ?? [];
  return samples.find(({ labels }) => labels?.['certificate'] === certificate)?.value;
}

test('of two at once one works and the other waits, then says so; after kill -9 the next goes on', async () => {
  const name = 'nas.lan.example';
  await want(name);
  const { store } = scene.world;
  store.delayMs = 3_600_000;
  const env = scene.host.environment({ LANACME_LOG_FORMAT: 'pretty' });
  const first = startLanacme(['renew'], { env });
  await first.says('waiting for Route 53');

  const second = await runLanacme(['renew', '--lock-timeout', '1s', '--json'], { env });
  expect(second.code).toBe(75);
  expect(jsonOf(second).errors).toMatchObject([
    { code: 'state.locked', message: expect.stringContaining(`process ${first.pid}`) as string },
  ]);

  const { nodeArgs, env: fast } = fastTime({ skips: 10 });
  const third = startLanacme(['renew', '--lock-timeout', '1h'], { env: { ...env, ...fast }, nodeArgs });
  await third.says('waiting for');
  store.delayMs = pendingMs;
  const killed = performance.now();
  first.kill('SIGKILL');
  store.syncAll();
  await third.says('an earlier run was interrupted');
  process.stdout.write(`${Math.round(performance.now() - killed)} ms after kill -9 the next run goes on\n`);
  expect(await third.ended).toMatchObject({ code: 0 });
  expect(await versionOf(name)).toBe('0001');
});

test('another server, profile or key type under one name: each orders anew and says why', async () => {
  const proxy = await startAcmeFaultProxy(scene.world.pebble);
  try {
    const caFile = join(scene.world.folder, 'both-cas.pem');
    await writeFile(caFile, scene.world.pebble.caPem + proxy.caPem);
    const changes = { LANACME_SERVER_CA: caFile, LANACME_LOG_FORMAT: 'pretty' };
    const issue = async (...args: readonly string[]): Promise<LanacmeResult> =>
      await scene.issue(['--domain', 'nas.lan.example', ...args], changes);
    expect(await issue('--server', proxy.directoryUrl)).toMatchObject({ code: 0 });
    const reasons: readonly (readonly [string, readonly string[]])[] = [
      ['the server changes from', []],
      ["the profile changes from the CA's default to shortlived", ['--profile', 'shortlived']],
      ['the key type changes from ec256 to ec384', ['--profile', 'shortlived', '--key-type', 'ec384']],
    ];
    for (const [reason, args] of reasons) {
      const result = await issue(...args);
      expect(result.stderr).toContain(`ordering a certificate: ${reason}`);
      expect(result.code).toBe(0);
    }
    expect(await versionOf('nas.lan.example')).toBe('0004');
  } finally {
    await proxy.stop();
  }
});

test('the sixth certificate for the same names within a week is refused here, and says when', async () => {
  const name = 'nas.lan.example';
  await want(name);
  const renew = async (): Promise<LanacmeResult> =>
    await lanacme(['renew', '--force', '--ca-limits', 'letsencrypt', '--json']);
  expect(await renew()).toMatchObject({ code: 0 });
  if (isLong) for (let count = 2; count <= 5; count += 1) expect(await renew()).toMatchObject({ code: 0 });
  else await remember(4);

  await scene.world.forgetRequests();
  const sixth = await renew();
  expect(sixth.code).toBe(75);
  expect(jsonOf(sixth).errors).toMatchObject([
    {
      code: 'ledger.limit-reached',
      certificate: name,
      message: expect.stringMatching(/before .*: 5 certificates .* within 7 days/) as string,
    },
  ]);
  const inHours = (Date.parse(String(jsonOf(sixth).errors[0]?.['retryAt'])) - Date.now()) / 3_600_000;
  // One of five is free again after a fifth of a week.
  expect(inHours).toBeGreaterThan(33);
  expect(inHours).toBeLessThan(34);
  expect((await scene.world.counts()).acme).toEqual({});
});

/** The certificate that the ledger knows of, so many times more. */
async function remember(times: number): Promise<void> {
  const folder = join(scene.host.stateDir, 'ledger');
  const [file = ''] = await readdir(folder);
  const ledger = JSON.parse(await readFile(join(folder, file), 'utf8')) as {
    entries: readonly { readonly kind: string }[];
  };
  const known = ledger.entries.filter(({ kind }) => kind === 'certificate');
  expect(known).toHaveLength(1);
  const entries = [...ledger.entries, ...Array.from({ length: times }, () => known).flat()];
  await writeFile(join(folder, file), JSON.stringify({ ...ledger, entries }), { mode: 0o600 });
}
