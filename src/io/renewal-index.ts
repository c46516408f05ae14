// `promises` is loaded when it is first used, unlike 'node:fs/promises': see atomic-file.
import { lstatSync, promises, readlinkSync, type Stats } from 'node:fs';
import { parseRenewalIndex, type RenewalIndex } from '../core/renewal-index.ts';
import { layout } from '../core/version-layout.ts';
import type { RenewalIndexStore } from '../ports.ts';
import { replaceFile } from './atomic-file.ts';
import { errnoOf, fileFailure } from './file-failure.ts';
import { readJsonFile } from './small-file.ts';
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

  async folders(): Promise<string> {
    return [layout.certificates, layout.live].map((folder) => this.#touched(folder)).join(' ');
  }

  async marks(names: readonly string[]): Promise<ReadonlyMap<string, string>> {
    return new Map(names.map((name) => [name, this.#markOf(name)]));
  }

  async save(index: RenewalIndex): Promise<void> {
    if (!this.#state.exists()) return;
    await replaceFile(this.#state.path(layout.renewals), `${JSON.stringify(index)}\n`, 0o600);
  }

  async remove(): Promise<void> {
    const path = this.#state.path(layout.renewals);
    try {
      await promises.unlink(path);
    } catch (error) {
      if (errnoOf(error) !== 'ENOENT') throw fileFailure(error, 'write', path);
    }
  }

  /** The record, and what the link says. */
  #markOf(name: string): string {
    const target = ifThere(() => readlinkSync(this.#state.path(`${layout.live}/${name}`))) ?? '';
    return `${this.#touched(`${layout.certificates}/${name}.json`)} ${target}`;
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
