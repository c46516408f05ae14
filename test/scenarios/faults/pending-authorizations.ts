/** Asks Pebble itself, by the account that the run used, what has become of the orders that it made. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeAcmeServer } from '../../../src/io/acme-server.ts';
import { systemClock } from '../../../src/io/clock.ts';
import { makeHttpClient } from '../../../src/io/http.ts';
import type { AcmeAccount } from '../../../src/ports.ts';
import { silentLog } from '../../io/silent-log.ts';
import type { AcmeFaultProxy, ProxiedRequest } from '../../world/acme-fault-proxy.ts';

/**
 * One line for each order of this run that has an authorization still pending; the CA must be without faults by now.
 * All are deactivated afterwards: Pebble uses one in a hundred that are valid again, even where it is told to use none.
 */
export async function pendingAuthorizations(
  { ca }: { readonly ca: AcmeFaultProxy },
  stateDir: string,
): Promise<readonly string[]> {
  const orders = ca.requests.filter(
    ({ resource, answer }) => resource === 'newOrder' && answer?.status === 201,
  );
  if (orders.length === 0) return [];
  const account = await readAccount(stateDir);
  const http = makeHttpClient({ extraRoots: [ca.caPem] });
  const server = makeAcmeServer({ directoryUrl: ca.directoryUrl, http, log: silentLog, clock: systemClock });
  try {
    const left: string[] = [];
    for (const order of orders) {
      const urls = authorizationsOf(order);
      const signal = AbortSignal.timeout(10_000);
      const states = await Promise.all(
        urls.map(async (url) => {
          const { status } = await server.authorization(account, url, signal);
          if (status === 'pending' || status === 'valid') {
            await server.deactivateAuthorization(account, url, signal);
          }
          return status;
        }),
      );
      if (states.includes('pending')) left.push(nameOf(order));
    }
    return left;
  } finally {
    await server.close();
  }
}

/** An order that the client never heard of is nobody's fault. */
function nameOf({ fault }: ProxiedRequest): string {
  return fault === undefined ? 'pending authorizations' : 'an order whose answer was lost';
}

function authorizationsOf({ answer }: ProxiedRequest): readonly string[] {
  return (JSON.parse(answer?.body ?? '{}') as { readonly authorizations: readonly string[] }).authorizations;
}

async function readAccount(stateDir: string): Promise<AcmeAccount> {
  const accounts = join(stateDir, 'accounts');
  const [folder = ''] = await readdir(accounts);
  const { url } = JSON.parse(await readFile(join(accounts, folder, 'account.json'), 'utf8')) as {
    url: string;
  };
  return { url, keyPem: await readFile(join(accounts, folder, 'key.pem'), 'utf8') };
}
