import { type IotVerdict, judgeIotAnswer } from '../core/iot-answer.ts';
import { iotRequest } from '../core/iot-request.ts';
import type { Clock, CredentialsSource, Log, Random } from '../ports.ts';
import { amazonRoots } from './amazon-roots.ts';
import { askForSession, connectForSession } from './ask-for-session.ts';
import { type DeviceFiles, readDeviceKey } from './device-key.ts';
import type { HttpAnswer, HttpClient } from './http.ts';
import { iotFailure } from './iot-failure.ts';
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
      const ask = async () =>
        judge(await http.request({ method: 'GET', ...request, signal, maxBytes: answerCap }));
      return await askForSession({ ...options, ask, judgeFailure: iotFailure }, signal);
    } finally {
      await http.close();
    }
  };
}

async function connect(options: IotCredentialsOptions): Promise<HttpClient> {
  const { caFile } = options;
  const device = await readDeviceKey(options, options.clock.now());
  const onlyRoots = caFile === undefined ? amazonRoots : await readRoots(caFile, '--iot-ca', options);
  return connectForSession({ ...device, onlyRoots }, options);
}
