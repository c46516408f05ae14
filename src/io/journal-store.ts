// Loaded when it is first used, unlike 'node:fs/promises': see atomic-file.
import { promises } from 'node:fs';
import { escapeText } from '../core/escape.ts';
import { giveUpEntry, type JournalEntry, parseJournalEntry } from '../core/journal.ts';
import { isJournalId, journalPath, layout } from '../core/version-layout.ts';
import { asLanacmeErrors, LanacmeError, SeveralErrors } from '../errors.ts';
import type { JournalStore } from '../ports.ts';
import { syncFolder } from './atomic-file.ts';
import { errnoOf, fileFailure } from './file-failure.ts';
import { readJsonFile, writeJsonFile } from './small-file.ts';
import { StateFolder } from './state-folder.ts';

/** A file for each order's challenge values: on the disk, name and content, when `save` returns. */
export class FileJournalStore implements JournalStore {
  readonly #state: StateFolder;

  constructor(stateDir: string) {
    this.#state = new StateFolder(stateDir);
  }

  /**
   * @throws LanacmeError `state.broken`, `state.newer-version`. Such a file may be all that knows of a value in the
   * zone: it is never passed over, let alone removed.
   */
  async entries(): Promise<readonly JournalEntry[]> {
    const entries: JournalEntry[] = [];
    const errors: LanacmeError[] = [];
    for (const id of this.#state.jsonEntries(layout.journal)) {
      try {
        const entry = this.#read(id);
        if (entry !== undefined) entries.push(entry);
      } catch (error) {
        errors.push(...asLanacmeErrors(error));
      }
    }
    if (errors.length > 0) throw new SeveralErrors(errors);
    return entries;
  }

  async save(entry: JournalEntry): Promise<void> {
    const path = this.#path(entry.id);
    await this.#state.folder(layout.journal);
    await writeJsonFile(path, entry);
  }

  async remove(id: string): Promise<void> {
    const path = this.#path(id);
    try {
      await promises.unlink(path);
      await syncFolder(this.#state.path(layout.journal));
    } catch (error) {
      if (errnoOf(error) !== 'ENOENT') throw fileFailure(error, 'write', path);
    }
  }

  #read(id: string): JournalEntry | undefined {
    const path = this.#path(id);
    const json = readJsonFile(path, giveUpEntry);
    return json === undefined ? undefined : parseJournalEntry(json, id, path);
  }

  #path(id: string): string {
    if (isJournalId(id)) return this.#state.path(journalPath(id));
    throw new LanacmeError('state.broken', `"${escapeText(id, 100)}" cannot be the id of a journal entry`, {
      hint: `look into ${this.#state.path(layout.journal)}: lanacme makes no such file`,
    });
  }
}
