import { lstatSync, readlinkSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import type { CertificateName } from '../core/names.ts';
import { parseRenewalIndex, type RenewalIndex } from '../core/renewal-index.ts';
import { layout, livePath, recordPath } from '../core/version-layout.ts';
import type { RenewalIndexStore } from '../ports.ts';
import { readJsonFile, writeJsonFile } from './small-file.ts';
import { StateFolder } from './state-folder.ts';

/** `STATE_DIR/renewals.json`. Looking at a certificate here opens nothing. */
export class FileRenewalIndex implements RenewalIndexStore {
  readonly #state: StateFolder;

  constructor(stateDir: string) {
    this.#state = new StateFolder(stateDir);
  }

  async read(): Promise<RenewalIndex | undefined> {
    if (!this.#state.exists()) return undefined;
    const path = this.#state.path(layout.renewals);
    const json = readJsonFile(path);
    return json === undefined ? undefined : parseRenewalIndex(json, path);
  }

  async marks(names: readonly CertificateName[]): Promise<ReadonlyMap<string, string>> {
    return new Map(names.map((name) => [name, this.#markOf(name)]));
  }

  async save(index: RenewalIndex): Promise<void> {
    if (this.#state.exists()) await writeJsonFile(this.#state.path(layout.renewals), index);
  }

  /** The record, what the link says, and the folder of that version: adding, taking or renaming a file changes its time. */
  #markOf(name: CertificateName): string {
    const target = ifThere(() => readlinkSync(this.#state.path(livePath(name)))) ?? '';
    const version = target === '' ? '' : this.#touched(join(layout.live, target));
    return `${this.#touched(recordPath(name))} ${target} ${version}`;
  }

  #touched(relative: string): string {
    const found: Stats | undefined = ifThere(() => lstatSync(this.#state.path(relative)));
    return found === undefined ? '' : `${found.ino}:${found.size}@${found.mtimeMs}`;
  }
}

/** What cannot be looked at here is told by whoever opens it. */
function ifThere<T>(ask: () => T): T | undefined {
  try {
    return ask();
  } catch {
    return undefined;
  }
}
