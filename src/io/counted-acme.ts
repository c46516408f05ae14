import { AsyncLocalStorage } from 'node:async_hooks';
import type { AcmeServer } from '../ports.ts';
import type { HttpClient, HttpRequest } from './http.ts';

export interface CountedAcmeOptions {
  readonly directoryUrl: string;
  readonly http: HttpClient;
  /** The server, over the client that it is given. */
  readonly make: (http: HttpClient) => AcmeServer;
  /** Told the resource of each request, by its name in RFC 8555 §7.1 or RFC 9773 §4.1. */
  readonly count: (operation: string) => void;
}

/**
 * A CA whose requests are counted as they are sent: those that are repeated, too, and the directory and the nonces that
 * a call needs. URLs do not tell what they are of, so the call does, through its asynchronous context.
 */
export function countedAcme({ directoryUrl, http, make, count }: CountedAcmeOptions): AcmeServer {
  const calls = new AsyncLocalStorage<string>();
  const operationOf = ({ method, url }: HttpRequest): string => {
    if (method === 'HEAD') return 'newNonce';
    return method === 'GET' && url === directoryUrl ? 'directory' : (calls.getStore() ?? 'other');
  };
  const counted: HttpClient = {
    request: async (request) => {
      count(operationOf(request));
      return await http.request(request);
    },
    close: async () => {
      await http.close();
    },
  };
  return named(make(counted), async (operation, ask) => await calls.run(operation, ask));
}

/** The server, each of whose calls runs as one for this resource. */
function named(
  server: AcmeServer,
  as: <T>(operation: string, ask: () => Promise<T>) => Promise<T>,
): AcmeServer {
  return {
    directory: async (signal) => await as('directory', async () => await server.directory(signal)),
    createAccount: async (keyPem, request, signal) =>
      await as('newAccount', async () => await server.createAccount(keyPem, request, signal)),
    newOrder: async (account, request, signal) =>
      await as('newOrder', async () => await server.newOrder(account, request, signal)),
    order: async (account, url, signal) =>
      await as('order', async () => await server.order(account, url, signal)),
    authorization: async (account, url, signal) =>
      await as('authorization', async () => await server.authorization(account, url, signal)),
    deactivateAuthorization: async (account, url, signal) => {
      await as('authorization', async () => {
        await server.deactivateAuthorization(account, url, signal);
      });
    },
    answerChallenge: async (account, url, signal) => {
      await as('challenge', async () => {
        await server.answerChallenge(account, url, signal);
      });
    },
    finalize: async (account, url, csr, signal) =>
      await as('finalize', async () => await server.finalize(account, url, csr, signal)),
    certificate: async (account, url, signal) =>
      await as('certificate', async () => await server.certificate(account, url, signal)),
    renewalInfo: async (certId, signal) =>
      await as('renewalInfo', async () => await server.renewalInfo(certId, signal)),
    revoke: async (revoker, certPem, reasonCode, signal) => {
      await as('revokeCert', async () => {
        await server.revoke(revoker, certPem, reasonCode, signal);
      });
    },
    close: async () => {
      await server.close();
    },
  };
}
