import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { deleteCertificate } from '../../src/flows/delete-certificate.ts';
import { treeOf } from '../support/modes.ts';
import { memoryFolder } from '../support/temp-folder.ts';
import { IssueWorld, name } from './issue-world.ts';

const never = new AbortController().signal;
let folder: string;
let world: IssueWorld;
beforeEach(async () => {
  folder = await mkdtemp(join(memoryFolder(), 'lanacme-delete-'));
  world = new IssueWorld(folder);
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

const remove = async () => await deleteCertificate(name, world.ports(), never);
const left = async () => Object.keys(await treeOf(world.stateDir)).filter((path) => path.includes(name));

describe('deleting a certificate', () => {
  it('removes its files, asks nobody, and says until when the key is good', async () => {
    await world.issue();
    const asked = world.ca.calls.length;
    const inState = (path: string) => join(world.stateDir, path);
    expect(await remove()).toEqual(
      [`live/${name}`, `archive/${name}`, `certificates/${name}.json`].map(inState),
    );
    expect(await left()).toEqual([]);
    expect(world.ca.calls.length).toBe(asked);
    expect(world.log.lines.at(-1)).toMatch(
      /^info: deleted, not revoked: whoever has a copy of the key can use it until 20/,
    );
  });

  it('lets it be issued again, from the first version', async () => {
    await world.issue();
    await remove();
    expect((await world.issue()).live?.version).toBe('0001');
  });

  it.each<[string, (stateDir: string) => Promise<unknown>]>([
    [
      'whose record is broken',
      async (state) => {
        await writeFile(join(state, 'certificates', `${name}.json`), '{');
      },
    ],
    [
      'whose files are broken',
      async (state) => {
        await writeFile(join(state, 'live', name, 'cert.pem'), '');
      },
    ],
    [
      'that is half deleted',
      async (state) => {
        await rm(join(state, 'live', name));
        await rm(join(state, 'certificates', `${name}.json`));
      },
    ],
  ])('removes one %s', async (_, spoil) => {
    await world.issue();
    await spoil(world.stateDir);
    await remove();
    expect(await left()).toEqual([]);
  });

  it('knows none that is not there, and makes nothing', async () => {
    await expect(remove()).rejects.toMatchObject({ code: 'certificate.unknown' });
    await mkdir(world.stateDir, { mode: 0o700 });
    await expect(remove()).rejects.toMatchObject({ code: 'certificate.unknown' });
    expect(await treeOf(world.stateDir)).toEqual({});
    expect(world.lock.acquired).toBe(0);
  });
});
