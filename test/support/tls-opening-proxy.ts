/** An HTTP proxy that opens TLS, as companies have them: to the client it is the server, with a certificate of its own CA. */
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { createServer as createHttpsServer, request as httpsRequest } from 'node:https';
import { type AddressInfo, connect, type Server, type Socket } from 'node:net';
import { makeCa } from '../world/pki.ts';

export interface TlsOpeningProxy {
  readonly url: string;
  /** The root of its certificates. */
  readonly caPem: string;
  /** Names of the headers of each request that it read. */
  readonly read: string[][];
  stop(): Promise<void>;
}

/** @param upstreamCa PEM of the root of the servers behind it, all of which are `localhost`. */
export async function startTlsOpeningProxy(upstreamCa: string): Promise<TlsOpeningProxy> {
  const ca = await makeCa({ commonName: 'Proxy test CA' });
  const { certPem: cert, keyPem: key } = await ca.issueServer({ names: ['localhost'] });
  const read: string[][] = [];
  const inside = createHttpsServer({ cert, key, maxHeaderSize: 1 << 16 }, (request, response) => {
    read.push(Object.keys(request.headers));
    const { method, url, headers } = request;
    const options = { method, ca: upstreamCa, headers: { ...headers, via: '1.1 proxy' } };
    const upstream = httpsRequest(`https://${headers.host ?? ''}${url ?? ''}`, options, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    upstream.on('error', () => response.destroy());
    request.pipe(upstream);
  });
  const outside = createHttpServer();
  const open = new Set<Socket>();
  const keep = (socket: Socket): Socket => {
    open.add(socket);
    return socket.on('error', () => undefined).on('close', () => open.delete(socket));
  };
  outside.on('connect', (_request, client: Socket) => {
    const [own, near] = [keep(connect(portOf(inside), '127.0.0.1')), keep(client)];
    own.once('connect', () => {
      near.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      near.pipe(own).pipe(near);
    });
  });
  for (const server of [inside, outside]) await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    url: `http://127.0.0.1:${portOf(outside)}`,
    caPem: ca.certPem,
    read,
    stop: async () => {
      for (const socket of open) socket.destroy();
      for (const server of [inside, outside]) await once(server.close(), 'close');
    },
  };
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}
