/** Asks Pebble as the account that a run has made there, for what only its owner may ask or do. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeAcmeServer } from '../../src/io/acme-server.ts';
import { systemClock } from '../../src/io/clock.ts';
import { makeHttpClient } from '../../src/io/http.ts';
import type { AcmeAccount, AcmeServer } from '../../src/ports.ts';
import { silentLog } from '../io/silent-log.ts';

export interface PebbleAddress {
  readonly directoryUrl: string;
  readonly caPem: string;
}

/** By the only account in the state folder. */
export async function asAccountOf<T>(
  stateDir: string,
  { directoryUrl, caPem }: PebbleAddress,
  work: (server: AcmeServer, account: AcmeAccount) => Promise<T>,
): Promise<T> {
  const account = await readAccount(stateDir);
  const http = makeHttpClient({ onlyRoots: [caPem] });
  const server = makeAcmeServer({ directoryUrl, http, log: silentLog, clock: systemClock });
  try {
    return await work(server, account);
  } finally {
    await server.close();
  }
}

/**
 * So that its names must be proved again: Pebble uses one valid authorization in a hundred once more, even where it is
 * told to use none (its `rand.Intn(100) > percent` keeps zero).
 */
export async function forgetAuthorizations(
  orderUrl: string,
  stateDir: string,
  pebble: PebbleAddress,
): Promise<void> {
  const signal = AbortSignal.timeout(30_000);
  await asAccountOf(stateDir, pebble, async (server, account) => {
    const { authorizationUrls } = await server.order(account, orderUrl, signal);
    for (const url of authorizationUrls) await server.deactivateAuthorization(account, url, signal);
  });
}

async function readAccount(stateDir: string): Promise<AcmeAccount> {
  const accounts = join(stateDir, 'accounts');
  const [folder = ''] = await readdir(accounts);
  const { url } = JSON.parse(await readFile(join(accounts, folder, 'account.json'), 'utf8')) as {
    url: string;
  };
  return { url, keyPem: await readFile(join(accounts, folder, 'key.pem'), 'utf8') };
}
