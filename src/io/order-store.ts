// Loaded when it is first used, unlike 'node:fs/promises': see atomic-file.
import { promises } from 'node:fs';
import type { CertificateName } from '../core/names.ts';
import { type PendingOrder, parsePendingOrder } from '../core/pending-order.ts';
import { layout, pendingKeyPath, pendingOrderPath } from '../core/version-layout.ts';
import type { OrderStore } from '../ports.ts';
import { replaceFile, syncFolder } from './atomic-file.ts';
import { errnoOf, fileFailure } from './file-failure.ts';
import { readJsonFile, readSmallFile, writeJsonFile } from './small-file.ts';
import { StateFolder } from './state-folder.ts';

/** Orders in progress below STATE_DIR/orders. Whoever writes holds the lock. */
export class FileOrderStore implements OrderStore {
  readonly #state: StateFolder;

  constructor(stateDir: string) {
    this.#state = new StateFolder(stateDir);
  }

  async read(
    name: CertificateName,
  ): Promise<{ readonly order: PendingOrder; readonly keyPem?: string } | undefined> {
    if (!this.#state.exists()) return undefined;
    const path = this.#state.path(pendingOrderPath(name));
    const json = readJsonFile(path);
    if (json === undefined) return undefined;
    const order = parsePendingOrder(json, name, path);
    const keyPem = readSmallFile(this.#state.path(pendingKeyPath(name)));
    return keyPem === undefined ? { order } : { order, keyPem };
  }

  async save(order: PendingOrder): Promise<void> {
    await this.#state.folder(layout.orders);
    // First the old key goes: a crash in between leaves the old order without one, never the new one with it.
    await this.#unlink(pendingKeyPath(order.certificate));
    await writeJsonFile(this.#state.path(pendingOrderPath(order.certificate)), order);
  }

  async saveKey(name: CertificateName, keyPem: string): Promise<void> {
    await this.#state.folder(layout.orders);
    await replaceFile(this.#state.path(pendingKeyPath(name)), keyPem, 0o600);
  }

  async remove(name: CertificateName): Promise<void> {
    await this.#unlink(pendingOrderPath(name));
    await this.#unlink(pendingKeyPath(name));
  }

  async #unlink(relative: string): Promise<void> {
    const path = this.#state.path(relative);
    try {
      await promises.unlink(path);
      await syncFolder(this.#state.path(layout.orders));
    } catch (error) {
      if (errnoOf(error) !== 'ENOENT') throw fileFailure(error, 'write', path);
    }
  }
}
