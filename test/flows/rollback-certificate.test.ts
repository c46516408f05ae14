import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type CertificateRecord, withoutMembers } from '../../src/core/certificate-record.ts';
import { parseCertificateName } from '../../src/core/names.ts';
import { LanacmeError } from '../../src/errors.ts';
import type { DeployTerms } from '../../src/flows/deployment-situation.ts';
import { type RolledBack, rollbackCertificate } from '../../src/flows/rollback-certificate.ts';
import type { CertificateStore } from '../../src/ports.ts';
import { memoryFolder } from '../support/temp-folder.ts';
import { IssueWorld, name } from './issue-world.ts';

const never = new AbortController().signal;
const day = 24 * 3600 * 1000;
const terms: DeployTerms = { deployHooks: [], skip: false, force: false, heedsBackoff: false };

let folder: string;
let world: IssueWorld;
beforeEach(async () => {
  folder = await mkdtemp(join(memoryFolder(), 'lanacme-rollback-'));
  world = new IssueWorld(folder);
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

async function issueVersions(count: number): Promise<void> {
  for (let issued = 0; issued < count; issued += 1)
    await world.issue({ force: issued > 0, deployHooks: ['reload'] });
  world.hooks.runs.length = 0;
}

async function rollback(certificates: Partial<CertificateStore> = {}): Promise<RolledBack> {
  const store = new Proxy(world.certificates, {
    get: (real, member: keyof CertificateStore) => certificates[member] ?? real[member].bind(real),
  });
  return await rollbackCertificate({ name, terms }, { ...world.ports(), certificates: store }, never);
}

async function stored(): Promise<CertificateRecord> {
  const record = await world.certificates.record(name);
  if (record === undefined) throw new Error('there is no record');
  return record;
}

const liveVersion = async () => (await world.certificates.liveVersion(name))?.version;

describe('a rollback', () => {
  it('makes the version before live, holds the one that was left, and deploys', async () => {
    await issueVersions(3);
    const { from, live, errors } = await rollback();
    expect([from, live?.version, errors]).toEqual(['0003', '0002', []]);
    expect(await stored()).toMatchObject({ held: ['0003'], installed: { version: '0002' } });
    expect(
      world.hooks.runs.map(({ command, environment }) => [command, environment['LANACME_HOOK_SERIAL']]),
    ).toEqual([['reload', (await stored()).installed?.inspection?.serial]]);
  });

  it('goes further back each time, until there is none left', async () => {
    await issueVersions(3);
    await rollback();
    await rollback();
    expect(await stored()).toMatchObject({ held: ['0002', '0003'], installed: { version: '0001' } });
    await expect(rollback()).rejects.toMatchObject({ code: 'certificate.no-earlier-version', details: [] });
    expect(await liveVersion()).toBe('0001');
  });

  it('is not undone by the next issue or renew, and the next version has a new number', async () => {
    await issueVersions(2);
    await rollback();
    const asked = world.ca.calls.length;
    expect((await world.issue({ deployHooks: ['reload'] })).issued).toBe(false);
    await world.renew();
    expect(world.ca.calls.slice(asked)).not.toContain('newOrder');
    expect(await liveVersion()).toBe('0001');
    expect((await world.issue({ force: true })).live?.version).toBe('0003');
    expect((await stored()).held).toEqual(['0002']);
  });

  it('takes back what was wanted of the version that is left', async () => {
    await issueVersions(1);
    await world.issue({ spec: { keyType: 'rsa2048' } });
    await rollback();
    expect((await stored()).spec.keyType).toBe('ec256');
  });

  it('passes over versions that are not whole', async () => {
    await issueVersions(3);
    await writeFile(join(world.stateDir, 'archive', name, '0002', 'privkey.pem'), '');
    expect((await rollback()).live?.version).toBe('0001');
  });

  it('leaves a version that cannot be used any more', async () => {
    await issueVersions(2);
    await writeFile(join(world.stateDir, 'archive', name, '0002', 'cert.pem'), 'x');
    expect(await rollback()).toMatchObject({ from: '0002', live: { version: '0001' } });
  });

  it('refuses to make an expired certificate live, and says what is wrong with each', async () => {
    await issueVersions(2);
    await writeFile(join(world.stateDir, 'archive', name, '0001', 'cert.pem'), 'x');
    world.clock.move(100 * day);
    await world.issue({ force: true });
    const refused: unknown = await rollback().catch((error: unknown) => error);
    expect(refused).toMatchObject({
      code: 'certificate.no-earlier-version',
      message: 'lan.example has no earlier version to go back to',
      details: [
        expect.stringMatching(/^version 0002: it expired at /) as string,
        expect.stringMatching(/^version 0001: .*cert\.pem/) as string,
      ],
    });
    expect(await liveVersion()).toBe('0003');
    expect((await stored()).held).toBeUndefined();
  });

  it('knows versions that the record has forgotten', async () => {
    await issueVersions(2);
    await world.certificates.saveRecord(withoutMembers(await stored(), ['earlier']));
    expect((await rollback()).live?.version).toBe('0001');
    expect((await stored()).installed).toMatchObject({ version: '0001', spec: world.spec() });
  });

  it('whose hook fails stays, and the hook is owed', async () => {
    await issueVersions(3);
    world.hooks.failing.set('reload', new LanacmeError('hook.failed', 'it failed', { hint: 'mend it' }));
    const record = await stored();
    await world.certificates.saveRecord({ ...record, terms: { rollbackOnFailure: true } });
    const { errors, live } = await rollback();
    expect(errors.map(({ code }) => code)).toEqual(['hook.failed']);
    expect(live?.version).toBe('0002');
    expect((await stored()).hooks).toMatchObject([{ command: 'reload', wanted: '0002' }]);
  });

  it('of a certificate that is not there is refused', async () => {
    const other = parseCertificateName('other.example');
    await expect(rollbackCertificate({ name: other, terms }, world.ports(), never)).rejects.toMatchObject({
      code: 'certificate.unknown',
    });
    expect(world.lock.acquired).toBe(0);
  });

  it.each([
    ['before the version is held', 'saveRecord', 1],
    ['before the flip', 'pointTo', 1],
    ['before it is noted', 'saveRecord', 2],
  ] as const)('that dies %s is ended by the next one, no further back', async (_, member, call) => {
    await issueVersions(3);
    let calls = 0;
    const dying = async (...args: readonly unknown[]): Promise<never> => {
      calls += 1;
      if (calls === call) throw new Error('power is gone');
      const real = world.certificates[member].bind(world.certificates) as (
        ...all: readonly unknown[]
      ) => unknown;
      return (await real(...args)) as never;
    };
    await expect(rollback({ [member]: dying })).rejects.toThrow('power is gone');
    expect((await rollback()).live?.version).toBe('0002');
    expect(await stored()).toMatchObject({ held: ['0003'], installed: { version: '0002' } });
  });
});
