import { join } from 'node:path';
import { exactly, list, object, oneOf, type Read, readStored, text } from '../core/stored-json.ts';
import { LanacmeError } from '../errors.ts';
import type { AccountStore } from '../ports.ts';
import { createFile } from './atomic-file.ts';
import { readJsonFile, readSmallFile, writeJsonFile } from './small-file.ts';
import { StateFolder } from './state-folder.ts';

/** The ACME accounts of this host: a folder each, with its key and what the CA said. Whoever writes holds the lock. */
export class FileAccountStore implements AccountStore {
  readonly #state: StateFolder;

  constructor(stateDir: string) {
    this.#state = new StateFolder(stateDir);
  }

  async read(directoryUrl: string): Promise<{ readonly keyPem: string; readonly url?: string } | undefined> {
    if (!this.#state.exists()) return undefined;
    const folder = this.#state.path(await accountPath(directoryUrl));
    const keyPem = readSmallFile(keyFile(folder));
    if (keyPem === undefined) return undefined;
    await requireKey(keyPem, keyFile(folder));
    const file = accountFile(folder);
    const json = readJsonFile(file, findAgain);
    if (json === undefined) return { keyPem };
    return { keyPem, url: readStored(json, file, accountOf(directoryUrl), findAgain).url };
  }

  async saveKey(directoryUrl: string, keyPem: string): Promise<void> {
    const folder = await this.#state.folder(await accountPath(directoryUrl));
    // Never over another key: it may be the only way to an account.
    await createFile(keyFile(folder), keyPem, 0o600);
  }

  async saveAccount(
    directoryUrl: string,
    account: { readonly url: string; readonly contacts: readonly string[] },
  ): Promise<void> {
    const folder = await this.#state.folder(await accountPath(directoryUrl));
    const { url, contacts } = account;
    await writeJsonFile(accountFile(folder), { format: 1, directory: directoryUrl, url, contacts });
  }
}

/** Hashing is loaded when an account is wanted: most runs want none. */
async function accountPath(directoryUrl: string): Promise<string> {
  const core = await import('../core/account-path.ts');
  return core.accountPath(directoryUrl);
}

/** RFC 8555 §7.3.1. */
const findAgain = 'move it away: the next run finds the account by its key';

function keyFile(folder: string): string {
  return join(folder, 'key.pem');
}

function accountFile(folder: string): string {
  return join(folder, 'account.json');
}

const url = text(/^https?:\/\//, 'is not a URL');

/** The folder's name holds only a part of the hash: the file says in full whose it is. */
function accountOf(directoryUrl: string): Read<{ readonly url: string }> {
  return object({ format: oneOf([1]), directory: exactly(directoryUrl), url, contacts: list(text()) }, {});
}

async function requireKey(pem: string, path: string): Promise<void> {
  const { createPrivateKey } = await import('node:crypto');
  try {
    createPrivateKey(pem);
  } catch (error) {
    throw new LanacmeError('state.broken', `${path} is not a private key`, {
      hint: 'restore it from a backup, or move its folder away: the next run then makes a new account',
      cause: error,
    });
  }
}
