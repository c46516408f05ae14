/**
 * Route 53 over HTTP or HTTPS on this machine: REST-XML, signatures and rights checked, batches atomic, the errors,
 * statuses and texts of AWS. What a test can turn: the rate limit, how long a zone is busy with a change, scripted
 * faults, the form of batch errors.
 */
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AwsSessions, Principal } from './aws-sessions.ts';
import { deniedMessage, evaluate } from './iam-policy.ts';
import { closeAtOnce, type Listening, listen, portOf } from './loopback.ts';
import { type Fault, FaultScript, TokenBucket } from './route53-faults.ts';
import { type OperationName, type Prepared, prepare, type Route, routeOf } from './route53-operations.ts';
import { Route53Refusal } from './route53-refusal.ts';
import { writeDocument } from './route53-xml.ts';
import { AuthenticationFailed, type ServiceScope, verifySignature } from './sigv4-verify.ts';
import { resetConnection } from './tcp-reset.ts';
import type { ZoneStore } from './zone-store.ts';

export interface RateLimit {
  readonly perSecond: number;
  readonly burst: number;
}

/** May be changed while the server runs. */
export interface Route53Behaviour {
  /** Default 5 a second, 5 at once: what an account has had for most of Route 53's life. */
  rateLimit: RateLimit | 'none';
  /** How long a change is worked on before it is answered. Another one of the zone meanwhile: PriorRequestNotComplete. */
  processingMs: number;
  /** How long after the answer the zone stays busy. */
  settleMs: number;
  /** Both are seen at AWS. */
  batchErrorForm: 'ErrorResponse' | 'InvalidChangeBatch';
  /** How a clock that is off by more than five minutes is refused. */
  skewCode: NonNullable<ServiceScope['skewCode']>;
  /** Default: five minutes, as AWS has it; more for clients on a clock that a test moves. */
  toleratedSkewMs: number;
}

export interface Route53Options extends Partial<Route53Behaviour>, Listening {
  readonly store: ZoneStore;
  readonly sessions: AwsSessions;
  readonly now?: () => Date;
  /** PEM; makes it HTTPS. */
  readonly tls?: { readonly key: string; readonly cert: string };
}

/** One request as the server saw it. */
export interface RequestRecord {
  readonly requestId: string;
  readonly time: Date;
  readonly method: string;
  readonly target: string;
  readonly operation: OperationName | undefined;
  /** Of the hosted zone or the change, from the path. */
  readonly id: string;
  /** Of a batch that could be read: what it wanted, in order. */
  changes: readonly { readonly action: string; readonly name: string; readonly type: string }[];
  /** The ARN of who asked, once the signature was good. */
  caller?: string;
  /** Of the answer, sent or not. */
  status?: number;
  /** Of a refusal. */
  code?: string;
  fault?: Fault;
}

interface Reply {
  readonly status: number;
  readonly body: string;
  readonly code?: string;
}

const maximumBody = 4 * 1024 * 1024;

export async function startRoute53(options: Route53Options): Promise<Route53Server> {
  const server = new Route53Server(options);
  await server.listen();
  return server;
}

export class Route53Server {
  readonly faults = new FaultScript();
  readonly behaviour: Route53Behaviour;
  readonly requests: RequestRecord[] = [];
  readonly #options: Route53Options;
  readonly #now: () => Date;
  readonly #server: Server;
  readonly #stopping = new AbortController();
  readonly #busyZones = new Set<string>();
  #bucket: { readonly limit: RateLimit; readonly tokens: TokenBucket } | undefined;

  constructor(options: Route53Options) {
    this.#options = options;
    this.#now = options.now ?? (() => new Date());
    this.behaviour = {
      rateLimit: options.rateLimit ?? { perSecond: 5, burst: 5 },
      processingMs: options.processingMs ?? 10,
      settleMs: options.settleMs ?? 0,
      batchErrorForm: options.batchErrorForm ?? 'ErrorResponse',
      skewCode: options.skewCode ?? 'SignatureDoesNotMatch',
      toleratedSkewMs: options.toleratedSkewMs ?? 5 * 60_000,
    };
    const listener = (request: IncomingMessage, response: ServerResponse): void => {
      this.#handle(request, response).catch((error: unknown) => {
        if (this.#stopping.signal.aborted) response.destroy();
        else response.destroy(error instanceof Error ? error : new Error(String(error)));
      });
    };
    this.#server =
      options.tls === undefined ? createServer(listener) : createTlsServer(options.tls, listener);
  }

  async listen(): Promise<void> {
    await listen(this.#server, this.#options);
  }

  get port(): number {
    return portOf(this.#server);
  }

  /** For `AWS_ENDPOINT_URL_ROUTE_53`. */
  get url(): string {
    return `${this.#options.tls === undefined ? 'http' : 'https'}://127.0.0.1:${this.port}`;
  }

  /** How many requests came, of one operation or in all. */
  count(operation?: OperationName): number {
    return this.requests.filter((request) => operation === undefined || request.operation === operation)
      .length;
  }

  forgetRequests(): void {
    this.requests.length = 0;
  }

  async close(): Promise<void> {
    this.#stopping.abort();
    await closeAtOnce(this.#server);
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readBody(request);
    const record = this.#record(request);
    const route = record.operation === undefined ? undefined : { operation: record.operation, id: record.id };
    if (route === undefined) {
      this.#send(response, record, { status: 404, body: '<UnknownOperationException/>\n' });
      return;
    }
    const fault = this.faults.next(route.operation);
    if (fault !== undefined) record.fault = fault;
    const early = fault === undefined ? undefined : replyInstead(fault, record);
    if (early === 'reset') {
      resetConnection(response.req.socket);
      return;
    }
    if (early === 'hang') return;
    const reply = early ?? (await this.#answer(request, body, record, route));
    record.status = reply.status;
    if (reply.code !== undefined) record.code = reply.code;
    await this.#deliver(response, record, reply);
  }

  #record(request: IncomingMessage): RequestRecord {
    const target = request.url ?? '/';
    const method = request.method ?? 'GET';
    const route = routeOf(method, target.replace(/\?.*$/s, ''));
    const record: RequestRecord = {
      requestId: randomUUID(),
      time: this.#now(),
      method,
      target,
      operation: route?.operation,
      id: route?.id ?? '',
      changes: [],
    };
    this.requests.push(record);
    return record;
  }

  /** Carries the request out. */
  async #answer(request: IncomingMessage, body: Buffer, record: RequestRecord, route: Route): Promise<Reply> {
    try {
      const caller = await this.#authenticate(request, body);
      record.caller = caller.arn;
      this.#limitRate();
      const prepared = this.#prepare(request, body, record, route);
      authorize(caller, prepared, `route53:${route.operation}`);
      const { root, content } =
        route.operation === 'ChangeResourceRecordSets'
          ? await this.#alone(route.id, () => prepared.run(caller))
          : prepared.run(caller);
      return { status: 200, body: writeDocument(root, content) };
    } catch (error) {
      if (error instanceof Route53Refusal) return this.#refusal(error, record);
      if (error instanceof AuthenticationFailed) {
        return this.#refusal(new Route53Refusal(error.status, error.code, error.message), record);
      }
      throw error;
    }
  }

  async #authenticate(request: IncomingMessage, body: Buffer): Promise<Principal> {
    const { skewCode, toleratedSkewMs } = this.behaviour;
    return await verifySignature(
      {
        method: request.method ?? '',
        target: request.url ?? '',
        headers: headersOf(request),
        body,
      },
      this.#options.sessions,
      { service: 'route53', region: 'us-east-1', skewCode, toleratedSkewMs },
      this.#now(),
    );
  }

  /** One bucket for the account, whoever asks. */
  #limitRate(): void {
    const limit = this.behaviour.rateLimit;
    if (limit === 'none') return;
    if (this.#bucket?.limit !== limit) {
      this.#bucket = { limit, tokens: new TokenBucket(limit.perSecond, limit.burst, this.#now) };
    }
    if (!this.#bucket.tokens.take()) throw new Route53Refusal(400, 'Throttling', 'Rate exceeded');
  }

  #prepare(request: IncomingMessage, body: Buffer, record: RequestRecord, route: Route): Prepared {
    const url = new URL(request.url ?? '/', 'http://world.invalid');
    const prepared = prepare(this.#options.store, route, {
      method: request.method ?? '',
      path: url.pathname,
      query: url.searchParams,
      body: body.toString('utf8'),
    });
    record.changes = prepared.changes.map(({ action, recordSet: { name, type } }) => ({
      action,
      name,
      type,
    }));
    return prepared;
  }

  /** One change at a time in a zone. */
  async #alone<T>(zoneId: string, work: () => T): Promise<T> {
    if (this.#busyZones.has(zoneId)) {
      throw new Route53Refusal(
        400,
        'PriorRequestNotComplete',
        'The request was rejected because Route 53 was still processing a prior request.',
      );
    }
    const { settleMs, processingMs } = this.behaviour;
    this.#busyZones.add(zoneId);
    try {
      await this.#sleep(processingMs);
      return work();
    } finally {
      void this.#sleep(settleMs)
        .catch(() => undefined)
        .then(() => this.#busyZones.delete(zoneId));
    }
  }

  async #sleep(milliseconds: number): Promise<void> {
    if (milliseconds > 0) await sleep(milliseconds, undefined, { signal: this.#stopping.signal });
  }

  #refusal(refusal: Route53Refusal, record: RequestRecord): Reply {
    const { status, code, message } = refusal;
    if (code === 'InvalidChangeBatch' && this.behaviour.batchErrorForm === 'InvalidChangeBatch') {
      const content = { Messages: { Message: refusal.messages }, RequestId: record.requestId };
      return { status, code, body: writeDocument('InvalidChangeBatch', content) };
    }
    return { status, code, body: errorBody(code, message, status, record.requestId) };
  }

  /** Sends the answer, or what the fault leaves of it. */
  async #deliver(response: ServerResponse, record: RequestRecord, reply: Reply): Promise<void> {
    const fault = record.fault;
    switch (fault?.kind) {
      case 'delay':
        await this.#late(fault);
        this.#send(response, record, reply);
        return;
      case 'reset after':
        resetConnection(response.req.socket);
        return;
      case 'hang':
        return;
      case 'cut off':
        response.writeHead(reply.status, {
          ...this.#headers(record),
          'Content-Length': Buffer.byteLength(reply.body),
        });
        response.write(reply.body.slice(0, reply.body.length / 2), () => response.destroy());
        return;
      case 'not xml':
        this.#send(response, record, { status: 200, body: '<html><p>Sign in to the network' });
        return;
      case 'page after':
        this.#send(response, record, { status: fault.status, body: errorPage(fault.status) });
        return;
      case 'refuse':
      case 'page':
      case 'reset before':
      case undefined:
        this.#send(response, record, reply);
    }
  }

  async #late(fault: Extract<Fault, { readonly kind: 'delay' }>): Promise<void> {
    if ('until' in fault) await fault.until;
    else await this.#sleep(fault.milliseconds);
  }

  #send(response: ServerResponse, record: RequestRecord, reply: Reply): void {
    record.status = reply.status;
    response.writeHead(reply.status, this.#headers(record));
    response.end(reply.body);
  }

  #headers(record: RequestRecord): Record<string, string> {
    return {
      'Content-Type': 'text/xml',
      'x-amzn-RequestId': record.requestId,
      // The world's time: by it an SDK notices that the host's clock is off.
      Date: this.#now().toUTCString(),
    };
  }
}

function errorBody(code: string, message: string, status: number, requestId: string): string {
  const type = status >= 500 ? 'Receiver' : 'Sender';
  return writeDocument('ErrorResponse', {
    Error: { Type: type, Code: code, Message: message },
    RequestId: requestId,
  });
}

/** What a fault puts in place of the work; nothing if the request is carried out all the same. */
function replyInstead(fault: Fault, record: RequestRecord): Reply | 'reset' | 'hang' | undefined {
  switch (fault.kind) {
    case 'refuse':
      return {
        status: fault.status,
        code: fault.code,
        body: errorBody(fault.code, fault.message, fault.status, record.requestId),
      };
    case 'page':
      return {
        status: fault.status,
        body: fault.body ?? errorPage(fault.status),
      };
    case 'reset before':
      return 'reset';
    case 'hang':
      return fault.isCarriedOut ? undefined : 'hang';
    case 'delay':
    case 'reset after':
    case 'page after':
    case 'cut off':
    case 'not xml':
      return undefined;
  }
}

function errorPage(status: number): string {
  return `<html><body><h1>${status} Service Unavailable</h1></body></html>`;
}

function authorize(caller: Principal, prepared: Prepared, action: string): void {
  const request = {
    action,
    resource: prepared.resource,
    context: { ...caller.context, ...prepared.context },
  };
  const verdict = evaluate(caller.policies, request);
  if (verdict !== 'allowed') {
    throw new Route53Refusal(403, 'AccessDenied', deniedMessage(caller.arn, request, verdict));
  }
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += (chunk as Buffer).length;
    if (size > maximumBody) throw new Error('The request is larger than any lawful batch.');
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks);
}

function headersOf(request: IncomingMessage): Record<string, string> {
  return Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(',') : (value ?? ''),
    ]),
  );
}
