import { setClock } from '../core/clock-offset.ts';
import { type IotVerdict, judgeIotAnswer } from '../core/iot-answer.ts';
import { iotRequest } from '../core/iot-request.ts';
import type { AwsCredentials, Clock, CredentialsSource, Log, Random } from '../ports.ts';
import { amazonRoots } from './amazon-roots.ts';
import { type DeviceFiles, readDeviceKey } from './device-key.ts';
import { type HttpAnswer, type HttpClient, HttpFailure, makeHttpClient } from './http.ts';
import { iotFailure } from './iot-failure.ts';
import { type Attempt, retrying } from './retry.ts';
import { readRoots } from './roots-file.ts';

export interface IotCredentialsOptions extends DeviceFiles {
  /** `host`, `host:port` or an `https://` URL. */
  readonly endpoint: string;
  readonly roleAlias: string;
  readonly thingName?: string;
  /** PEM of the roots to trust instead of Amazon's. */
  readonly caFile?: string;
  readonly httpsProxy?: string;
  readonly noProxy?: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/** An attempt takes ten seconds at most and none begins after twenty: all is over within thirty. */
const attemptMs = 10_000;
const backoff = { firstMs: 500, capMs: 5000, giveUpAfterMs: 20_000, attempts: 4 };

/** A session's credentials take about 1.1 kB. */
const answerCap = 64 * 1024;

/**
 * Credentials from the AWS IoT credentials provider, by the host's device certificate. Files are read anew at each
 * call, so that a replaced device certificate is used from the next session on. Nothing is cached here: callers keep
 * what they get until its expiration.
 *
 * @throws LanacmeError `config.invalid-value` at once for an endpoint, alias or thing name that cannot work.
 */
export function makeIotCredentials(options: IotCredentialsOptions): CredentialsSource {
  const request = iotRequest(options);
  const question = { ...options, host: new URL(request.url).host };
  const judge = (answer: HttpAnswer): IotVerdict => judgeIotAnswer(answer, question, options.clock.now());
  return async (signal) => {
    const http = await connect(options);
    try {
      return await retrying(
        async () =>
          await attempt(
            async () => judge(await http.request({ method: 'GET', ...request, signal, maxBytes: answerCap })),
            options.log,
          ),
        { ...options, backoff },
        signal,
      );
    } finally {
      await http.close();
    }
  };
}

/** A client for one exchange: the certificate belongs to the connection, so it is never shared with other requests. */
async function connect(options: IotCredentialsOptions): Promise<HttpClient> {
  const { caFile, httpsProxy, noProxy } = options;
  const device = await readDeviceKey(options, options.clock.now());
  return makeHttpClient({
    ...device,
    onlyRoots: caFile === undefined ? amazonRoots : await readRoots(caFile, '--iot-ca', options),
    ...(httpsProxy === undefined ? {} : { httpsProxy }),
    ...(noProxy === undefined ? {} : { noProxy }),
    connectTimeoutMs: attemptMs,
    headersTimeoutMs: attemptMs,
    totalTimeoutMs: attemptMs,
    connections: 1,
  });
}

async function attempt(ask: () => Promise<IotVerdict>, log: Log): Promise<Attempt<AwsCredentials>> {
  const verdict = await ask().catch(judgeFailure);
  switch (verdict.kind) {
    case 'credentials':
      if (verdict.clock !== undefined) log.warn(verdict.clock, { hint: setClock });
      return { kind: 'done', value: verdict.credentials };
    case 'retry':
      return { kind: 'passing', error: verdict.error };
    case 'failed':
      throw verdict.error;
  }
}

function judgeFailure(thrown: unknown): IotVerdict {
  if (thrown instanceof HttpFailure) return iotFailure(thrown);
  throw thrown;
}
