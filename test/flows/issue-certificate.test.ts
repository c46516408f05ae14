import { createPrivateKey } from 'node:crypto';
import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CertificateRecord } from '../../src/core/certificate-record.ts';
import { exitCode } from '../../src/core/exit-code.ts';
import { type Domain, parseDnsName, parseDomain } from '../../src/core/names.ts';
import { asLanacmeErrors, LanacmeError } from '../../src/errors.ts';
import type { IssuePorts } from '../../src/flows/issue-request.ts';
import type { CertificateStore } from '../../src/ports.ts';
import { acmeProblem } from '../fakes/acme-refusal.ts';
import { dayMs } from '../fakes/acme-server.ts';
import { FakeLock } from '../fakes/lock.ts';
import { accessDenied } from '../fakes/route53.ts';
import { makeTempFolder, memoryFolder, type TempFolder } from '../support/temp-folder.ts';
import { IssueWorld, name, zone, zoneId } from './issue-world.ts';

let folder: TempFolder;
let world: IssueWorld;

beforeEach(async () => {
  folder = await makeTempFolder('issue', memoryFolder());
  world = new IssueWorld(folder.path);
});
afterEach(async () => {
  await folder.remove();
});

/** A regular expression alone would match any text: `toMatchObject` takes it for an object without members. */
const like = (pattern: RegExp): string => expect.stringMatching(pattern) as string;
const failure = new LanacmeError('hook.failed', 'nginx does not like it', { hint: 'x' });
const diskFull = new LanacmeError('state.unwritable', 'the disk is full', { hint: 'x' });
const left = { name: parseDnsName('_acme-challenge.lan.example'), value: `"${'x'.repeat(43)}"` };

/** A value of a run that was killed, in the zone and in the journal. */
async function leaveBehind(inZone = zone): Promise<void> {
  await world.journal.save({
    format: 1,
    id: 'left-behind',
    certificate: name,
    zone: inZone,
    zoneId,
    createdAt: '2026-11-22T12:00:00Z',
    records: [left],
    changeIds: [],
  });
  world.zones.edit(zoneId, [
    { action: 'CREATE', recordSet: { name: left.name, type: 'TXT', ttl: 10, values: [left.value] } },
  ]);
}

function refuse(what: string): () => Promise<never> {
  return async () => await Promise.reject(new Error(`${what} was asked for`));
}

/** Loads nothing. */
const light: Partial<IssuePorts> = {
  keys: refuse('keys'),
  route53: refuse('route53'),
  nameServers: refuse('nameServers'),
  acme: refuse('acme'),
};

/** The real store, but for some of its methods. */
function certificatesBut(instead: Partial<CertificateStore>): CertificateStore {
  const { certificates } = world;
  return {
    names: async () => await certificates.names(),
    record: async (of) => await certificates.record(of),
    saveRecord: async (record) => {
      await certificates.saveRecord(record);
    },
    liveVersion: async (of) => await certificates.liveVersion(of),
    live: async (of) => await certificates.live(of),
    prepare: async (of, terms) => await certificates.prepare(of, terms),
    install: async (of, files, terms) => await certificates.install(of, files, terms),
    versions: async (of) => await certificates.versions(of),
    version: async (of, version) => await certificates.version(of, version),
    pointTo: async (of, version) => await certificates.pointTo(of, version),
    prune: async (of, keep, inUse) => await certificates.prune(of, keep, inUse),
    remove: async (of) => await certificates.remove(of),
    ...instead,
  };
}

/** Every path below the state folder with its inode and times. */
function filesOnDisk(): readonly string[] {
  return readdirSync(world.stateDir, { recursive: true })
    .map(String)
    .sort()
    .map((path) => {
      const { ino, mtimeMs } = statSync(join(world.stateDir, path));
      return `${path} ${ino} ${mtimeMs}`;
    });
}

async function record(): Promise<CertificateRecord | undefined> {
  return await world.certificates.record(name);
}

describe('with a good certificate in place, issue', () => {
  beforeEach(async () => {
    await world.issue({ deployHooks: ['reload'] });
  });

  it('reads a few files: no lock, no module, no request, no change on disk', async () => {
    const before = filesOnDisk();
    const calls = [world.ca.calls.length, world.route53.calls.length, world.lock.acquired];
    const ports = { ...light, lock: { acquire: refuse('lock') }, accounts: {} as never };
    const { issued, errors, live } = await world.issue({ deployHooks: ['reload'] }, { ports });
    expect({ issued, errors, version: live?.version }).toEqual({
      issued: false,
      errors: [],
      version: '0001',
    });
    expect([world.ca.calls.length, world.route53.calls.length, world.lock.acquired]).toEqual(calls);
    expect(filesOnDisk()).toEqual(before);
    expect(world.log.lines.at(-1)).toMatch(
      /^info: nothing to do: a good certificate is in place, due for renewal on 2027-01-2\dT\S+Z$/,
    );
  });

  it('runs a hook that is new, and only that, without an order', async () => {
    const { issued, record: after } = await world.issue({ deployHooks: ['reload', 'new'] }, { ports: light });
    expect(issued).toBe(false);
    expect(world.hooks.runs.map(({ command }) => command)).toEqual(['reload', 'new']);
    expect(after?.hooks.map(({ done }) => done)).toEqual(['0001', '0001']);
  });

  it('forgets a hook that is not given any more', async () => {
    await world.issue({ deployHooks: ['reload', 'old'] });
    await world.issue({ deployHooks: ['reload'] }, { ports: light });
    expect(await record()).toMatchObject({ deployHooks: ['reload'], hooks: [{ command: 'reload' }] });
    expect((await record())?.hooks).toHaveLength(1);
  });

  it('keeps the hooks that it has when none is given, also for the next certificate', async () => {
    await world.issue({}, { ports: { ...light, lock: { acquire: refuse('lock') } } });
    await world.issue({ force: true });
    const told = world.hooks.runs.map(({ command, environment }) => [
      command,
      environment['LANACME_HOOK_VERSION'],
    ]);
    expect(told).toEqual([
      ['reload', '0001'],
      ['reload', '0002'],
    ]);
    expect((await record())?.deployHooks).toEqual(['reload']);
  });

  it('removes what an earlier run left, without the CA', async () => {
    await leaveBehind();
    const ports = { ...light, route53: world.ports().route53 };
    const { issued, errors } = await world.issue({ deployHooks: ['reload'] }, { ports });
    expect({ issued, errors }).toEqual({ issued: false, errors: [] });
    expect(world.zones.snapshot(zoneId)).toBe(world.untouched);
    expect(await world.journal.entries()).toEqual([]);
  });

  it('runs a hook that is owed even if what was left cannot be removed, and tells that', async () => {
    await leaveBehind();
    const { errors } = await world.issue({ deployHooks: ['reload', 'new'] }, { ports: light });
    expect(errors).toMatchObject([{ code: 'internal.bug', message: like(/route53 was asked for/) }]);
    expect(world.hooks.runs.at(-1)?.command).toBe('new');
  });

  it('tells of a journal that it cannot read', async () => {
    writeFileSync(join(world.stateDir, 'journal', 'broken.json'), '{');
    const { issued, errors } = await world.issue({ deployHooks: ['reload'] }, { ports: light });
    expect(issued).toBe(false);
    expect(errors).toMatchObject([{ code: 'state.broken' }]);
  });

  it.each([
    [{ spec: { domains: ['other.lan.example' as Domain] } }, 'names.differ'],
    [
      {
        spec: { server: 'https://staging.example/dir' },
        isStaging: (url: string) => url.includes('staging'),
      },
      'certificate.staging-over-production',
    ],
  ])('refuses to replace it by %j: nothing is sent anywhere', async (overrides, code) => {
    const ports = { ...light, lock: { acquire: refuse('lock') } };
    const refused = await world.issue(overrides, { ports }).catch(asLanacmeErrors);
    expect(refused).toMatchObject([{ code }]);
    expect(exitCode((refused as readonly LanacmeError[]).map(({ outcome }) => outcome))).toBe(2);
  });

  it('orders anew when it is due, and keeps the old version', async () => {
    world.clock.move(85 * dayMs);
    const { issued, live } = await world.issue();
    expect({ issued, version: live?.version }).toEqual({ issued: true, version: '0002' });
    expect(readdirSync(join(world.stateDir, 'archive', name)).sort()).toEqual(['0001', '0002']);
    expect(world.log.lines).toContainEqual(
      expect.stringMatching(/^info: ordering a certificate: the CA suggests /),
    );
  });

  it('makes a new key for each version, or takes the same one again with --reuse-key', async () => {
    const first = (await world.certificates.live(name))?.files.privkey;
    await world.issue({ force: true });
    const second = (await world.certificates.live(name))?.files.privkey;
    await world.issue({ force: true, terms: { reuseKey: true } });
    const third = (await world.certificates.live(name))?.files.privkey;
    expect(second).not.toBe(first);
    expect(third).toBe(second);
  });

  it('makes a new key in spite of --reuse-key when another type is wanted', async () => {
    await world.issue({ terms: { reuseKey: true }, spec: { keyType: 'ec384' } });
    const live = await world.certificates.live(name);
    const details = createPrivateKey(live?.files.privkey ?? '').asymmetricKeyDetails;
    expect(details).toMatchObject({ namedCurve: 'secp384r1' });
  });
});

describe('the first run', () => {
  it('installs a certificate and leaves nothing behind', async () => {
    const { issued, errors, live, record: after } = await world.issue();
    expect({ issued, errors }).toEqual({ issued: true, errors: [] });
    expect(live).toEqual(await world.certificates.live(name));
    expect(after).toEqual(await record());
    expect(after).toMatchObject({
      installed: { version: '0001' },
      lastAttempt: { at: '2026-11-22T12:00:12Z' },
    });
    expect(after?.lastAttempt?.error).toBeUndefined();
    expect(world.zones.snapshot(zoneId)).toBe(world.untouched);
    expect(await world.journal.entries()).toEqual([]);
    expect(world.lock.isHeld).toBe(false);
  });

  it('asks no more than a home uplink and a rate limit can take', async () => {
    await world.issue();
    const without = (poll: string) => (call: string) => call !== poll;
    // Two names: 2N + 8, the account's among them, and what tells how the order is.
    expect(world.ca.calls.filter(without('order')).length).toBeLessThanOrEqual(2 * 2 + 8);
    expect(world.route53.calls.filter(without('isInSync'))).toEqual(['signIn', 'change', 'change']);
  });

  it('does nothing if another run was faster while this one waited for the lock', async () => {
    const lock = new FakeLock();
    lock.whileWaiting = async () => {
      await world.issue();
    };
    const { issued, live } = await world.issue({}, { ports: { lock } });
    expect({ issued, version: live?.version }).toEqual({ issued: false, version: '0001' });
    expect(world.ca.issued).toHaveLength(1);
    expect(world.log.lines.at(-1)).toMatch(/^info: nothing to do/);
  });

  it('is not spoilt by a lock that cannot be given back', async () => {
    const lock = {
      acquire: async () => await Promise.resolve(async () => await Promise.reject(diskFull)),
    };
    expect(await world.issue({}, { ports: { lock } })).toMatchObject({ issued: true, errors: [] });
    expect(world.log.lines).toContain('warn: the disk is full');
  });

  it('asks AWS first: what it refuses costs no request to the CA', async () => {
    world.route53.before = () => {
      throw accessDenied('nothing at all');
    };
    await expect(world.issue()).rejects.toMatchObject({ code: 'route53.access-denied' });
    expect(world.ca.calls).toEqual([]);
  });
});

describe('what an earlier run left in the journal', () => {
  it('is removed before anything is ordered', async () => {
    await leaveBehind();
    let atNewOrder = '';
    world.ca.before = (call) => {
      if (call === 'newOrder') atNewOrder = world.zones.snapshot(zoneId);
    };
    expect((await world.issue()).errors).toEqual([]);
    expect(atNewOrder).toBe(world.untouched);
  });

  it('in another zone is not touched but told; the certificate is issued all the same', async () => {
    await leaveBehind(parseDnsName('other.example'));
    const before = world.zones.snapshot(zoneId);
    const { issued, errors } = await world.issue();
    expect(issued).toBe(true);
    expect(errors).toMatchObject([
      {
        code: 'names.outside-zone',
        message:
          'challenge values of an interrupted run are left in zone other.example, and this run may write only in lan.example',
        hint: 'run lanacme cleanup --zone other.example with an identity that may write there; if zone Z0TEST was deleted, the values went with it: then move journal/left-behind.json out of the state folder',
        outcome: 'failed',
      },
    ]);
    expect(world.zones.snapshot(zoneId)).toBe(before);
    expect(await world.journal.entries()).toHaveLength(1);
  });

  it('and cannot be removed is told; the certificate is issued all the same', async () => {
    await leaveBehind();
    let changes = 0;
    world.route53.before = (call) => {
      if (call === 'change') changes += 1;
      if (call === 'change' && changes === 1) throw accessDenied('ChangeResourceRecordSets');
    };
    const { issued, errors } = await world.issue();
    expect(issued).toBe(true);
    expect(errors).toMatchObject([
      { code: 'route53.access-denied', message: like(/values are left at _acme-challenge/) },
    ]);
    expect(await world.journal.entries()).toMatchObject([{ id: 'left-behind' }]);
  });

  it('is still removed when a signal comes, in the batch that is on its way: nothing else is begun', async () => {
    await world.issue();
    const asked = world.ca.calls.length;
    await leaveBehind();
    const [entry] = await world.journal.entries();
    await world.journal.save({ ...entry!, id: 'left-behind-too' });
    const controller = new AbortController();
    const interrupted = new LanacmeError('run.interrupted', 'SIGTERM', { hint: 'x' });
    world.route53.before = () => {
      controller.abort(interrupted);
    };
    await expect(world.issue({}, { signal: controller.signal })).rejects.toBe(interrupted);
    expect(await world.journal.entries()).toEqual([]);
    expect(world.ca.calls).toHaveLength(asked);
  });

  it('is told after the failure of the order', async () => {
    await leaveBehind(parseDnsName('other.example'));
    world.ca.refuse('newOrder', acmeProblem('rejectedIdentifier', 'policy forbids issuing'));
    await expect(world.issue()).rejects.toMatchObject({
      errors: [{ code: 'acme.name-rejected' }, { code: 'names.outside-zone' }],
    });
  });
});

describe('a deploy hook', () => {
  it('that fails with --rollback-on-failure is tried again without an order, although what is live is due', async () => {
    const deployment = { skip: false, force: false, heedsBackoff: false, rollbackOnFailure: true };
    const wanted = { deployHooks: ['reload'], deployment };
    await world.issue(wanted);
    world.clock.move(80 * 24 * 3_600_000);
    world.hooks.failing.set('reload', failure);
    const back = await world.issue(wanted);
    expect([back.issued, back.live?.version]).toEqual([true, '0001']);
    expect((await world.issue(wanted, { ports: light })).live?.version).toBe('0001');
    world.hooks.failing.clear();
    const { issued, live, errors } = await world.issue(wanted, { ports: light });
    expect([issued, live?.version, errors]).toEqual([false, '0002', []]);
  });

  it('is told where the new version is', async () => {
    await world.issue({ deployHooks: ['reload'] });
    expect(world.hooks.runs[0]?.environment).toMatchObject({
      RENEWED_LINEAGE: join(world.stateDir, 'live', name),
      LANACME_HOOK_VERSION: '0001',
    });
  });

  it('that fails makes an error; the certificate stays, and the others run', async () => {
    world.hooks.failing.set('first', failure);
    const { issued, errors, live } = await world.issue({ deployHooks: ['first', 'second'] });
    expect({ issued, errors, version: live?.version }).toEqual({
      issued: true,
      errors: [failure],
      version: '0001',
    });
    expect(exitCode(errors.map(({ outcome }) => outcome))).toBe(1);
    expect((await record())?.hooks).toMatchObject([
      {
        command: 'first',
        wanted: '0001',
        lastError: { code: 'hook.failed', message: 'nginx does not like it' },
      },
      { command: 'second', wanted: '0001', done: '0001' },
    ]);
  });

  it('that failed is run by each next run until it succeeds, without an order', async () => {
    const deployHooks = ['first', 'second'];
    world.hooks.failing.set('first', failure);
    await world.issue({ deployHooks });
    expect((await world.issue({ deployHooks }, { ports: light })).errors).toEqual([failure]);
    world.hooks.failing.clear();
    expect((await world.issue({ deployHooks }, { ports: light })).errors).toEqual([]);
    await world.issue({ deployHooks }, { ports: { ...light, lock: { acquire: refuse('lock') } } });
    expect(world.hooks.runs.map(({ command }) => command)).toEqual(['first', 'second', 'first', 'first']);
    expect((await record())?.hooks[0]?.lastError).toBeUndefined();
  });

  it('is owed a version that a killed run flipped to without a note of it, hooks of an earlier run included', async () => {
    await world.issue({ deployHooks: ['reload'] });
    // Killed right after the flip: what is noted then is lost.
    const certificates = certificatesBut({
      install: async (of, files) => {
        await world.certificates.install(of, files);
        throw new LanacmeError('run.interrupted', 'killed', { hint: 'x' });
      },
    });
    await expect(world.issue({ force: true }, { ports: { certificates } })).rejects.toThrow('killed');
    const { issued } = await world.issue({}, { ports: light });
    expect(issued).toBe(false);
    expect(world.hooks.runs.map(({ environment }) => environment['LANACME_HOOK_VERSION'])).toEqual([
      '0001',
      '0002',
    ]);
  });
});

describe('a failure', () => {
  const refusal = acmeProblem('rejectedIdentifier', 'policy forbids issuing');

  it('is remembered until a run succeeds', async () => {
    world.ca.refuse('newOrder', refusal);
    await expect(world.issue({ deployHooks: ['reload'] })).rejects.toMatchObject({
      code: 'acme.name-rejected',
    });
    expect(await record()).toMatchObject({
      spec: { domains: ['lan.example', '*.lan.example'] },
      deployHooks: ['reload'],
      hooks: [],
      lastAttempt: {
        at: '2026-11-22T12:00:00Z',
        error: { code: 'acme.name-rejected', hint: like(/leave it out/) },
      },
    });
    await world.issue();
    expect((await record())?.lastAttempt?.error).toBeUndefined();
    expect(world.hooks.runs.map(({ command }) => command)).toEqual(['reload']);
  });

  it('leaves what is in place as it was', async () => {
    await world.issue();
    const before = await record();
    // The first names the certificate that is replaced, the second does not.
    world.ca.refuse('newOrder', refusal);
    world.ca.refuse('newOrder', refusal);
    await expect(world.issue({ spec: { keyType: 'rsa2048' } })).rejects.toThrow();
    expect(await record()).toMatchObject({
      ...before,
      lastAttempt: { error: { code: 'acme.name-rejected' } },
    });
    expect((await world.certificates.live(name))?.version).toBe('0001');
  });

  it('is not remembered when a signal ended the run', async () => {
    const controller = new AbortController();
    world.ca.before = (call) => {
      if (call === 'finalize') controller.abort(new LanacmeError('run.interrupted', 'SIGINT', { hint: 'x' }));
    };
    await expect(world.issue({}, { signal: controller.signal })).rejects.toMatchObject({
      code: 'run.interrupted',
    });
    expect(await record()).toBeUndefined();
  });

  it('of what was typed makes no certificate that renew would want', async () => {
    const outside = { spec: { domains: [parseDomain('nas.other.example')] } };
    await expect(world.issue(outside)).rejects.toMatchObject({ code: 'names.outside-zone' });
    expect(await record()).toBeUndefined();
    await world.issue();
    await expect(world.issue({ ...outside, force: true })).rejects.toMatchObject({ outcome: 'usage' });
    expect((await record())?.installed?.version).toBe('0001');
  });

  it('is not hidden by a disk that is too full to remember it', async () => {
    world.ca.refuse('newOrder', refusal);
    const certificates = certificatesBut({
      saveRecord: async () => {
        await Promise.reject(diskFull);
      },
    });
    await expect(world.issue({}, { ports: { certificates } })).rejects.toMatchObject({
      errors: [{ code: 'acme.name-rejected' }, diskFull],
    });
  });

  it('to install does not hide what is left in the zone', async () => {
    const certificates = certificatesBut({ install: async () => await Promise.reject(diskFull) });
    world.ca.before = (call) => {
      if (call !== 'answerChallenge') return;
      world.route53.before = () => {
        throw accessDenied('ChangeResourceRecordSets');
      };
    };
    world.route53.before = () => undefined;
    await expect(world.issue({}, { ports: { certificates } })).rejects.toMatchObject({
      errors: [diskFull, { code: 'route53.access-denied', message: like(/values are left/) }],
    });
    expect(await world.journal.entries()).toHaveLength(1);
  });

  it('to install costs no second validation: the names stay proved', async () => {
    const certificates = certificatesBut({ install: async () => await Promise.reject(diskFull) });
    await expect(world.issue({}, { ports: { certificates } })).rejects.toBe(diskFull);
    const changes = world.route53.calls.filter((call) => call === 'change').length;
    expect((await world.issue()).live?.version).toBe('0001');
    expect(world.route53.calls.filter((call) => call === 'change')).toHaveLength(changes);
  });

  it('that is a wait ends with 75', async () => {
    world.ca.refuse('newOrder', acmeProblem('rateLimited', 'too many certificates'), 3600_000);
    const errors = await world.issue().catch(asLanacmeErrors);
    expect(errors).toMatchObject([{ code: 'acme.rate-limited', retryAt: new Date('2026-11-22T13:00:00Z') }]);
    expect(exitCode((errors as readonly LanacmeError[]).map(({ outcome }) => outcome))).toBe(75);
  });

  it('of damaged files is mended by a new version; what lanacme did not make is left alone', async () => {
    await world.issue();
    writeFileSync(join(world.stateDir, 'archive', name, '0001', 'cert.pem'), 'not a certificate');
    expect((await world.issue()).live?.version).toBe('0002');
    await mkdir(join(world.stateDir, 'live', 'foreign'));
    const foreign = world.issue({ name: 'foreign' as typeof name }, { ports: light });
    await expect(foreign).rejects.toMatchObject({ code: 'state.unsafe' });
  });
});
