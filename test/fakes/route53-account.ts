import type { AwsOperation } from '../../src/core/aws-operation.ts';
import { type CallPorts, makeCall } from '../../src/io/route53-calls.ts';
import { makeSender } from '../../src/io/route53-sender.ts';
import { untilDenied } from '../../src/io/until-denied.ts';
import type { Clock, Random, Route53 } from '../../src/ports.ts';
import { TokenBucket } from '../world/route53-faults.ts';
import type { ZoneStore } from '../world/zone-store.ts';
import { FakeRoute53 } from './route53.ts';

/** One answer, as the account saw it. */
export interface AccountAnswer {
  readonly host: string;
  readonly operation: AwsOperation['name'];
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Of a refusal. */
  readonly code?: string;
}

export interface AccountOptions {
  readonly zones: ZoneStore;
  readonly clock: Clock;
  readonly random: Random;
  /** Requests, of all hosts together. */
  readonly perSecond: number;
  readonly mayList: boolean;
}

const burst = 5;
const latencyMs = { least: 20, most: 200 };
/** How long a zone is busy with a change. */
const busyMs = 10;

/**
 * The Route 53 of an account, which all its hosts ask over a network that takes its time: one rate limit for all of them,
 * one change at a time in a zone. In front of it stand lanacme's own pace and retries.
 */
export class FakeAccount {
  readonly answers: AccountAnswer[] = [];
  readonly #options: AccountOptions;
  readonly #bucket: TokenBucket;
  #busyUntil = -Infinity;

  constructor(options: AccountOptions) {
    this.#options = options;
    this.#bucket = new TokenBucket(options.perSecond, burst, () => options.clock.now());
  }

  /** The port, as a process on this host has it. */
  connect(host: string, ports: CallPorts): Route53 {
    const behind = new FakeRoute53(this.#options.zones);
    const nothing = async (): Promise<void> => {
      await Promise.resolve();
    };
    const call = makeCall({ signIn: nothing, renew: nothing }, ports);
    const send = makeSender(call);
    const ask = async <T>(operation: AwsOperation, signal: AbortSignal, work: () => Promise<T>): Promise<T> =>
      await call(operation, signal, async () => await this.#ask(host, operation.name, signal, work));
    return {
      signIn: nothing,
      hostedZones: async (name, signal) =>
        await ask({ name: 'ListHostedZonesByName' }, signal, async () => await behind.hostedZones(name)),
      recordSets: untilDenied(
        async (zoneId, name, signal) =>
          await ask(
            { name: 'ListResourceRecordSets', zoneId },
            signal,
            async () => await behind.recordSets(zoneId, name),
          ),
      ),
      change: async (batch, signal) =>
        await send(batch, signal, async () => {
          const work = async () => await behind.change(batch);
          return await this.#ask(host, 'ChangeResourceRecordSets', signal, work);
        }),
      isInSync: async (changeId, signal) =>
        await ask({ name: 'GetChange', changeId }, signal, async () => await behind.isInSync(changeId)),
      close: nothing,
    };
  }

  async #ask<T>(
    host: string,
    operation: AwsOperation['name'],
    signal: AbortSignal,
    work: () => Promise<T>,
  ): Promise<T> {
    const { clock, random } = this.#options;
    const oneWayMs = (latencyMs.least + random.number() * (latencyMs.most - latencyMs.least)) / 2;
    await clock.sleep(oneWayMs, signal);
    const at = clock.now().getTime();
    const refusal = this.#refusal(operation, at);
    const value = refusal === undefined ? await work() : undefined;
    const code = refusal ?? (isRefused(value) ? 'InvalidChangeBatch' : undefined);
    this.answers.push({ host, operation, at, ...(code === undefined ? {} : { code }) });
    await clock.sleep(oneWayMs, signal);
    if (refusal !== undefined) throw awsError(refusal);
    return value as T;
  }

  #refusal(operation: AwsOperation['name'], at: number): string | undefined {
    if (!this.#bucket.take()) return 'Throttling';
    if (operation === 'ListResourceRecordSets' && !this.#options.mayList) return 'AccessDenied';
    if (operation !== 'ChangeResourceRecordSets') return undefined;
    if (at < this.#busyUntil) return 'PriorRequestNotComplete';
    this.#busyUntil = at + busyMs;
    return undefined;
  }
}

function isRefused(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'refused';
}

/** As the AWS SDK throws it. */
function awsError(code: string): Error {
  const error = new Error(code);
  error.name = code;
  const httpStatusCode = code === 'AccessDenied' ? 403 : 400;
  return Object.assign(error, { $fault: 'client', $metadata: { httpStatusCode } });
}
