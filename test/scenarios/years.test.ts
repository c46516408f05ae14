/**
 * Certificates that live for as many minutes as Let's Encrypt's live days, renewed from the real CA: what it was asked
 * is seen by a proxy before it. Long times are simulated elsewhere: see test/flows/years.test.ts.
 */
import { X509Certificate } from 'node:crypto';
import { cp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fastTime } from '../support/fast-time.ts';
import { type LanacmeResult, runLanacme } from '../support/run-lanacme.ts';
import { type AcmeFaultProxy, startAcmeFaultProxy } from '../world/acme-fault-proxy.ts';
import { minuteProfiles } from '../world/pebble.ts';
import { startWorld, type World } from '../world/world.ts';

const minuteMs = 60_000;
const profiles = Object.keys(minuteProfiles) as (keyof typeof minuteProfiles)[];
const nameOf = (profile: string): string => `${profile}.lan.example`;
let [world, proxy]: [World | undefined, AcmeFaultProxy | undefined] = [undefined, undefined];

beforeAll(async () => {
  world = await startWorld({
    pendingMs: 100,
    route53: { rateLimit: 'none' },
    pebble: { profiles: minuteProfiles },
  });
  proxy = await startAcmeFaultProxy(world.pebble);
  await writeFile(join(world.folder, 'proxy-ca.pem'), proxy.caPem);
  // A fresh certificate is asked about at once, before a test can say what Pebble shall suggest for it.
  proxy.faults.add({ resource: 'renewalInfo', times: profiles.length, fault: { kind: 'page', status: 503 } });
  // Pebble wants to be asked every six hours: that is minutes here.
  proxy.faults.add({
    resource: 'renewalInfo',
    nth: profiles.length + 1,
    times: Infinity,
    fault: {
      kind: 'changed',
      change: (answer) => ({ ...answer, headers: { ...answer.headers, 'retry-after': '60' } }),
    },
  });
});
afterAll(async () => {
  await proxy?.stop();
  await world?.stop();
});

function parts(): { readonly world: World; readonly proxy: AcmeFaultProxy } {
  if (world === undefined || proxy === undefined) throw new Error('there is a world only while a test runs');
  return { world, proxy };
}

/** With a clock that is so many minutes ahead; of AWS's too, which bears five. */
async function lanacme(aheadMinutes: number, ...args: readonly string[]): Promise<LanacmeResult> {
  const { world, proxy } = parts();
  const time = fastTime({ aheadMs: aheadMinutes * minuteMs, skips: 40 });
  const ca = { LANACME_SERVER: proxy.directoryUrl, LANACME_SERVER_CA: join(world.folder, 'proxy-ca.pem') };
  return await runLanacme(args, {
    env: { ...world.host.environment(ca), ...time.env },
    nodeArgs: time.nodeArgs,
  });
}

interface SeenOrder {
  readonly name: string;
  readonly replaces: string | undefined;
  readonly status: number | undefined;
}

/** The orders that Pebble has seen since `forgetRequests`, with its answers. */
function orders(): readonly SeenOrder[] {
  return parts()
    .proxy.requests.filter(({ resource }) => resource === 'newOrder')
    .map(({ payload = '{}', answer }) => {
      const order = JSON.parse(payload) as {
        readonly identifiers: readonly { readonly value: string }[];
        readonly replaces?: string;
      };
      const names = order.identifiers.map(({ value }) => value).join();
      return { name: names, replaces: order.replaces, status: answer?.status };
    });
}

async function certificateOf(profile: string): Promise<X509Certificate> {
  const live = join(parts().world.host.stateDir, 'live', nameOf(profile));
  return new X509Certificate(await readFile(join(live, 'cert.pem')));
}

/**
 * Pebble cannot find a certificate again whose serial number needs a zero before it: an order that names one as its
 * predecessor ends in a server error. One in 512 is such; another takes its place then.
 */
async function makeFindable(aheadMinutes: number, profile: string): Promise<void> {
  const isLost = ({ serialNumber }: X509Certificate): boolean =>
    Number.parseInt(serialNumber.slice(0, 2), 16) >= 0x80;
  while (isLost(await certificateOf(profile))) {
    expect(await lanacme(aheadMinutes, 'renew', nameOf(profile), '--force')).toMatchObject({ code: 0 });
  }
}

/** RFC 9773 §4.1: the second half of the id is the serial as DER has it. */
function idEndOf({ serialNumber }: X509Certificate): string {
  const bytes = Buffer.from(serialNumber, 'hex');
  const der = (bytes[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.from([0]), bytes]) : bytes;
  return `.${der.toString('base64url')}`;
}

/** Makes Pebble suggest what Boulder would: two hundredths of the lifetime around its third, or half, before the end. */
async function suggestAsBoulder(profile: keyof typeof minuteProfiles): Promise<void> {
  const certificate = await certificateOf(profile);
  const lifetime = minuteProfiles[profile].validityPeriod * 1000;
  const ideal = Date.parse(certificate.validTo) - lifetime / (profile === 'six' ? 2 : 3);
  await suggest(certificate, ideal - lifetime / 100, ideal + lifetime / 100);
}

async function suggest(
  certificate: X509Certificate,
  start: number,
  end: number,
  explanationURL?: string,
): Promise<void> {
  const suggestedWindow = { start: new Date(start).toISOString(), end: new Date(end).toISOString() };
  await parts().world.pebble.setRenewalInfo(certificate.toString(), {
    suggestedWindow,
    ...(explanationURL === undefined ? {} : { explanationURL }),
  });
}

test('each is renewed when its time has come, names the one that it replaces, and nothing else is ordered', async () => {
  const { proxy } = parts();
  for (const profile of profiles) {
    const issued = await lanacme(0, 'issue', '--domain', nameOf(profile), '--profile', profile);
    expect(issued).toMatchObject({ code: 0 });
    await makeFindable(0, profile);
    await suggestAsBoulder(profile);
  }
  proxy.forgetRequests();
  expect(await lanacme(1.5, 'renew')).toMatchObject({ code: 0 });
  expect(proxy.requests.filter(({ resource }) => resource === 'renewalInfo')).toHaveLength(profiles.length);
  expect(orders()).toEqual([]);

  const before = await certificateOf('six');
  // Half of six minutes is left; of the others, more than a third.
  expect(await lanacme(3, 'renew')).toMatchObject({ code: 0 });
  const replaces = expect.stringMatching(`${idEndOf(before)}$`) as string;
  expect(orders()).toEqual([{ name: nameOf('six'), replaces, status: 201 }]);
  expect((await certificateOf('six')).serialNumber).not.toBe(before.serialNumber);
});

test('a window that the CA moves is heard of, and obeyed', async () => {
  const { proxy } = parts();
  const before = await certificateOf('ninety');
  const now = Date.now();
  await suggest(before, now + 3 * minuteMs, now + 4 * minuteMs, 'https://ca.example/incident');
  proxy.forgetRequests();
  // Not before it may be asked again.
  expect(await lanacme(3.2, 'renew', nameOf('ninety'))).toMatchObject({ code: 0 });
  expect(proxy.requests).toEqual([]);
  const renewed = await lanacme(4.2, 'renew', nameOf('ninety'));
  expect(renewed).toMatchObject({ code: 0 });
  expect(renewed.stderr).toContain('https://ca.example/incident');
  const replaces = expect.stringMatching(`${idEndOf(before)}$`) as string;
  expect(orders()).toEqual([{ name: nameOf('ninety'), replaces, status: 201 }]);
});

test('a certificate is replaced once: from an old backup of the state, the CA refuses to, and is asked without it', async () => {
  const { world, proxy } = parts();
  const { stateDir } = world.host;
  await makeFindable(4.2, 'ninety');
  const before = await certificateOf('ninety');
  await cp(stateDir, `${stateDir}.backup`, { recursive: true, verbatimSymlinks: true });
  expect(await lanacme(4.2, 'renew', nameOf('ninety'), '--force')).toMatchObject({ code: 0 });
  await rm(stateDir, { recursive: true });
  await rename(`${stateDir}.backup`, stateDir);

  proxy.forgetRequests();
  const again = await lanacme(4.2, 'renew', nameOf('ninety'), '--force');
  expect(again).toMatchObject({ code: 0 });
  const replaces = expect.stringMatching(`${idEndOf(before)}$`) as string;
  expect(orders()).toEqual([
    { name: nameOf('ninety'), replaces, status: 409 },
    { name: nameOf('ninety'), replaces: undefined, status: 201 },
  ]);
  expect((await certificateOf('ninety')).serialNumber).not.toBe(before.serialNumber);
});
