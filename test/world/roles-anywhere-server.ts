/**
 * The data plane of IAM Roles Anywhere on this machine: `CreateSession`, with the signature checked, the chain built to
 * the trust anchor, and the role's trust policy evaluated. What a test can turn: the registry and scripted faults.
 * Source: https://docs.aws.amazon.com/rolesanywhere/latest/userguide/authentication-create-session.html
 */
import { randomBytes, randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import { buffer } from 'node:stream/consumers';
import type { AwsSessions } from './aws-sessions.ts';
import { deliver, type Reply, wholeSeconds } from './faulty-answer.ts';
import { type IotFault, IotFaults } from './iot-faults.ts';
import { closeAtOnce, type Listening, listen, portOf } from './loopback.ts';
import { makeCa } from './pki.ts';
import {
  type RolesAnywhereDecision,
  type RolesAnywhereRefusal,
  RolesAnywhereRegistry,
} from './roles-anywhere-registry.ts';
import { sessionAsked, ValidationRefused } from './session-asked.ts';
import { type RawRequest, SignatureRefused, verifyX509Signature } from './x509-signature.ts';

export interface RolesAnywhereOptions extends Listening {
  /** Where the sessions that it hands out are known to the other services. */
  readonly sessions: AwsSessions;
  /** Default `eu-west-2`. */
  readonly region?: string;
  readonly now?: () => Date;
}

/** One request as the server saw it. */
export interface RolesAnywhereRequest {
  readonly requestId: string;
  readonly time: Date;
  readonly method: string;
  /** Without its query. */
  readonly path: string;
  /** Of the certificate, if the signature is good: lower-case hex. */
  serialNumber?: string;
  /** Of the session that was granted. */
  sessionName?: string;
  /** Of the answer, sent or not. */
  status?: number;
  /** Of a refusal. */
  message?: string;
  fault?: IotFault;
}

export async function startRolesAnywhere(options: RolesAnywhereOptions): Promise<RolesAnywhereServer> {
  const ca = await makeCa({ commonName: 'Roles Anywhere endpoint test CA' });
  const { certPem, keyPem } = await ca.issueServer({ names: ['localhost'] });
  const server = new RolesAnywhereServer(options, { caPem: ca.certPem, certPem, keyPem });
  await server.listen(options);
  return server;
}

/** Of the role at AWS; nothing depends on it. */
const roleId = `AROA${randomBytes(10).toString('hex').slice(0, 17).toUpperCase()}`;

export class RolesAnywhereServer {
  readonly region: string;
  readonly registry: RolesAnywhereRegistry;
  readonly faults = new IotFaults();
  readonly requests: RolesAnywhereRequest[] = [];
  /** How far a client's clock may be off: five minutes, as AWS has it, unless a test moves that clock. */
  toleratedSkewMs = 5 * 60_000;
  /** The member of an error's body that holds the sentence: both are seen. */
  messageMember: 'message' | 'Message' = 'message';
  /** The root that its certificate chains to. */
  readonly caPem: string;
  readonly #sessions: AwsSessions;
  readonly #now: () => Date;
  readonly #server: Server;
  readonly #stopping = new AbortController();

  constructor(
    options: RolesAnywhereOptions,
    tls: { readonly caPem: string; readonly certPem: string; readonly keyPem: string },
  ) {
    this.region = options.region ?? 'eu-west-2';
    this.registry = new RolesAnywhereRegistry(options.sessions.accountId, this.region);
    this.caPem = tls.caPem;
    this.#sessions = options.sessions;
    this.#now = options.now ?? (() => new Date());
    this.#server = createServer(
      // The certificate in the request is the identity; TLS knows no client.
      {
        cert: tls.certPem,
        key: tls.keyPem,
        requestCert: false,
        minVersion: 'TLSv1.2',
        maxHeaderSize: 1 << 16,
      },
      (request, response) => {
        this.#handle(request, response).catch((error: unknown) => {
          response.destroy(error instanceof Error ? error : new Error(String(error)));
        });
      },
    );
  }

  async listen(where: Listening): Promise<void> {
    await listen(this.#server, where);
  }

  get port(): number {
    return portOf(this.#server);
  }

  /** For `--roles-anywhere-endpoint`. */
  get endpoint(): string {
    return `https://localhost:${this.port}`;
  }

  forgetRequests(): void {
    this.requests.length = 0;
  }

  async close(): Promise<void> {
    this.#stopping.abort();
    await closeAtOnce(this.#server);
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const raw: RawRequest = {
      method: request.method ?? '',
      target: request.url ?? '',
      rawHeaders: request.rawHeaders,
      body: await buffer(request),
    };
    const record: RolesAnywhereRequest = {
      requestId: randomUUID(),
      time: this.#now(),
      method: raw.method,
      path: raw.target.replace(/\?.*/s, ''),
    };
    this.requests.push(record);
    const fault = this.faults.next();
    if (fault !== undefined) record.fault = fault;
    const reply = this.#replyInstead(record) ?? this.#answer(raw, record);
    record.status = reply.status;
    await deliver(response, reply, fault, { now: this.#now(), signal: this.#stopping.signal });
  }

  #answer(raw: RawRequest, record: RolesAnywhereRequest): Reply {
    if (record.path !== '/sessions' || record.method !== 'POST') return this.#notFound(record);
    const decision = this.#decide(raw, record);
    return decision.kind === 'refused' ? this.#refuse(record, decision) : this.#grant(record, decision);
  }

  #decide(raw: RawRequest, record: RolesAnywhereRequest): RolesAnywhereDecision {
    try {
      const scope = { region: this.region, toleratedSkewMs: this.toleratedSkewMs };
      const signer = verifyX509Signature(raw, scope, this.#now());
      record.serialNumber = signer.leaf.serialNumber.toLowerCase();
      return this.registry.decide(sessionAsked(raw), signer, this.#now());
    } catch (error) {
      if (error instanceof SignatureRefused) return refused(403, 'AccessDeniedException', error.message);
      if (error instanceof ValidationRefused) return refused(400, 'ValidationException', error.message);
      throw error;
    }
  }

  #grant(record: RolesAnywhereRequest, granted: Extract<RolesAnywhereDecision, { kind: 'granted' }>): Reply {
    const { role, sessionName, tags, sourceIdentity, durationSeconds } = granted;
    record.sessionName = sessionName;
    const roleName = role.arn.replace(/^.*\//, '');
    const { expiration, ...keys } = this.#sessions.issue({
      roleName,
      sessionName,
      tags,
      context: { 'aws:SourceIdentity': sourceIdentity },
      policies: role.policies,
      durationSeconds: record.fault?.kind === 'expired' ? -60 : durationSeconds,
    });
    const session = {
      assumedRoleUser: {
        arn: `arn:aws:sts::${this.#sessions.accountId}:assumed-role/${roleName}/${sessionName}`,
        assumedRoleId: `${roleId}:${sessionName}`,
      },
      credentials: { ...keys, expiration: wholeSeconds(expiration) },
      packedPolicySize: 46,
      roleArn: role.arn,
      sourceIdentity,
    };
    const subjectArn = `arn:aws:rolesanywhere:${this.region}:${this.#sessions.accountId}:subject/${randomUUID()}`;
    return json(record, 201, { credentialSet: [session], subjectArn });
  }

  /** The answer of a request that is not looked at. */
  #replyInstead(record: RolesAnywhereRequest): Reply | undefined {
    const { fault } = record;
    if (fault?.kind === 'refuse') {
      const { status, errorType = typeOf(status), message = 'Internal Failure', headers } = fault;
      const reply = this.#refuse(record, refused(status, errorType, message));
      return { ...reply, headers: { ...reply.headers, ...headers } };
    }
    if (fault?.kind === 'page') {
      const { status, body = '<html><body>Sign in to the network</body></html>' } = fault;
      return { status, headers: { 'Content-Type': 'text/html' }, body };
    }
    if (fault?.kind === 'other json') return json(record, 201, fault.body);
    return fault?.kind === 'data endpoint' ? this.#notFound(record) : undefined;
  }

  #refuse(record: RolesAnywhereRequest, { status, errorType, message }: RolesAnywhereRefusal): Reply {
    record.message = message;
    const reply = json(record, status, { [this.messageMember]: message });
    // AWS's gateways put a URI after the name.
    const header = `${errorType}:http://internal.amazon.com/coral/com.amazon.coral.service/`;
    return { ...reply, headers: { ...reply.headers, 'x-amzn-ErrorType': header } };
  }

  #notFound(record: RolesAnywhereRequest): Reply {
    return this.#refuse(record, refused(404, 'UnknownOperationException', 'The operation is not known here'));
  }
}

/** What AWS calls it where a test does not say. */
function typeOf(status: number): string {
  return status === 429 ? 'ThrottlingException' : 'InternalServerException';
}

function refused(status: number, errorType: string, message: string): RolesAnywhereRefusal {
  return { kind: 'refused', status, errorType, message };
}

function json(record: RolesAnywhereRequest, status: number, body: unknown): Reply {
  const headers = { 'Content-Type': 'application/json', 'x-amzn-RequestId': record.requestId };
  return { status, headers, body: JSON.stringify(body) };
}
