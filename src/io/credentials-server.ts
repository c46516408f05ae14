import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { EndpointAnswer, EndpointRequest } from '../core/credentials-endpoint.ts';
import { LanacmeError } from '../errors.ts';
import type { CredentialsServer, Listening } from '../ports/serve-credentials.ts';
import { errnoOf } from './file-failure.ts';
import { limitSilent } from './silent-connections.ts';

export interface CredentialsServerOptions {
  /** Of both loopback addresses; 0 for any that is free. */
  readonly port: number;
  /** Descriptors of sockets on which systemd listens already; they take the place of the port. */
  readonly descriptors: readonly number[];
}

/** A request of an SDK has less than 1 kB and comes at once. */
const limits = {
  maxHeaderSize: 8 * 1024,
  headersTimeout: 5000,
  requestTimeout: 5000,
  keepAliveTimeout: 5000,
  connectionsCheckingInterval: 1000,
};
const mostConnections = 2048;

type Answerer = (request: EndpointRequest) => Promise<EndpointAnswer>;

/** The endpoint's sockets: 127.0.0.1 and, where the host has it, ::1. Nothing else is ever listened on. */
export function makeCredentialsServer({ port, descriptors }: CredentialsServerOptions): CredentialsServer {
  return {
    listen: async (answer) => {
      const servers: Server[] = [];
      try {
        if (descriptors.length > 0) {
          for (const fd of descriptors) servers.push(await activated(fd, answer));
        } else {
          servers.push(...(await bound(port, answer)));
        }
      } catch (error) {
        for (const server of servers) server.close();
        throw error;
      }
      return listening(servers, descriptors.length > 0);
    },
  };
}

/** Both or none: who else listened at the other address would be given the token by clients that ask `localhost`. */
async function bound(port: number, answer: Answerer): Promise<readonly Server[]> {
  const first = await opened(answer, { host: '127.0.0.1', port });
  try {
    return [first, await opened(answer, { host: '::1', port: addressOf(first)?.port ?? port })];
  } catch (error) {
    // A host without IPv6.
    if (/^(?:EADDRNOTAVAIL|EAFNOSUPPORT)$/.test(errnoOf(causeOf(error)) ?? '')) return [first];
    first.close();
    throw error;
  }
}

async function activated(fd: number, answer: Answerer): Promise<Server> {
  const server = await opened(answer, { fd });
  const address = addressOf(server)?.address;
  if (address === '127.0.0.1' || address === '::1') return server;
  server.close();
  throw new LanacmeError(
    'endpoint.not-loopback',
    `systemd listens at ${address ?? 'what is no TCP port'} for the endpoint`,
    {
      hint: 'set ListenStream=127.0.0.1:PORT, and nothing else, in the socket unit: credentials never leave this host',
    },
  );
}

async function opened(
  answer: Answerer,
  where: { readonly host: string; readonly port: number } | { readonly fd: number },
): Promise<Server> {
  const server = createServer(limits);
  const asks = limitSilent(server);
  const handle = (request: IncomingMessage, response: ServerResponse): void => {
    asks(request.socket, response);
    void respond(request, response, answer);
  };
  server.on('request', handle);
  // Node's own answers to these come before anybody has shown the token.
  server.on('checkContinue', handle).on('checkExpectation', handle);
  // Else Node leaves out those that come late, one that repeats an earlier one among them; their size is limited.
  server.maxHeadersCount = 0;
  server.maxConnections = mostConnections;
  // What is no HTTP gets no answer: Node's own would say what is wrong with it.
  server.on('clientError', (_error, socket) => {
    socket.destroy();
  });
  await new Promise<void>((resolve, reject) => {
    // A connection that could not be accepted later on, for want of descriptors, is nothing to end for.
    server.on('error', (error) => {
      reject(notOpened(error, where));
    });
    server.listen(where, resolve);
  });
  return server;
}

function notOpened(error: Error, where: object): LanacmeError {
  const place =
    'fd' in where ? `the socket of systemd (descriptor ${String(where.fd)})` : describePlace(where);
  const taken = errnoOf(error) === 'EADDRINUSE';
  return new LanacmeError(
    'endpoint.unavailable',
    `cannot listen on ${place}: ${taken ? 'another program does already' : error.message}`,
    {
      hint: taken
        ? 'find it with ss -ltnp, or choose another port with --port'
        : 'choose a port above 1023 with --port, or look at what this user may do',
      cause: error,
    },
  );
}

function describePlace(where: object): string {
  return 'host' in where && 'port' in where ? `${String(where.host)} port ${String(where.port)}` : 'loopback';
}

function causeOf(error: unknown): unknown {
  return error instanceof Error ? error.cause : undefined;
}

async function respond(request: IncomingMessage, response: ServerResponse, answer: Answerer): Promise<void> {
  const hasBody = bodyOf(request);
  const given = await answer({
    method: request.method ?? '',
    target: request.url ?? '',
    hosts: request.headersDistinct['host'] ?? [],
    authorizations: request.headersDistinct['authorization'] ?? [],
    hasBody,
  }).catch((): EndpointAnswer => ({ status: 500, headers: {}, body: '' }));
  const close = given.status === 200 ? {} : { connection: 'close' };
  const length = Buffer.byteLength(given.body);
  response.writeHead(given.status, { ...given.headers, 'content-length': length, ...close });
  response.end(request.method === 'HEAD' ? undefined : given.body);
  // What comes behind the headers is never read.
  if (hasBody) {
    response.once('finish', () => {
      request.socket.destroySoon();
    });
  }
}

function bodyOf({ headers }: IncomingMessage): boolean {
  const length = headers['content-length'];
  return headers['transfer-encoding'] !== undefined || (length !== undefined && length !== '0');
}

function addressOf(server: Server): AddressInfo | undefined {
  const address = server.address();
  return typeof address === 'object' ? (address ?? undefined) : undefined;
}

function listening(servers: readonly Server[], isActivated: boolean): Listening {
  const origins = servers.flatMap((server) => {
    const found = addressOf(server);
    if (found === undefined) return [];
    const host = found.family === 'IPv6' ? `[${found.address}]` : found.address;
    return [`http://${host}:${found.port}`];
  });
  return {
    origins,
    isActivated,
    close: async (signal) => {
      const cut = (): void => {
        for (const server of servers) server.closeAllConnections();
      };
      if (signal.aborted) cut();
      signal.addEventListener('abort', cut, { once: true });
      await Promise.all(servers.map(closed));
      signal.removeEventListener('abort', cut);
    },
  };
}

async function closed(server: Server): Promise<void> {
  await new Promise<void>((resolve) => {
    server.close(() => {
      resolve();
    });
    server.closeIdleConnections();
  });
}
