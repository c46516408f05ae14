import { LanacmeError } from '../errors.ts';
import type { AcmeAccount, AcmeDirectory, AcmeServer, NewAccount } from '../ports.ts';
import { type AccountPorts, ensureAccount, registerAccount } from './ensure-account.ts';
import { once } from './once.ts';

export interface CaSessionPorts extends AccountPorts {
  /** Reads the HMAC key of an external account, if there is one. */
  readonly newAccount: () => Promise<NewAccount>;
}

/** One CA as all orders of a run see it: its directory is asked for once, and the account made once, by whoever is first. */
export class CaSession {
  readonly acme: AcmeServer;
  readonly directory: () => Promise<AcmeDirectory>;
  readonly #account: () => Promise<AcmeAccount>;
  readonly #again: (account: AcmeAccount) => Promise<AcmeAccount>;

  /** @param signal of the run: what all wait for must not end with one of them */
  constructor(ports: CaSessionPorts, signal: AbortSignal) {
    this.acme = ports.acme;
    this.directory = once(async () => await ports.acme.directory(signal));
    this.#account = once(async () => {
      return await ensureAccount(await this.directory(), ports.newAccount, ports, signal);
    });
    let registered: Promise<AcmeAccount> | undefined;
    this.#again = async ({ url, keyPem }) => {
      registered ??= this.directory().then(async (directory) => {
        ports.log.warn(`${directory.url} does not know account ${url} any more: registering its key again`);
        return await registerAccount(directory, ports.newAccount, keyPem, ports, signal);
      });
      return await registered;
    };
  }

  /**
   * Uses the kept account. If the CA does not know it any more, its key is registered again: for a CA that lost its data
   * this is the account that was meant.
   */
  async withAccount<T>(use: (account: AcmeAccount) => Promise<T>): Promise<T> {
    const account = await this.#account();
    try {
      return await use(account);
    } catch (error) {
      if (!(error instanceof LanacmeError) || error.code !== 'acme.account-missing') throw error;
      return await use(await this.#again(account));
    }
  }
}
