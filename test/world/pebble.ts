/** Pebble, the real CA, on free ports of the loopback address. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePorts } from '../support/free-ports.ts';
import { type HttpsAnswer, httpsRequest } from '../support/https-request.ts';
import { makeTempFolder, type TempFolder } from '../support/temp-folder.ts';
import { type FoundPebble, findPebble, howToGetPebble } from './pebble-binary.ts';
import { runContainer } from './pebble-container.ts';
import { type AcmeRequest, requestInLog } from './pebble-log.ts';
import { type PebbleRun, type RunPebble, runProgram } from './pebble-run.ts';
import { makeCa } from './pki.ts';

export interface PebbleProfile {
  readonly description: string;
  /** Seconds. */
  readonly validityPeriod: number;
}

export interface PebbleOptions {
  /** `host:port` of the DNS server that it validates against, over UDP and TCP. */
  readonly dnsServer: string;
  /** Default true. */
  readonly strict?: boolean;
  /** Name to profile. Pebble takes one at random if an order names none: the default is a single one, of 90 days. */
  readonly profiles?: Readonly<Record<string, PebbleProfile>>;
  /** Over the deterministic settings: no nonce refused, no authorization reused, no pause before a validation. */
  readonly env?: Readonly<Record<string, string>>;
  /** Further members of Pebble's configuration file, such as `externalAccountMACKeys` or `domainBlocklist`. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** Default: what `findPebble` finds. */
  readonly from?: FoundPebble;
}

export interface RenewalInfoAnswer {
  readonly suggestedWindow: { readonly start: string; readonly end: string };
  readonly explanationURL?: string;
}

export interface Pebble {
  readonly directoryUrl: string;
  /** The root that its own TLS certificate chains to (`--server-ca`); what it issues has other roots. */
  readonly caPem: string;
  readonly managementUrl: string;
  readonly pid: number;
  /** Everything it has printed. */
  readonly log: readonly string[];
  /** The ACME requests answered since the start, in order, those that came before this call included. */
  requests(): Promise<readonly AcmeRequest[]>;
  /** The root of the certificates that it issues. */
  issuerRootPem(): Promise<string>;
  /** A GET or, with a body, a POST to its management interface; throws unless the answer is 200. */
  management(path: string, body?: unknown): Promise<string>;
  /** What it answers from now on when it is asked when to renew this certificate (RFC 9773 §4.2): JSON, or any text. */
  setRenewalInfo(certPem: string, answer: RenewalInfoAnswer | string): Promise<void>;
  stop(): Promise<void>;
}

/** Lifetimes as Let's Encrypt has them, each day a minute. */
export const minuteProfiles = {
  ninety: { description: 'ninety minutes', validityPeriod: 90 * 60 },
  'forty-five': { description: 'forty-five minutes', validityPeriod: 45 * 60 },
  six: { description: 'six minutes', validityPeriod: 6 * 60 },
} as const satisfies Readonly<Record<string, PebbleProfile>>;

const startLimitMs = 60_000;
const portTries = 5;

export async function startPebble(options: PebbleOptions): Promise<Pebble> {
  const found = options.from ?? (await findPebble());
  const [name, run] =
    'program' in found
      ? [found.program, runProgram(found.program)]
      : [found.image, runContainer(found.image)];
  const folder = await makeTempFolder('pebble');
  try {
    const ca = await makeCa({ commonName: 'Pebble TLS test CA' });
    const { certPem, keyPem } = await ca.issueServer({ names: ['localhost', '127.0.0.1'] });
    await writeFile(join(folder.path, 'tls-cert.pem'), certPem);
    await writeFile(join(folder.path, 'tls-key.pem'), keyPem, { mode: 0o600 });
    for (let left = portTries; ; left -= 1) {
      const started = await startOn(run, folder.path, options);
      const outcome = await waitUntilItAnswers(started, ca.certPem);
      if (outcome.kind === 'ready') return await pebbleOf(started, ca.certPem, folder);
      await started.run.stop();
      if (outcome.kind === 'failed' || left === 1) {
        throw new Error(`Pebble (${name}) did not start: ${outcome.reason}\n${started.run.log.join('\n')}`);
      }
    }
  } catch (error) {
    await folder.remove();
    throw error;
  }
}

interface StartedPebble {
  readonly run: PebbleRun;
  readonly directoryUrl: string;
  readonly managementUrl: string;
}

async function startOn(run: RunPebble, folder: string, options: PebbleOptions): Promise<StartedPebble> {
  const [acmePort = 0, managementPort = 0] = await freePorts(2);
  const configFile = join(folder, 'pebble.json');
  const config = {
    listenAddress: `127.0.0.1:${acmePort}`,
    managementListenAddress: `127.0.0.1:${managementPort}`,
    certificate: join(folder, 'tls-cert.pem'),
    privateKey: join(folder, 'tls-key.pem'),
    // Ports of http-01 and tls-alpn-01, which nobody here answers.
    httpPort: 5002,
    tlsPort: 5001,
    ocspResponderURL: '',
    externalAccountBindingRequired: false,
    retryAfter: { authz: 1, order: 1 },
    profiles: options.profiles ?? { default: { description: 'ninety days', validityPeriod: 90 * 24 * 3600 } },
    ...options.config,
  };
  await writeFile(configFile, JSON.stringify({ pebble: config }, null, 2));
  const args = ['-config', configFile, `-strict=${options.strict ?? true}`, '-dnsserver', options.dnsServer];
  const env = { PEBBLE_WFE_NONCEREJECT: '0', PEBBLE_AUTHZREUSE: '0', PEBBLE_VA_NOSLEEP: '1', ...options.env };
  return {
    run: await run(args, env, folder),
    directoryUrl: `https://localhost:${acmePort}/dir`,
    managementUrl: `https://localhost:${managementPort}`,
  };
}

type StartOutcome =
  | { readonly kind: 'ready' }
  | { readonly kind: 'port-taken' | 'failed'; readonly reason: string };

async function waitUntilItAnswers(
  { run, directoryUrl }: StartedPebble,
  caPem: string,
): Promise<StartOutcome> {
  const giveUpAt = Date.now() + startLimitMs;
  while (Date.now() < giveUpAt) {
    if (run.failure !== undefined) return { kind: 'failed', reason: run.failure };
    if (run.hasEnded) {
      const portTaken = run.log.some((line) => line.includes('address already in use'));
      return { kind: portTaken ? 'port-taken' : 'failed', reason: 'it ended at once' };
    }
    const answer = await httpsRequest(directoryUrl, { ca: caPem }).catch(() => undefined);
    if (answer?.status === 200) return judge(answer);
    await sleep(20);
  }
  return { kind: 'failed', reason: `no answer in ${startLimitMs / 1000} s` };
}

/** Whether it is new enough, by what it offers: distributions give it version numbers of their own. */
function judge(directory: HttpsAnswer): StartOutcome {
  const { renewalInfo, meta } = JSON.parse(directory.body) as {
    renewalInfo?: string;
    meta?: { profiles?: unknown };
  };
  if (renewalInfo !== undefined && meta?.profiles !== undefined) return { kind: 'ready' };
  const lacks = renewalInfo === undefined ? 'renewalInfo' : 'meta.profiles';
  return { kind: 'failed', reason: `it is too old, its directory has no ${lacks}; ${howToGetPebble}` };
}

async function pebbleOf(started: StartedPebble, caPem: string, folder: TempFolder): Promise<Pebble> {
  const { run, directoryUrl, managementUrl } = started;
  const { log } = run;

  const management = async (path: string, body?: unknown): Promise<string> => {
    const answer = await httpsRequest(`${managementUrl}${path}`, {
      ca: caPem,
      ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
    });
    if (answer.status !== 200) throw new Error(`Pebble ${path}: ${answer.status} ${answer.body}`);
    return answer.body;
  };

  let markers = 0;
  /**
   * Its log reaches us after its answers. So one more request, of a kind that no ACME client makes: once that is in the
   * log, so are all before it.
   */
  const catchUpWithLog = async (): Promise<void> => {
    markers += 1;
    const mine = markers;
    await httpsRequest(directoryUrl, { ca: caPem, method: 'HEAD' });
    const giveUpAt = Date.now() + startLimitMs;
    while (log.filter(isMarker).length < mine) {
      if (run.hasEnded || Date.now() > giveUpAt) throw new Error('Pebble does not log requests any more');
      await sleep(2);
    }
  };
  // The questions whether it is up are not the client's.
  await catchUpWithLog();
  const startOfItsLog = log.length;

  return {
    directoryUrl,
    caPem,
    managementUrl,
    pid: run.pid,
    log,
    async requests() {
      await catchUpWithLog();
      const lines = log.slice(startOfItsLog).filter((line) => !isMarker(line));
      return lines.flatMap((line) => requestInLog(line) ?? []);
    },
    async issuerRootPem() {
      return await management('/roots/0');
    },
    management,
    async setRenewalInfo(certPem, answer) {
      const text = typeof answer === 'string' ? answer : JSON.stringify(answer);
      await management('/set-renewal-info/', { Certificate: certPem, ARIResponse: text });
    },
    async stop() {
      await run.stop();
      await folder.remove();
    },
  };
}

function isMarker(line: string): boolean {
  return line.includes(' HEAD /dir ->');
}
