/** What is seen before an order, by the built program. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { fastTime } from '../support/fast-time.ts';
import { type LanacmeResult, runLanacme } from '../support/run-lanacme.ts';
import { type DnsServer, startDns } from '../world/dns-server.ts';
import { startWorld, type World } from '../world/world.ts';

const time = fastTime({ skips: 10 });

/** Pebble says that it is this CA, and looks at no CAA record: what is refused here is refused by lanacme. */
const identity = 'pebble.example';

let world: World;
beforeAll(async () => {
  world = await startWorld({
    pendingMs: 50,
    route53: { rateLimit: 'none' },
    pebble: { config: { caaIdentities: [identity] } },
  });
  caa('closed', '0 issue ";"');
  caa('open', '0 issue "other.example"', `0 issue "${identity}; validationmethods=dns-01"`);
  caa('tame', `0 issue "${identity}"`, '0 issuewild ";"');
  caa('account', `0 issue "${identity}; accounturi=https://localhost/my-account/another"`);
});
afterAll(async () => {
  await world.stop();
});
beforeEach(async () => {
  await world.forgetRequests();
  world.dns.queries.length = 0;
});

function caa(label: string, ...values: readonly string[]): void {
  const recordSet = { name: `${label}.lan.example`, type: 'CAA', ttl: 10, values };
  world.store.edit(world.zone.id, [{ action: 'UPSERT', recordSet }]);
}

async function issue(
  domains: string,
  args: readonly string[] = [],
  changes: Readonly<Record<string, string>> = {},
): Promise<LanacmeResult> {
  return await runLanacme(['issue', `--domain=${domains}`, '--json', '--log-format=pretty', ...args], {
    env: { ...world.host.environment(changes), ...time.env },
    nodeArgs: time.nodeArgs,
  });
}

const told = ({ stdout }: LanacmeResult) =>
  (JSON.parse(stdout) as { errors: readonly { code: string; message: string; hint: string }[] }).errors;

describe('CAA', () => {
  test.each([
    [
      'that allows nobody',
      'a.closed.lan.example',
      'closed.lan.example forbid pebble.example to issue for a.closed.lan.example: it allows nobody',
    ],
    [
      'that allows no wildcards',
      'tame.lan.example,*.tame.lan.example',
      'tame.lan.example forbid pebble.example to issue for *.tame.lan.example: it allows nobody',
    ],
    [
      'for another account',
      'account.lan.example',
      'it names the account https://localhost/my-account/another',
    ],
  ])('%s stops the run before the order', async (_, domains, message) => {
    const result = await issue(domains);
    expect(result.code, result.stderr).toBe(1);
    expect(told(result)).toEqual([
      expect.objectContaining({
        code: 'dns.caa-forbids',
        message: expect.stringContaining(message) as string,
      }),
    ]);
    const { acme, route53 } = await world.counts();
    expect([acme.newOrder, route53]).toEqual([undefined, {}]);
  });

  test('for the account that the hint tells lets it pass', async () => {
    const [error] = told(await issue('account.lan.example'));
    const [, url = ''] = /accounturi=([^"]+)"/.exec(error?.hint ?? '') ?? [];
    expect(url).toContain(new URL(world.pebble.directoryUrl).host);
    caa('account', `0 issue "${identity}; accounturi=${url}"`);
    const result = await issue('account.lan.example');
    expect(result.code, result.stderr).toBe(0);
  });

  test('is not looked at with --skip-preflight', async () => {
    const result = await issue('closed.lan.example', ['--skip-preflight']);
    expect(result.code, result.stderr).toBe(0);
    expect(world.dns.queries.filter(({ type }) => type === 'CAA')).toEqual([]);
  });
});

describe('what may be wrong', () => {
  const servers: DnsServer[] = [];
  afterAll(async () => {
    await Promise.all(
      servers.map(async (server) => {
        await server.close();
      }),
    );
  });

  test('is warned of, in one line with the fix, and the order is made', async () => {
    const { store, zone } = world;
    const [parent] = store.zones().filter(({ name }) => name === 'example.');
    const above = { name: 'lan.example', ttl: 10 };
    store.edit(parent?.id ?? '', [
      { action: 'UPSERT', recordSet: { ...above, type: 'NS', values: ['old.example.'] } },
      { action: 'CREATE', recordSet: { ...above, type: 'DS', values: ['4711 13 2 00ff'] } },
    ]);
    const [child, parentServer] = [
      await startDns({ store, zoneIds: [zone.id] }),
      await startDns({ store, zoneIds: [parent?.id ?? ''] }),
    ];
    servers.push(child, parentServer);
    const result = await issue('open.lan.example,*.open.lan.example,x.open.lan.example', [], {
      LANACME_NAME_SERVERS: [child.address, parentServer.address, '127.0.0.1:1'].join(','),
    });
    expect(result.code, result.stderr).toBe(0);
    const lines = result.stderr.split('\n');
    for (const warning of [
      /the delegation of lan\.example names old\.example, which the zone does not, and lacks .*; set the NS records/,
      /the zone above lan\.example has a DS record \(key tag 4711\), but lan\.example has no DNSKEY.*; sign the hosted zone/,
      /name server 127\.0\.0\.1 \(127\.0\.0\.1\) of lan\.example answers without authority; /,
      /name server 127\.0\.0\.1 \(127\.0\.0\.1\) of lan\.example cannot be reached: .*ECONNREFUSED.*; /,
      /x\.open\.lan\.example is covered by \*\.open\.lan\.example in the same certificate; leave out/,
    ]) {
      expect(lines.filter((line) => warning.test(line))).toHaveLength(1);
    }
  });
});
