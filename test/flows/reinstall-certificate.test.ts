import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { CertificateStore } from '../../src/ports.ts';
import { treeOf } from '../support/modes.ts';
import { memoryFolder } from '../support/temp-folder.ts';
import { IssueWorld, name, type RequestOverrides } from './issue-world.ts';

let folder: string;
let world: IssueWorld;
beforeEach(async () => {
  folder = await mkdtemp(join(memoryFolder(), 'lanacme-reinstall-'));
  world = new IssueWorld(folder);
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

const hooked: RequestOverrides = { deployHooks: ['reload'] };
const orders = () => world.ca.calls.filter((call) => call === 'newOrder').length;
const filesOf = async (version: string) =>
  Object.keys(await treeOf(join(world.stateDir, 'archive', name, version)));

it('an issue with other wishes for the files writes the same certificate again, and deploys it', async () => {
  const first = await world.issue(hooked);
  const again = await world.issue({ ...hooked, terms: { combined: true } });
  expect([again.issued, again.live?.version, again.facts]).toEqual([false, '0002', first.facts]);
  expect(await filesOf('0002')).toContain('combined.pem');
  expect(world.hooks.runs.length).toBe(2);
  expect(orders()).toBe(1);
  expect(again.record?.ari).toEqual(first.record?.ari);
  expect(again.record?.installed?.certId).toBe(first.record?.installed?.certId);
  expect(world.log.lines).toContain('info: installing the certificate again: --combined changed');
});

it('the same wishes again are nothing to do', async () => {
  await world.issue({ ...hooked, terms: { combined: true } });
  const before = world.lock.acquired;
  expect((await world.issue({ ...hooked, terms: { combined: true } })).live?.version).toBe('0001');
  expect([world.lock.acquired - before, world.hooks.runs.length]).toEqual([0, 1]);
});

it('wishes that are not about files are only noted', async () => {
  await world.issue(hooked);
  const { record, live } = await world.issue({ ...hooked, terms: { reuseKey: true } });
  expect([record?.terms, live?.version]).toEqual([{ reuseKey: true }, '0001']);
  expect((await world.certificates.record(name))?.terms).toEqual({ reuseKey: true });
});

it('a renewal writes what issue was told', async () => {
  await world.issue({ ...hooked, terms: { combined: true } });
  await world.renew({ force: true });
  expect((await world.certificates.liveVersion(name))?.version).toBe('0002');
  expect(await filesOf('0002')).toContain('combined.pem');
});

it('a renewal that is told otherwise now writes the same certificate again, once', async () => {
  await world.issue(hooked);
  const changes = { spec: {}, terms: { combined: true } } as const;
  await world.renew({ changes, told: 'combined' });
  expect(await filesOf('0002')).toContain('combined.pem');
  await world.renew({ changes, told: 'combined' });
  await world.renew();
  expect((await world.certificates.liveVersion(name))?.version).toBe('0002');
  expect([orders(), world.hooks.runs.length]).toEqual([1, 2]);
});

it('a group that nobody has is told before anything is ordered', async () => {
  const refused = expect.objectContaining({ code: 'config.invalid-value', outcome: 'usage' }) as Error;
  await expect(world.issue({ terms: { keyGroup: 'no-such-group' } })).rejects.toThrow(refused);
  expect(world.ca.calls).toEqual([]);
  await world.issue();
  const { errors } = await world.issue({ ...hooked, terms: { keyGroup: 'no-such-group' } });
  expect(errors).toEqual([refused]);
  expect(world.hooks.runs.length).toBe(1);
  expect((await world.certificates.record(name))?.terms).toEqual({});
  expect((await world.certificates.liveVersion(name))?.version).toBe('0001');
});

it('a run that died before it could note the new version is followed by one that has nothing to order', async () => {
  await world.issue(hooked);
  const terms = { combined: true } as const;
  const saveRecord = async () => await Promise.reject(new Error('power is gone'));
  const certificates = new Proxy(world.certificates, {
    get: (real, member: keyof CertificateStore) =>
      member === 'saveRecord' ? saveRecord : real[member].bind(real),
  });
  await expect(world.issue({ ...hooked, terms }, { ports: { certificates } })).rejects.toThrow(
    'power is gone',
  );
  const { issued, record } = await world.issue({ ...hooked, terms });
  expect([issued, record?.installed?.terms, orders()]).toEqual([false, terms, 1]);
});

it('only the last five versions stay', async () => {
  await world.issue(hooked);
  await writeFile(join(world.stateDir, 'archive', name, 'notes'), '');
  for (let issued = 0; issued < 6; issued += 1) await world.issue({ ...hooked, force: true });
  expect(await world.certificates.versions(name)).toEqual(['0003', '0004', '0005', '0006', '0007']);
});
