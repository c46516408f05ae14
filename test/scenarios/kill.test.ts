/**
 * kill -9 after each request that an issue makes, one by one; then `issue` again. A first certificate and a forced
 * renewal: in the second there is a pair in place that must match at every instant. The short form kills
 * after each eleventh request.
 */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readdir, readFile, realpath, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fastTime } from '../support/fast-time.ts';
import { longTestMs, sampled } from '../support/long-form.ts';
import { type LanacmeResult, startLanacme } from '../support/run-lanacme.ts';
import { type AcmeFaultProxy, startAcmeFaultProxy } from '../world/acme-fault-proxy.ts';
import { startWorld, type World } from '../world/world.ts';
import type { Host } from '../world/world-host.ts';
import { pendingAuthorizations } from './faults/pending-authorizations.ts';

/** Sleeps of the program take a twentieth of their time; its clock moves by the whole. */
const time = fastTime({ skips: 20 });

/** The servers of the world, and a tally of the requests that reach any of them. */
interface Counted {
  readonly world: World;
  readonly proxy: AcmeFaultProxy;
  readonly seen: { count: number; at: number; strike: () => void };
}

let counted: Counted;
let hosts = 0;

beforeAll(async () => {
  const world = await startWorld({ pendingMs: 100, route53: { rateLimit: 'none' } });
  const proxy = await startAcmeFaultProxy(world.pebble);
  await writeFile(join(world.folder, 'proxy-ca.pem'), proxy.caPem);
  const seen = { count: 0, at: 0, strike: () => undefined as unknown };
  const tally = (): void => {
    seen.count += 1;
    if (seen.count === seen.at) seen.strike();
  };
  for (const requests of [world.route53.requests, world.credentials.requests, proxy.requests])
    onPush(requests, tally);
  counted = { world, proxy, seen };
});
afterAll(async () => {
  await counted.proxy.stop();
  await counted.world.stop();
});

/** The servers note each request when it has come and before it is answered. */
function onPush(list: readonly unknown[], then: () => void): void {
  const writable = list as unknown[];
  const push = writable.push.bind(writable);
  writable.push = (...items) => {
    const length = push(...items);
    then();
    return length;
  };
}

/** Requests to the CA before this run. */
let askedBefore = 0;

/** `issue`, killed when the request of this number has come; with 0 it is left alone. */
async function issue(host: Host, killAt: number, ...more: readonly string[]): Promise<LanacmeResult> {
  const { world, proxy, seen } = counted;
  askedBefore = proxy.requests.length;
  const env = host.environment({
    LANACME_SERVER: proxy.directoryUrl,
    LANACME_SERVER_CA: join(world.folder, 'proxy-ca.pem'),
    LANACME_LOG_FORMAT: 'pretty',
  });
  const run = startLanacme(['issue', '--domain', '*.lan.example,lan.example', ...more], {
    env: { ...env, ...time.env },
    nodeArgs: time.nodeArgs,
  });
  Object.assign(seen, {
    count: 0,
    at: killAt,
    strike: () => {
      run.kill('SIGKILL');
    },
  });
  return await run.ended;
}

async function newHost(): Promise<Host> {
  hosts += 1;
  return await counted.world.addHost({ thingName: `host-${hosts}` });
}

/** Read as a server reads: the link resolved once. Nothing if there is no certificate. */
async function pairOf(host: Host): Promise<string | undefined> {
  const folder = await realpath(join(host.stateDir, 'live', 'lan.example')).catch(() => undefined);
  if (folder === undefined) return undefined;
  const certificate = new X509Certificate(await readFile(join(folder, 'fullchain.pem')));
  expect(certificate.checkPrivateKey(createPrivateKey(await readFile(join(folder, 'privkey.pem'))))).toBe(
    true,
  );
  return certificate.serialNumber;
}

const newAccounts = (): number =>
  counted.proxy.requests.filter(({ resource, answer }) => resource === 'newAccount' && answer?.status === 201)
    .length;

/** Whether the run has asked when to renew what it has put in place: its last request. */
const isDone = (): boolean =>
  counted.proxy.requests.slice(askedBefore).some(({ resource }) => resource === 'renewalInfo');

/** How many requests an undisturbed run makes. */
async function requestsOf(host: Host, ...more: readonly string[]): Promise<number> {
  const result = await issue(host, 0, ...more);
  expect(result).toMatchObject({ code: 0 });
  return counted.seen.count;
}

/**
 * Has the names of this host proved anew, whose requests begin at `from`: Pebble takes one valid authorization in a hundred
 * for granted, and a run that has less to prove makes fewer requests. Returns where those of its next run begin.
 */
async function proveAnew(host: Host, from: number): Promise<number> {
  const { directoryUrl, caPem, requests } = counted.proxy;
  await pendingAuthorizations({ ca: { directoryUrl, caPem, requests: requests.slice(from) } }, host.stateDir);
  return requests.length;
}

async function leavesNothing(host: Host, before: string): Promise<void> {
  expect(counted.world.snapshot()).toBe(before);
  for (const folder of ['journal', 'orders']) {
    expect(await readdir(join(host.stateDir, folder))).toEqual([]);
  }
}

/** One poll more or less: a run may end before its last number comes. */
function wasTooLate({ signal }: LanacmeResult, at: number, total: number): boolean {
  if (signal === null) expect(at).toBeGreaterThan(total - 3);
  return signal === null;
}

describe('kill -9 after each request', () => {
  test(
    'of a first certificate: the next run succeeds, with one account and nothing left',
    async () => {
      const before = counted.world.snapshot();
      const total = await requestsOf(await newHost());
      expect(total).toBeGreaterThan(12);
      for (const at of sampled(total, 11)) {
        const host = await newHost();
        const accounts = newAccounts();
        const killed = await issue(host, at);
        if (wasTooLate(killed, at, total)) break;
        if (isDone()) expect(await pairOf(host)).toBeDefined();
        else expect(await pairOf(host)).toBeUndefined();
        const again = await issue(host, 0);
        expect([at, again.code, again.stderr]).toEqual([at, 0, expect.any(String) as string]);
        expect(await pairOf(host)).toBeDefined();
        expect([at, newAccounts() - accounts]).toEqual([at, 1]);
        await leavesNothing(host, before);
      }
    },
    longTestMs,
  );

  test(
    'of a renewal: the pair in place matches, and the next run brings a new one',
    async () => {
      const before = counted.world.snapshot();
      const host = await newHost();
      let from = counted.proxy.requests.length;
      await requestsOf(host);
      from = await proveAnew(host, from);
      const total = await requestsOf(host, '--force');
      const accounts = newAccounts();
      for (const at of sampled(total, 11, 1)) {
        from = await proveAnew(host, from);
        const serial = await pairOf(host);
        const killed = await issue(host, at, '--force');
        if (wasTooLate(killed, at, total)) break;
        if (isDone()) expect(await pairOf(host)).not.toBe(serial);
        else expect(await pairOf(host)).toBe(serial);
        const again = await issue(host, 0, '--force');
        expect([at, again.code, again.stderr]).toEqual([at, 0, expect.any(String) as string]);
        expect(await pairOf(host)).not.toBe(serial);
        await leavesNothing(host, before);
      }
      expect(newAccounts()).toBe(accounts);
    },
    longTestMs,
  );
});
