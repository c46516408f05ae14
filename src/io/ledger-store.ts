import { dirname } from 'node:path';
import { type LedgerEntry, parseLedger } from '../core/ledger-entry.ts';
import type { LedgerStore } from '../ports.ts';
import { readJsonFile, writeJsonFile } from './small-file.ts';
import { StateFolder } from './state-folder.ts';

/** A file for each CA below STATE_DIR/ledger. Whoever writes holds the lock. */
export class FileLedgerStore implements LedgerStore {
  readonly #state: StateFolder;

  constructor(stateDir: string) {
    this.#state = new StateFolder(stateDir);
  }

  async read(directoryUrl: string): Promise<readonly LedgerEntry[]> {
    if (!this.#state.exists()) return [];
    const path = this.#state.path(await ledgerPath(directoryUrl));
    const json = readJsonFile(path, 'move it away: then only the CA counts');
    return json === undefined ? [] : parseLedger(json, directoryUrl, path);
  }

  async save(directoryUrl: string, entries: readonly LedgerEntry[]): Promise<void> {
    const path = await ledgerPath(directoryUrl);
    await this.#state.folder(dirname(path));
    await writeJsonFile(this.#state.path(path), { format: 1, directory: directoryUrl, entries });
  }
}

/** Hashing is loaded when there is something to order: most runs order nothing. */
async function ledgerPath(directoryUrl: string): Promise<string> {
  const core = await import('../core/account-path.ts');
  return core.ledgerPath(directoryUrl);
}
