import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FileJournalStore } from '../../src/io/journal-store.ts';
import { journalEntry } from '../contracts/journal-store.contract.ts';
import { treeOf, withUmask } from '../support/modes.ts';

let parent: string;
let journal: string;
let store: FileJournalStore;
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'lanacme-journal-'));
  journal = join(parent, 'state', 'journal');
  store = new FileJournalStore(join(parent, 'state'));
});
afterEach(async () => {
  await rm(parent, { recursive: true });
});

describe('the journal', () => {
  it('makes nothing when it is read', async () => {
    expect(await store.entries()).toEqual([]);
    await store.remove('a');
    expect(await treeOf(parent)).toEqual({});
  });

  it.each(['000', '777'])('gives exact modes under umask %s', async (umask) => {
    await withUmask(Number.parseInt(umask, 8), async () => {
      await store.save(journalEntry('a'));
    });
    expect(await treeOf(parent)).toEqual({
      state: 'd 700',
      'state/journal': 'd 700',
      'state/journal/a.json': '- 600',
    });
  });

  it('names every file that it cannot read, and keeps it', async () => {
    await store.save(journalEntry('good'));
    await writeFile(join(journal, 'cut.json'), '{"format": 1, ');
    await writeFile(join(journal, 'new.json'), '{"format": 2}');
    await writeFile(join(journal, 'other.json'), JSON.stringify(journalEntry('good')));
    await symlink('good.json', join(journal, 'link.json'));
    const before = await treeOf(parent);
    await expect(store.entries()).rejects.toMatchObject({
      errors: [
        {
          code: 'state.broken',
          message: `${journal}/cut.json is not JSON`,
          hint: 'mend the file, or take the challenge values that it names out of the zone by hand, then move the file away',
        },
        {
          code: 'state.unsafe',
          message: `${journal}/link.json is a symbolic link, so lanacme did not make it`,
        },
        {
          code: 'state.newer-version',
          message: `${journal}/new.json has format 2, and this lanacme knows 1`,
        },
        { code: 'state.broken', message: `${journal}/other.json is broken: id is not other` },
      ],
    });
    expect(await treeOf(parent)).toEqual(before);
  });

  it('reads only files that end in .json', async () => {
    await store.save(journalEntry('a'));
    await writeFile(join(journal, '.tmp~0123456789ab~3'), '{');
    await writeFile(join(journal, 'README'), 'x');
    expect(await store.entries()).toEqual([journalEntry('a')]);
  });

  it.each(['../certificates/x', '', '.x'])('takes no id that leads elsewhere: %j', async (id) => {
    const odd = { code: 'state.broken', message: `"${id}" cannot be the id of a journal entry` };
    await expect(store.save(journalEntry(id))).rejects.toMatchObject(odd);
    await expect(store.remove(id)).rejects.toMatchObject(odd);
    expect(await treeOf(parent)).toEqual({});
  });

  it('does not write into a folder that is something else', async () => {
    await mkdir(join(parent, 'state'), { mode: 0o700 });
    await mkdir(join(parent, 'elsewhere'));
    await symlink('../elsewhere', journal);
    await expect(store.save(journalEntry('a'))).rejects.toMatchObject({
      code: 'state.unsafe',
      message: `${journal} is not a folder`,
    });
    expect(await treeOf(join(parent, 'elsewhere'))).toEqual({});
  });

  it('leaves an entry that something else has taken the place of', async () => {
    await store.save(journalEntry('b'));
    await mkdir(join(journal, 'a.json'));
    await expect(store.save(journalEntry('a'))).rejects.toMatchObject({
      code: 'state.unsafe',
      message: `${journal}/a.json is not a regular file, so it was not made by lanacme`,
      hint: 'move a.json away, then run lanacme again',
    });
    await expect(store.remove('a')).rejects.toMatchObject({
      code: 'state.unwritable',
      message: `cannot write ${journal}/a.json: it is a folder, not a file`,
    });
  });
});
