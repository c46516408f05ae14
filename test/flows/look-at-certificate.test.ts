import { readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { certificateFacts } from '../../src/core/certificate-facts.ts';
import { parseCertificateName } from '../../src/core/names.ts';
import { lookAtCertificate } from '../../src/flows/look-at-certificate.ts';
import { makeTempFolder, memoryFolder, type TempFolder } from '../support/temp-folder.ts';
import { IssueWorld, name } from './issue-world.ts';

let folder: TempFolder;
let world: IssueWorld;
let version: string;

beforeEach(async () => {
  folder = await makeTempFolder('look', memoryFolder());
  world = new IssueWorld(folder.path);
  await world.issue({ deployHooks: ['reload'] });
  version = join(world.stateDir, 'archive', name, '0001');
});
afterEach(async () => {
  await folder.remove();
});

describe('a look at a certificate', () => {
  it('opens no file that was checked once and has not been touched since', async () => {
    const live = vi.spyOn(world.certificates, 'live');
    const found = await lookAtCertificate(name, world.certificates);
    expect(live).not.toHaveBeenCalled();
    expect(found.facts).toEqual(certificateFacts((await world.certificates.live(name))?.files.cert ?? ''));
  });

  it.each([
    [
      'another time',
      () => {
        utimesSync(join(version, 'chain.pem'), 1, 1);
      },
    ],
    [
      'a record that knows nothing of them, as an older lanacme wrote it',
      () => {
        const path = join(world.stateDir, 'certificates', `${name}.json`);
        const record = JSON.parse(readFileSync(path, 'utf8')) as { installed: { inspection?: unknown } };
        delete record.installed.inspection;
        writeFileSync(path, JSON.stringify(record));
      },
    ],
  ])('opens the files if they have %s', async (_, touch) => {
    touch();
    const live = vi.spyOn(world.certificates, 'live');
    const found = await lookAtCertificate(name, world.certificates);
    expect(live).toHaveBeenCalledOnce();
    expect(found).toMatchObject({
      live: { version: '0001' },
      facts: { domains: ['lan.example', '*.lan.example'] },
    });
  });

  it('finds nothing where there is nothing', async () => {
    expect(await lookAtCertificate(parseCertificateName('other'), world.certificates)).toEqual({
      record: undefined,
      live: undefined,
      facts: undefined,
      damage: undefined,
    });
  });

  it('finds record, version and dates', async () => {
    const found = await lookAtCertificate(name, world.certificates);
    expect(found).toMatchObject({
      record: { installed: { version: '0001' } },
      live: { version: '0001' },
      facts: { domains: ['lan.example', '*.lan.example'] },
    });
    expect(found.damage).toBeUndefined();
  });

  it('takes a version that a killed run did not note for the installed one, and its hooks for owed', async () => {
    const live = await world.certificates.live(name);
    await world.certificates.install(name, live!.files);
    const { record, facts } = await lookAtCertificate(name, world.certificates);
    expect(record).toMatchObject({
      installed: { version: '0002', at: facts?.notBefore.toISOString().replace('.000', '') },
      hooks: [{ command: 'reload', wanted: '0002', done: '0001' }],
    });
  });

  it.each([
    [
      'a file that is missing',
      () => {
        rmSync(join(version, 'chain.pem'));
      },
      'state.broken',
    ],
    [
      'a file that is no certificate',
      () => {
        writeFileSync(join(version, 'cert.pem'), 'x');
      },
      'state.broken',
    ],
    [
      'a version that is gone',
      () => {
        rmSync(version, { recursive: true });
      },
      'state.broken',
    ],
  ])('reports %s, beside the record', async (_, damage, code) => {
    damage();
    expect(await lookAtCertificate(name, world.certificates)).toMatchObject({
      record: { name },
      live: undefined,
      damage: { code },
    });
  });

  it('fails on a record that is broken: it says what the certificate should be', async () => {
    writeFileSync(join(world.stateDir, 'certificates', `${name}.json`), '{');
    await expect(lookAtCertificate(name, world.certificates)).rejects.toMatchObject({ code: 'state.broken' });
  });

  it('fails on what is no finding', async () => {
    const bug = new TypeError('a bug');
    const broken = new Proxy(world.certificates, {
      get: (store, member) =>
        member === 'live' ? async () => await Promise.reject(bug) : async () => await store.record(name),
    });
    await expect(lookAtCertificate(name, broken)).rejects.toBe(bug);
  });
});
