import http from 'node:http';
import https from 'node:https';
import net, { type AddressInfo, type Server } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { Issued } from '../world/pki.ts';

/** A server on a port that the system gave, and how to end it with all its connections. */
export interface Running {
  readonly port: number;
  stop(): Promise<void>;
}

export interface SeenConnection {
  /** What the client asked for by SNI. */
  readonly servername: unknown;
  /** Of the client certificate's subject. */
  readonly clientName: string | readonly string[] | undefined;
}

/** What a request came in over. */
export function connectionOf(request: http.IncomingMessage): SeenConnection {
  if (!(request.socket instanceof TLSSocket)) throw new TypeError('not a TLS server');
  // Empty without a client certificate, whatever its type says.
  const { subject } = request.socket.getPeerCertificate() as { subject?: { CN?: string | string[] } };
  return { servername: Reflect.get(request.socket, 'servername'), clientName: subject?.CN };
}

export async function startTls(
  identity: Issued,
  handler: http.RequestListener,
  options: https.ServerOptions = {},
): Promise<Running> {
  const server = https.createServer({ cert: identity.certPem, key: identity.keyPem, ...options }, handler);
  return await listen(server);
}

/** A TCP server that does with each connection what it is told. */
export async function startTcp(onConnection: (socket: net.Socket) => void): Promise<Running> {
  return await listen(net.createServer(onConnection));
}

export interface RunningProxy extends Running {
  /** `host:port` of each CONNECT, in order. */
  readonly tunnels: readonly string[];
  readonly authorizations: readonly (string | undefined)[];
}

/** A proxy that knows only CONNECT. `status` other than 200 refuses; every name leads to this machine. */
export async function startProxy(status = 200): Promise<RunningProxy> {
  const tunnels: string[] = [];
  const authorizations: (string | undefined)[] = [];
  const server = http.createServer((_request, response) => response.writeHead(405).end());
  server.on('connect', (request: http.IncomingMessage, client: net.Socket) => {
    tunnels.push(request.url ?? '');
    authorizations.push(request.headers['proxy-authorization']);
    if (status !== 200) {
      client.end(`HTTP/1.1 ${status} No\r\ncontent-length: 0\r\n\r\n`);
      return;
    }
    const upstream = net.connect(Number(request.url?.split(':').at(-1)), '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connected\r\n\r\n');
      upstream.pipe(client).pipe(upstream);
    });
    upstream.on('error', () => client.destroy());
    client.on('error', () => upstream.destroy());
  });
  return { ...(await listen(server)), tunnels, authorizations };
}

/** A port where nothing listens. */
export async function closedPort(): Promise<number> {
  const server = await startTcp(() => undefined);
  await server.stop();
  return server.port;
}

async function listen(server: Server): Promise<Running> {
  const open = new Set<net.Socket>();
  server.on('connection', (socket) => {
    open.add(socket);
    socket.on('error', () => undefined).on('close', () => open.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    stop: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of open) socket.destroy();
      await closed;
    },
  };
}
