/**
 * A CA that misbehaves: a TLS proxy before the real Pebble, under the same host name, that does to chosen requests what
 * a script says. Pebble builds every URL from the Host header and checks the signed `url` against it; that header goes
 * through as it came, so all of Pebble's URLs lead back here and nothing has to be rewritten.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Agent, createServer, request as httpsRequest } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { type AcmeFault, AcmeFaultScript, type CaAnswer, type Problem } from './acme-faults.ts';
import type { Pebble } from './pebble.ts';
import { type AcmeRequest, resourceAt } from './pebble-log.ts';
import { makeCa } from './pki.ts';
import { resetConnection } from './tcp-reset.ts';

export interface ProxiedRequest extends AcmeRequest {
  /** The payload of the JWS: JSON, `''` for POST-as-GET; absent if nothing was signed. */
  readonly payload?: string;
  /** What befell it. */
  readonly fault?: AcmeFault['kind'];
  /** As Pebble gave it, whatever the client got; absent if it was not asked. */
  answer?: CaAnswer;
}

export interface AcmeFaultProxy {
  readonly directoryUrl: string;
  /** The root of its own certificate (`--server-ca`). */
  readonly caPem: string;
  readonly faults: AcmeFaultScript;
  /** What the client has asked, in order; not what was repeated behind its back. */
  readonly requests: readonly ProxiedRequest[];
  forgetRequests(): void;
  stop(): Promise<void>;
}

export async function startAcmeFaultProxy(pebble: Pebble): Promise<AcmeFaultProxy> {
  const ca = await makeCa({ commonName: 'Fault proxy test CA' });
  const { certPem, keyPem } = await ca.issueServer({ names: ['localhost', '127.0.0.1'] });
  const upstream = new Upstream(pebble);
  const faults = new AcmeFaultScript();
  const requests: ProxiedRequest[] = [];

  const serve = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = '', url: path = '' } = incoming;
    const body = await text(incoming);
    const resource = resourceAt(path);
    const fault = faults.next(resource);
    const signed = body === '' ? undefined : readJws(body);
    const request: ProxiedRequest = {
      method,
      path,
      resource,
      ...(signed === undefined ? {} : { payload: signed.payload }),
      ...(fault === undefined ? {} : { fault: fault.kind }),
    };
    requests.push(request);
    const ask = async (): Promise<CaAnswer> => {
      request.answer = await upstream.ask(incoming, body);
      return request.answer;
    };
    if (fault === undefined) send(response, await ask());
    else await strike(fault, { response, ask, upstream, host: incoming.headers.host, nonce: signed?.nonce });
  };

  const server = createServer({ cert: certPem, key: keyPem }, (incoming, response) => {
    // A client that went away is part of the game.
    serve(incoming, response).catch(() => response.destroy());
  });
  const open = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    open.add(socket);
    socket.on('error', () => undefined).on('close', () => open.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;

  return {
    directoryUrl: `https://localhost:${port}/dir`,
    caPem: ca.certPem,
    faults,
    requests,
    forgetRequests() {
      requests.length = 0;
    },
    async stop() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of open) socket.destroy();
      upstream.close();
      await closed;
    },
  };
}

/** Pebble, asked in the client's own words. */
class Upstream {
  readonly #port: string;
  readonly #agent: Agent;

  constructor({ directoryUrl, caPem }: Pebble) {
    this.#port = new URL(directoryUrl).port;
    this.#agent = new Agent({ ca: caPem, keepAlive: true });
  }

  async ask(incoming: Pick<IncomingMessage, 'method' | 'url' | 'headers'>, body: string): Promise<CaAnswer> {
    return await new Promise((resolve, reject) => {
      const { method, url: path, headers } = incoming;
      const options = { agent: this.#agent, host: 'localhost', port: this.#port, method, path, headers };
      const sent = httpsRequest(options, (answer) => {
        text(answer).then((received) => {
          resolve({ status: answer.statusCode ?? 0, headers: plainHeaders(answer), body: received });
        }, reject);
      });
      sent.on('error', reject).end(body);
    });
  }

  async freshNonce(host: string | undefined): Promise<string> {
    const headers = { host, 'user-agent': 'lanacme-tests' };
    const answer = await this.ask({ method: 'HEAD', url: '/nonce-plz', headers }, '');
    return answer.headers['replay-nonce'] ?? '';
  }

  close(): void {
    this.#agent.destroy();
  }
}

interface Delivery {
  readonly response: ServerResponse;
  readonly upstream: Upstream;
  readonly host: string | undefined;
  /** The one that the request was signed with. */
  readonly nonce: string | undefined;
  readonly ask: () => Promise<CaAnswer>;
}

async function strike(fault: AcmeFault, delivery: Delivery): Promise<void> {
  const { response, ask, upstream, host, nonce } = delivery;
  switch (fault.kind) {
    case 'problem': {
      const headers = { ...fault.headers, 'replay-nonce': await upstream.freshNonce(host) };
      send(response, problemAnswer(fault.status, fault.problem, headers));
      return;
    }
    case 'page': {
      const body = fault.body ?? `<html><body><h1>${fault.status} from the load balancer</h1></body></html>`;
      send(response, { ...fault, headers: { 'content-type': 'text/html', ...fault.headers }, body });
      return;
    }
    case 'reset before':
      resetConnection(response.req.socket);
      return;
    case 'reset after':
      await ask();
      resetConnection(response.req.socket);
      return;
    case 'cut off': {
      const answer = await ask();
      const half = answer.body.slice(0, answer.body.length / 2);
      response.writeHead(answer.status, {
        ...answer.headers,
        'content-length': Buffer.byteLength(answer.body),
      });
      response.write(half, () => response.destroy());
      return;
    }
    case 'silence':
      return;
    case 'used nonce': {
      const answer = await ask();
      send(response, { ...answer, headers: { ...answer.headers, 'replay-nonce': nonce ?? '' } });
      return;
    }
    case 'changed':
      send(response, await fault.change(await ask()));
  }
}

function send(response: ServerResponse, { status, headers, body }: CaAnswer): void {
  response.writeHead(status, headers).end(body);
}

function problemAnswer(
  status: number,
  { type, ...members }: Problem,
  headers: Readonly<Record<string, string>>,
): CaAnswer {
  return {
    status,
    headers: { 'content-type': 'application/problem+json', ...headers },
    body: JSON.stringify(withPrefix({ type, status, ...members })),
  };
}

/** Subproblems are named as shortly as problems. */
function withPrefix({ type, subproblems, ...members }: Problem): object {
  return {
    type: type.includes(':') ? type : `urn:ietf:params:acme:error:${type}`,
    ...members,
    ...(Array.isArray(subproblems)
      ? { subproblems: (subproblems as readonly Problem[]).map(withPrefix) }
      : {}),
  };
}

/** Node's own joining of repeated headers; what belongs to the connection stays with it. */
function plainHeaders({ headers }: IncomingMessage): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(headers)
      .filter(([name]) => !['connection', 'keep-alive', 'transfer-encoding', 'content-length'].includes(name))
      .map(([name, value]) => [name, [value ?? ''].flat().join(', ')]),
  );
}

function readJws(body: string): { readonly payload: string; readonly nonce: string } | undefined {
  try {
    const jws = JSON.parse(body) as { readonly protected: string; readonly payload: string };
    const { nonce } = JSON.parse(decode(jws.protected)) as { readonly nonce: string };
    return { payload: decode(jws.payload), nonce };
  } catch {
    return undefined;
  }
}

function decode(base64url: string): string {
  return Buffer.from(base64url, 'base64url').toString();
}
