import { readFile, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseCertificateName, parseDnsName, parseDomain } from '../../src/core/names.ts';
import { LanacmeError } from '../../src/errors.ts';
import { dryRun } from '../../src/flows/dry-run.ts';
import type { RenewOutcome, RenewPorts, RenewRequest } from '../../src/flows/renew-survey.ts';
import type { LogFields } from '../../src/ports.ts';
import { acmeProblem } from '../fakes/acme-refusal.ts';
import { makeTempFolder, memoryFolder, type TempFolder } from '../support/temp-folder.ts';
import { IssueWorld, name } from './issue-world.ts';

const dayMs = 24 * 3600_000;
const other = parseCertificateName('nas.lan.example');
let folder: TempFolder;
let world: IssueWorld;

beforeEach(async () => {
  folder = await makeTempFolder('renew', memoryFolder());
  world = new IssueWorld(folder.path);
  await world.issue();
});
afterEach(async () => {
  await folder.remove();
});

async function issueOther(): Promise<void> {
  await world.issue({ name: other, spec: { domains: [parseDomain('nas.lan.example')] } });
}

function codes({ failures }: RenewOutcome): readonly (readonly [string | undefined, string])[] {
  return failures.map(({ certificate, error }) => [certificate, error.code]);
}

/** To where it is surely due, by whatever rule. */
function untilDue(): void {
  world.clock.move(61 * dayMs);
}

function newOrders(): number {
  return world.ca.calls.filter((call) => call === 'newOrder').length;
}

describe('renew, with nothing due,', () => {
  it('asks nobody for anything, and takes no lock', async () => {
    await world.renew();
    const before = [world.ca.calls.length, world.route53.calls.length, world.lock.acquired];
    expect(await world.renew()).toMatchObject({ renewed: [], failures: [] });
    expect([world.ca.calls.length, world.route53.calls.length, world.lock.acquired]).toEqual(before);
    expect(world.log.lines.at(-1)).toMatch(
      /^info: nothing to do: the certificate is good, to be looked at again on 2/,
    );
  });

  it('does not even read the records of certificates that nobody has touched', async () => {
    // A broken record that has the mark of the good one.
    const record = join(world.stateDir, 'certificates', `${name}.json`);
    await world.renew();
    await utimes(record, 1, 1);
    await world.renew();
    await writeFile(record, '?'.repeat((await stat(record)).size));
    await utimes(record, 1, 1);
    expect((await world.renew()).failures).toEqual([]);
    await writeFile(record, '?');
    expect(codes(await world.renew())).toEqual([[name, 'state.broken']]);
  });
});

describe('renew', () => {
  it('orders what is due as issue was told, and puts it in place', async () => {
    await issueOther();
    untilDue();
    const { renewed, failures } = await world.renew();
    expect([renewed, failures]).toEqual([[name, other], []]);
    expect(await world.certificates.liveVersion(other)).toMatchObject({ version: '0002' });
    expect((await world.renew()).renewed).toEqual([]);
    expect(world.zones.snapshot('Z0TEST')).toBe(world.untouched);
  });

  it('tells of each line which certificate it is about, if there are several at once', async () => {
    await issueOther();
    untilDue();
    const told: (readonly [string, unknown])[] = [];
    const note = (message: string, fields?: LogFields): void => {
      told.push([message, fields?.['certificate']]);
    };
    const log = { debug: note, info: note, warn: note, error: note, waiting: () => () => undefined };
    await world.renew({}, { ports: { log } });
    const installed = told.filter(([message]) => message.startsWith('issued by '));
    expect(installed.map(([, certificate]) => certificate).sort()).toEqual([name, other]);
  });

  it('renews only what is named', async () => {
    await issueOther();
    untilDue();
    expect((await world.renew({ names: [other] })).renewed).toEqual([other]);
  });

  it('tells of a name that it does not know, and goes on', async () => {
    untilDue();
    const outcome = await world.renew({ names: [other, name] });
    expect(codes(outcome)).toEqual([[other, 'certificate.unknown']]);
    expect(outcome.renewed).toEqual([name]);
  });

  it('lets no failure stop the others, and tries what failed again after its backoff', async () => {
    await issueOther();
    untilDue();
    world.ca.refuseToIssue = (domains) =>
      domains.includes(parseDomain('nas.lan.example'))
        ? acmeProblem('serverInternal', 'out of order')
        : undefined;
    const first = await world.renew();
    expect(first.renewed).toEqual([name]);
    expect(codes(first)).toEqual([[other, 'acme.server-error']]);

    const orders = newOrders();
    expect(codes(await world.renew())).toEqual([[other, 'renew.backing-off']]);
    expect(newOrders()).toBe(orders);
    world.clock.move(2 * 60_000);
    expect(codes(await world.renew())).toEqual([[other, 'acme.server-error']]);
    world.ca.refuseToIssue = () => undefined;
    expect((await world.renew({ names: [other], force: true })).renewed).toEqual([other]);
    expect((await world.certificates.record(other))?.backoff).toBeUndefined();
  });

  it('waits as long as the CA said, also when it is forced', async () => {
    untilDue();
    world.ca.refuse('newOrder', acmeProblem('rateLimited', 'too many orders', { status: 429 }), 3 * 3600_000);
    expect(codes(await world.renew())).toEqual([[name, 'acme.rate-limited']]);
    const orders = newOrders();
    expect(codes(await world.renew({ force: true }))).toEqual([[name, 'acme.told-to-wait']]);
    await expect(world.issue()).rejects.toMatchObject({ code: 'acme.told-to-wait', outcome: 'wait' });
    expect(newOrders()).toBe(orders);
    world.clock.move(3 * 3600_000 + 60_000);
    expect((await world.renew()).renewed).toEqual([name]);
  });

  it('takes a broken record for the failure of that certificate alone', async () => {
    await issueOther();
    await writeFile(join(world.stateDir, 'certificates', `${name}.json`), '{"format": 2}');
    untilDue();
    const outcome = await world.renew();
    expect(codes(outcome)).toEqual([[name, 'state.newer-version']]);
    expect(outcome.renewed).toEqual([other]);
  });

  it('orders anew what somebody changed in the JSON', async () => {
    const path = join(world.stateDir, 'certificates', `${name}.json`);
    const record = JSON.parse(await readFile(path, 'utf8')) as { spec: { domains: string[] } };
    record.spec.domains = ['*.lan.example', 'lan.example', 'nas.other.lan.example'];
    await writeFile(path, JSON.stringify(record));
    expect((await world.renew()).renewed).toEqual([name]);
    expect((await world.certificates.record(name))?.installed?.spec.domains).toEqual(record.spec.domains);
  });

  it('runs the hooks that are owed, without an order', async () => {
    world.hooks.failing.set('reload', new LanacmeError('hook.failed', 'no', { hint: 'x' }));
    await world.issue({ deployHooks: ['reload'] });
    const orders = newOrders();
    expect(codes(await world.renew())).toEqual([[name, 'hook.failed']]);
    world.hooks.failing.clear();
    expect((await world.renew()).failures).toEqual([]);
    expect(newOrders()).toBe(orders);
  });

  it('removes what an interrupted run left, although nothing is due', async () => {
    await world.journal.save({
      format: 1,
      id: 'left',
      certificate: name,
      zone: world.renewal().zone.zone,
      zoneId: 'Z0TEST',
      createdAt: '2026-11-22T11:00:00Z',
      records: [{ name: parseDnsName('_acme-challenge.lan.example'), value: '"left"' }],
      changeIds: [],
    });
    await world.renew();
    expect(await world.journal.entries()).toEqual([]);
  });
});

describe('a clock that is wrong', () => {
  const wrong = [[undefined, 'clock.wrong']];

  it('before the build of lanacme: renew judges no date, and is told to wait', async () => {
    untilDue();
    const orders = newOrders();
    const builtAt = new Date('2030-01-01T00:00:00Z');
    const outcome = await world.renew({ force: true }, { ports: { builtAt } });
    expect(codes(outcome)).toEqual(wrong);
    expect(outcome.failures.map(({ error }) => error.outcome)).toEqual(['wait']);
    expect(newOrders()).toBe(orders);
  });

  it('before what has happened already: the same, also when all rest', async () => {
    await world.renew();
    world.clock.move(-dayMs);
    expect(codes(await world.renew())).toEqual(wrong);
    world.clock.move(dayMs);
    expect(codes(await world.renew())).toEqual([]);
  });

  it('ten minutes from the one of the CA: nothing is ordered', async () => {
    untilDue();
    world.ca.clockOffsetMs = -11 * 60_000;
    expect(codes(await world.renew())).toEqual(wrong);
    world.ca.clockOffsetMs = -9 * 60_000;
    expect((await world.renew()).renewed).toEqual([name]);
  });

  it('keeps no hook from running', async () => {
    world.hooks.failing.set('reload', new LanacmeError('hook.failed', 'no', { hint: 'x' }));
    await world.issue({ deployHooks: ['reload'] });
    world.hooks.failing.clear();
    const builtAt = new Date('2030-01-01T00:00:00Z');
    expect(codes(await world.renew({}, { ports: { builtAt } }))).toEqual(wrong);
    expect(world.hooks.runs.map(({ command }) => command)).toEqual(['reload', 'reload']);
  });
});

describe('a dry run', () => {
  const staging = 'https://staging.ca.example/directory';

  async function tryAll(overrides: Partial<RenewRequest> = {}) {
    const asked: string[] = [];
    const acme: RenewPorts['acme'] = async (url) => {
      asked.push(url);
      return await Promise.resolve(world.ca);
    };
    const ports = { ...world.ports(), renewals: world.renewals, acme };
    const signal = new AbortController().signal;
    const outcome = await dryRun(world.renewal(overrides), () => staging, ports, signal);
    return { ...outcome, asked };
  }

  it('goes the whole way for all certificates, due or not, and changes nothing of theirs', async () => {
    await issueOther();
    const before = [await world.certificates.record(name), world.hooks.runs.length, world.ca.issued.length];
    const { issued, failures, asked } = await tryAll();
    expect(failures).toEqual([]);
    expect(issued).toEqual([
      { name, server: staging },
      { name: other, server: staging },
    ]);
    expect(asked).toEqual([staging]);
    expect(world.ca.issued.length).toBe(Number(before[2]) + 2);
    expect([await world.certificates.record(name), world.hooks.runs.length]).toEqual(before.slice(0, 2));
    expect(await world.orders.read(name)).toBeUndefined();
    expect(world.zones.snapshot('Z0TEST')).toBe(world.untouched);
  });

  it('tries at the server that is given', async () => {
    const given = 'https://given.ca.example/directory';
    const { asked } = await tryAll({ changes: { spec: { server: given }, terms: {} } });
    expect(asked).toEqual([given]);
  });

  it('tells what would fail, and notes it nowhere', async () => {
    world.ca.refuse('newOrder', acmeProblem('rejectedIdentifier', 'no', { status: 400 }));
    const before = await world.certificates.record(name);
    const outcome = await tryAll();
    expect([outcome.issued, codes(outcome)]).toEqual([[], [[name, 'acme.name-rejected']]]);
    expect(await world.certificates.record(name)).toEqual(before);
  });
});

describe('the hooks around all orders of a run', () => {
  const ran = () => world.hooks.runs.map(({ command }) => command);

  beforeEach(() => {
    world.hooks.pre = [{ command: 'open', isFile: false }];
    world.hooks.post = [{ command: 'close', isFile: false }];
  });

  it('run once, only when something is ordered', async () => {
    await issueOther();
    world.hooks.runs.length = 0;
    await world.renew();
    expect(ran()).toEqual([]);
    untilDue();
    await world.renew();
    expect(ran()).toEqual(['open', 'close']);
    expect(world.hooks.runs[0]?.environment).toEqual({
      LANACME_HOOK_EVENT: 'pre',
      LANACME_HOOK_NAMES: 'lan.example nas.lan.example',
    });
  });

  it('keep nobody from a certificate when they fail, and are told', async () => {
    world.hooks.failing.set('open', new LanacmeError('hook.failed', 'no', { hint: 'x' }));
    untilDue();
    const outcome = await world.renew();
    expect(outcome.renewed).toEqual([name]);
    expect(codes(outcome)).toEqual([[undefined, 'hook.failed']]);
    expect(ran()).toEqual(['open', 'close']);
  });

  it('are refused if somebody else could have written them', async () => {
    const refusal = new LanacmeError('hook.unsafe', 'others can write it', { hint: 'x' });
    world.hooks.pre = [{ command: 'open', isFile: false, refusal }];
    expect((await world.issue({ force: true })).errors).toEqual([refusal]);
    expect(ran()).toEqual(['close']);
  });

  it('run after a failure, too', async () => {
    // The order that names the certificate which is replaced, and the one that does not.
    const refusal = acmeProblem('malformed', 'no', { status: 400 });
    world.ca.refuse('newOrder', refusal);
    world.ca.refuse('newOrder', refusal);
    await expect(world.issue({ force: true })).rejects.toMatchObject({ code: 'acme.refused' });
    expect(ran()).toEqual(['open', 'close']);
  });
});
