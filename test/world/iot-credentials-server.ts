/**
 * The AWS IoT credentials provider over TLS on this machine: the client certificate is the identity, the answers are
 * AWS's, in the order in which AWS checks. What a test can turn: the registry, scripted faults, and how a certificate
 * that is not good is refused.
 */
import { constants, randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import { TLSSocket } from 'node:tls';
import type { AwsSessions } from './aws-sessions.ts';
import { deliver, type Reply, wholeSeconds } from './faulty-answer.ts';
import { type IotFault, IotFaults } from './iot-faults.ts';
import { type DeviceCertificate, type IotRefusal, IotRegistry, invalidCertificate } from './iot-registry.ts';
import { closeAtOnce, type Listening, listen, portOf } from './loopback.ts';
import { makeCa } from './pki.ts';

export interface IotCredentialsOptions extends Listening {
  /** Where the sessions that it hands out are known to the other services. */
  readonly sessions: AwsSessions;
  /** The endpoint's name, which clients must ask for in TLS. Default `localhost`; any other has to be resolved by the test. */
  readonly host?: string;
  readonly now?: () => Date;
}

/** One request as the server saw it. */
export interface IotRequest {
  readonly requestId: string;
  readonly time: Date;
  readonly method: string;
  readonly path: string;
  /** The name asked for in TLS, if any. */
  readonly servername: string | undefined;
  readonly thingName: string | undefined;
  /** Of the client's certificate, if that is good here. */
  certificateId?: string;
  /** Of the answer, sent or not. */
  status?: number;
  /** Of a refusal. */
  message?: string;
  fault?: IotFault;
}

export async function startIotCredentials(options: IotCredentialsOptions): Promise<IotCredentialsServer> {
  const host = options.host ?? 'localhost';
  const ca = await makeCa({ commonName: 'IoT endpoint test CA' });
  const { certPem, keyPem } = await ca.issueServer({ names: [host] });
  const server = new IotCredentialsServer(options, { host, caPem: ca.certPem, certPem, keyPem });
  await server.listen(options);
  return server;
}

export class IotCredentialsServer {
  readonly registry = new IotRegistry();
  readonly faults = new IotFaults();
  readonly requests: IotRequest[] = [];
  /**
   * A certificate that is not good is refused by a 403 or by closing the connection before HTTP: clients have seen
   * both. May be changed while the server runs.
   */
  badCertificates: 'forbidden' | 'closed' = 'forbidden';
  /** Connections closed for that reason. */
  closedConnections = 0;
  /** The root that its certificate chains to, for `--iot-ca`. */
  readonly caPem: string;
  readonly #host: string;
  readonly #sessions: AwsSessions;
  readonly #now: () => Date;
  readonly #server: Server;
  readonly #stopping = new AbortController();

  constructor(
    options: IotCredentialsOptions,
    tls: {
      readonly host: string;
      readonly caPem: string;
      readonly certPem: string;
      readonly keyPem: string;
    },
  ) {
    this.caPem = tls.caPem;
    this.#host = tls.host;
    this.#sessions = options.sessions;
    this.#now = options.now ?? (() => new Date());
    this.#server = createServer(
      {
        cert: tls.certPem,
        key: tls.keyPem,
        requestCert: true,
        // Devices' certificates are known one by one; who issued them does not matter.
        rejectUnauthorized: false,
        minVersion: 'TLSv1.2',
        // "AWS IoT does not support the SessionTicket extension"
        secureOptions: constants.SSL_OP_NO_TICKET,
      },
      (request, response) => {
        this.#handle(request, response).catch((error: unknown) => {
          response.destroy(error instanceof Error ? error : new Error(String(error)));
        });
      },
    );
    // Before the HTTP server's own listener, which would read a request that is already there.
    this.#server.prependListener('secureConnection', (socket: TLSSocket) => {
      if (this.badCertificates === 'forbidden' || this.#certificateOf(socket) !== undefined) return;
      this.closedConnections += 1;
      socket.destroy();
    });
  }

  async listen(where: Listening): Promise<void> {
    await listen(this.#server, where);
  }

  get port(): number {
    return portOf(this.#server);
  }

  /** For `--iot-endpoint`: `host:port`. */
  get endpoint(): string {
    return `${this.#host}:${this.port}`;
  }

  forgetRequests(): void {
    this.requests.length = 0;
  }

  async close(): Promise<void> {
    this.#stopping.abort();
    await closeAtOnce(this.#server);
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    request.resume();
    const socket = tlsSocketOf(request);
    const certificate = this.#certificateOf(socket);
    const record = this.#record(request, socket, certificate);
    const fault = this.faults.next();
    if (fault !== undefined) record.fault = fault;
    const reply = replyInstead(fault, record) ?? this.#answer(certificate, record);
    record.status = reply.status;
    await deliver(response, reply, fault, { now: this.#now(), signal: this.#stopping.signal });
  }

  #record(
    request: IncomingMessage,
    { servername }: TLSSocket,
    certificate: DeviceCertificate | undefined,
  ): IotRequest {
    const thingName = request.headers['x-amzn-iot-thingname'];
    const record: IotRequest = {
      requestId: randomUUID(),
      time: this.#now(),
      method: request.method ?? '',
      path: request.url ?? '',
      servername: servername === false || servername === null ? undefined : servername,
      thingName: Array.isArray(thingName) ? thingName.join() : thingName,
      ...(certificate === undefined ? {} : { certificateId: certificate.id }),
    };
    this.requests.push(record);
    return record;
  }

  #certificateOf(socket: TLSSocket): DeviceCertificate | undefined {
    return this.registry.goodCertificate(socket.getPeerX509Certificate(), this.#now());
  }

  #answer(certificate: DeviceCertificate | undefined, record: IotRequest): Reply {
    // Without the endpoint's name in TLS there is no account to look the certificate up in.
    if (certificate === undefined || record.servername !== this.#host)
      return refuse(record, invalidCertificate);
    const alias = aliasIn(record.path);
    if (alias === undefined || record.method !== 'GET') return notFound(record);
    const decision = this.registry.decide(certificate, alias, record.thingName);
    if (decision.kind === 'refused') return refuse(record, decision);
    const { accessKeyId, secretAccessKey, sessionToken, expiration } = this.#sessions.issue({
      roleName: decision.alias.roleName,
      sessionName: certificate.id,
      context: decision.context,
      policies: decision.alias.policies,
      durationSeconds: record.fault?.kind === 'expired' ? -60 : decision.alias.durationSeconds,
    });
    const credentials = { accessKeyId, secretAccessKey, sessionToken, expiration: wholeSeconds(expiration) };
    return json(record, 200, { credentials });
  }
}

function tlsSocketOf({ socket }: IncomingMessage): TLSSocket {
  if (socket instanceof TLSSocket) return socket;
  throw new Error('a request without TLS');
}

/** The alias in a request's path; a client has to escape what a path cannot hold. */
function aliasIn(path: string): string | undefined {
  const alias = /^\/role-aliases\/([\w%=,@-]+)\/credentials$/.exec(path)?.[1];
  try {
    return alias === undefined ? undefined : decodeURIComponent(alias);
  } catch {
    return undefined;
  }
}

/** The answer of a request that is not looked at. */
function replyInstead(fault: IotFault | undefined, record: IotRequest): Reply | undefined {
  if (fault?.kind === 'refuse') {
    const { status, errorType = 'InternalFailureException', message = 'Internal Failure' } = fault;
    const reply = refuse(record, { kind: 'refused', status, errorType, message });
    return { ...reply, headers: { ...reply.headers, ...fault.headers } };
  }
  if (fault?.kind === 'page') {
    const body = fault.body ?? '<html><body>Sign in to the network</body></html>';
    return { status: fault.status, headers: { 'Content-Type': 'text/html' }, body };
  }
  if (fault?.kind === 'other json') return json(record, 200, fault.body);
  return fault?.kind === 'data endpoint' ? notFound(record) : undefined;
}

function refuse(record: IotRequest, { status, errorType, message }: IotRefusal): Reply {
  record.message = message;
  const reply = json(record, status, { message });
  return { ...reply, headers: { ...reply.headers, 'x-amzn-ErrorType': errorType } };
}

/** What the data endpoints answer to a path that they do not have, and this one too. */
function notFound(record: IotRequest): Reply {
  record.message = 'Not Found';
  return json(record, 404, { message: 'Not Found', traceId: randomUUID() });
}

function json(record: IotRequest, status: number, body: unknown): Reply {
  const headers = { 'Content-Type': 'application/json', 'x-amzn-RequestId': record.requestId };
  return { status, headers, body: JSON.stringify(body) };
}
