/**
 * A CA that says what a test tells it to, over real TLS: for all that Pebble never does. It keeps the rules of nonces
 * itself, so that a nonce used twice is refused here as it would be anywhere.
 */
import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { makeCa } from '../world/pki.ts';
import { startTls } from './tls-server.ts';

export interface Reply {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** JSON unless it is a text. */
  readonly body?: unknown;
  /** Default: application/json, or application/problem+json from status 400 on. */
  readonly type?: string;
  /** Closes the connection without an answer. */
  readonly reset?: boolean;
  /** Default true. */
  readonly withNonce?: boolean;
}

export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** Of the JWS; undefined without one. */
  readonly protected?: {
    readonly alg: string;
    readonly nonce: string;
    readonly url: string;
    readonly kid?: string;
    readonly jwk?: unknown;
  };
  /** Of the JWS, decoded; `''` is POST-as-GET. */
  readonly payload?: string;
}

export interface ScriptedCa {
  readonly url: string;
  readonly directoryUrl: string;
  readonly rootPem: string;
  readonly requests: readonly SeenRequest[];
  /** `GET /dir`, `POST /order/1`, … of every request, in order. */
  lines(): readonly string[];
  /** Answers for a path, in order; the last one stays. A function sees the request. */
  on(path: string, ...replies: readonly (Reply | ((request: SeenRequest) => Reply | Promise<Reply>))[]): void;
  stop(): Promise<void>;
}

export async function startScriptedCa(): Promise<ScriptedCa> {
  const root = await makeCa({ commonName: 'Scripted CA' });
  const identity = await root.issueServer({ names: ['localhost'] });
  const requests: SeenRequest[] = [];
  const scripts = new Map<string, (Reply | ((request: SeenRequest) => Reply | Promise<Reply>))[]>();
  const nonces = new Set<string>();

  const nextReply = async (request: SeenRequest): Promise<Reply> => {
    if (request.protected !== undefined && !nonces.delete(request.protected.nonce))
      return problem('badNonce', 'unknown nonce');
    const script = scripts.get(request.path);
    const reply = (script?.length ?? 0) > 1 ? script?.shift() : script?.[0];
    if (reply === undefined)
      return problem('malformed', `nothing is scripted for ${request.path}`, { status: 404 });
    return typeof reply === 'function' ? await reply(request) : reply;
  };

  const handle = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const request = await seenRequest(incoming);
    requests.push(request);
    const reply = await nextReply(request);
    if (reply.reset === true) {
      incoming.socket.destroy();
      return;
    }
    const { status = 200, headers = {}, body = '', withNonce = incoming.method !== 'GET' } = reply;
    const nonce = randomUUID();
    if (withNonce) nonces.add(nonce);
    response.writeHead(status, {
      'content-type': reply.type ?? (status >= 400 ? 'application/problem+json' : 'application/json'),
      ...(withNonce ? { 'replay-nonce': nonce } : {}),
      ...headers,
    });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  };

  const server = await startTls(identity, (incoming, response) => {
    handle(incoming, response).catch((error: unknown) => response.destroy(error as Error));
  });
  const url = `https://localhost:${server.port}`;
  const ca: ScriptedCa = {
    url,
    directoryUrl: `${url}/dir`,
    rootPem: root.certPem,
    requests,
    lines: () => requests.map(({ method, path }) => `${method} ${path}`),
    on: (path, ...replies) => scripts.set(path, [...replies]),
    stop: async () => {
      await server.stop();
    },
  };
  ca.on('/dir', { body: directoryOf(url) });
  ca.on('/nonce', {});
  return ca;
}

export function directoryOf(url: string): Record<string, unknown> {
  return {
    newNonce: `${url}/nonce`,
    newAccount: `${url}/account`,
    newOrder: `${url}/order`,
    revokeCert: `${url}/revoke`,
  };
}

/** An order as a CA answers it, pending unless told otherwise. */
export function orderOf(
  url: string,
  members: Readonly<Record<string, unknown>> = {},
): Record<string, unknown> {
  return {
    status: 'pending',
    identifiers: [{ type: 'dns', value: 'a.lan.example' }],
    authorizations: [`${url}/authz/1`],
    finalize: `${url}/finalize/1`,
    ...members,
  };
}

/** A refusal by problem document. */
export function problem(
  type: string,
  detail: string,
  rest: { status?: number; headers?: Record<string, string>; members?: object } = {},
): Reply {
  const { status = 400, headers = {}, members = {} } = rest;
  return { status, headers, body: { type: `urn:ietf:params:acme:error:${type}`, detail, ...members } };
}

async function seenRequest(incoming: IncomingMessage): Promise<SeenRequest> {
  const { method = '', url: path = '', headers } = incoming;
  const body = await text(incoming);
  if (body === '') return { method, path, headers };
  const jws = JSON.parse(body) as { protected: string; payload: string };
  return {
    method,
    path,
    headers,
    protected: JSON.parse(decode(jws.protected)) as NonNullable<SeenRequest['protected']>,
    payload: decode(jws.payload),
  };
}

function decode(text64: string): string {
  return Buffer.from(text64, 'base64url').toString();
}
