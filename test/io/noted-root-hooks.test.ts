import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseCertificateName } from '../../src/core/names.ts';
import { notedRootHooks } from '../../src/io/noted-root-hooks.ts';
import { rootQueuePath } from '../../src/io/root-queue.ts';
import { withTempFolder } from '../support/temp-folder.ts';

const name = parseCertificateName('lan.example');
const stateDir = '/var/lib/lanacme';
const hooks = [{ command: 'reload', wanted: '0002', done: '0002' }];

async function note(base: string, queue: unknown): Promise<void> {
  const file = join(rootQueuePath(stateDir, base), `${name}.json`);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, JSON.stringify(queue));
}

describe('what root noted of its hooks', () => {
  it('is nothing where root never ran any', async () => {
    await withTempFolder(async (base) => {
      for (const where of [base, join(base, 'none')]) {
        const noted = notedRootHooks({ stateDir, base: where });
        expect(noted.states(name, { version: '0001', serial: 'ab' })).toEqual([]);
      }
    });
  });

  it('is owed for a version that came since', async () => {
    await withTempFolder(async (base) => {
      await note(base, { format: 1, name, serial: 'ab', hooks });
      const noted = notedRootHooks({ stateDir, base });
      expect(noted.states(name, { version: '0002', serial: 'ab' })).toEqual(hooks);
      expect(noted.states(name, { version: '0003', serial: 'cd' })).toEqual([
        { command: 'reload', wanted: '0003' },
      ]);
    });
  });

  it('for another certificate is owed to one that root has not met yet', async () => {
    await withTempFolder(async (base) => {
      await note(base, { format: 1, name, serial: 'ab', hooks });
      const folder = rootQueuePath(stateDir, base);
      await writeFile(join(folder, 'a-broken.json'), '{}');
      await writeFile(join(folder, '-no-name.json'), '{}');
      const unmet = parseCertificateName('new.lan.example');
      expect(notedRootHooks({ stateDir, base }).states(unmet, { version: '0001', serial: 'ef' })).toEqual([
        { command: 'reload', wanted: '0001' },
      ]);
    });
  });

  it('is of the hooks that root has now, if it was root that said which', async () => {
    await withTempFolder(async (base) => {
      await note(base, { format: 1, name, serial: 'ab', hooks });
      const noted = notedRootHooks({ stateDir, base, hostHooks: ['new'] });
      expect(noted.states(name, { version: '0002', serial: 'ab' })).toEqual([
        { command: 'new', wanted: '0002' },
      ]);
    });
  });

  it('that cannot be read is a failure, not nothing', async () => {
    await withTempFolder(async (base) => {
      await note(base, { format: 1, name });
      const noted = notedRootHooks({ stateDir, base });
      expect(() => noted.states(name, { version: '0002', serial: 'ab' })).toThrow(
        expect.objectContaining({ code: 'state.broken' }),
      );
    });
  });
});
