import { type ErrorCode, LanacmeError } from '../errors.ts';
import { clockOffsetMs, offsetWords, setClock, toleratedOffsetMs } from './clock-offset.ts';
import { type IotAnswer, type IotQuestion, type IotRefusal, iotRefusal } from './iot-refusal.ts';
import { jsonMember, parseJson } from './json-text.ts';
import { rfc3339 } from './rfc3339.ts';

export interface SessionCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly expiration: Date;
}

export type IotVerdict =
  | {
      readonly kind: 'credentials';
      readonly credentials: SessionCredentials;
      /** What is wrong with this host's clock, if it is noticeably off. */
      readonly clock?: string;
    }
  | IotRefusal;

/** Judges an answer. The body of a 200 holds secrets: no error repeats any of it. */
export function judgeIotAnswer(answer: IotAnswer, question: IotQuestion, now: Date): IotVerdict {
  if (answer.status === 200) return judgeCredentials(answer, question, now);
  return iotRefusal(answer, question);
}

function judgeCredentials(answer: IotAnswer, { host, roleAlias }: IotQuestion, now: Date): IotVerdict {
  const credentials = readCredentials(answer.body);
  if (credentials === undefined) {
    return failed('credentials.bad-answer', `the answer of ${host} holds no credentials`, {
      hint: 'something else answers in the place of the AWS IoT credentials provider: check --iot-endpoint and any proxy in between',
    });
  }
  const offset = clockOffsetMs(answer.headers['date'], now);
  if (credentials.expiration > now) return { kind: 'credentials', credentials, ...clockWarning(offset) };
  return failed(
    'credentials.already-expired',
    `the credentials for the role alias '${roleAlias}' ended before they came`,
    {
      hint: clockHint(offset, now),
    },
  );
}

function readCredentials(body: Uint8Array): SessionCredentials | undefined {
  const found = jsonMember(parseJson(new TextDecoder().decode(body)), 'credentials');
  const accessKeyId = secret(jsonMember(found, 'accessKeyId'));
  const secretAccessKey = secret(jsonMember(found, 'secretAccessKey'));
  const sessionToken = secret(jsonMember(found, 'sessionToken'));
  const expiration = instant(jsonMember(found, 'expiration'));
  if (accessKeyId === undefined || secretAccessKey === undefined) return undefined;
  if (sessionToken === undefined || expiration === undefined) return undefined;
  return { accessKeyId, secretAccessKey, sessionToken, expiration };
}

/** Printable ASCII without spaces: what can stand in a header. */
function secret(value: unknown): string | undefined {
  return typeof value === 'string' && /^[!-~]{1,65536}$/.test(value) ? value : undefined;
}

/** RFC 3339. */
function instant(value: unknown): Date | undefined {
  if (typeof value !== 'string' || !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(value))
    return undefined;
  const date = new Date(value);
  return Number.isNaN(date.getTime()) ? undefined : date;
}

/** A busy server and a slow line are late by seconds. */
const noticeableMs = 60_000;

function clockWarning(offset: number | undefined): { readonly clock?: string } {
  if (offset === undefined || Math.abs(offset) < noticeableMs) return {};
  const limit = `Route 53 refuses requests that are more than ${toleratedOffsetMs / 60_000} minutes off`;
  return { clock: `the clock of this host is ${offsetWords(offset)} by the clock of AWS; ${limit}` };
}

function clockHint(offset: number | undefined, now: Date): string {
  const here = `the clock of this host says ${rfc3339(now)}`;
  if (offset === undefined) return `${here}: if that is wrong, ${setClock}`;
  if (Math.abs(offset) < noticeableMs)
    return `${here}, and so does AWS: run it again, and look at the session of the IAM role if it stays so`;
  const there = rfc3339(new Date(now.getTime() + offset));
  return `${here}, AWS says ${there}, so it is ${offsetWords(offset)}: ${setClock}`;
}

function failed(code: ErrorCode, message: string, facts: { readonly hint: string }): IotVerdict {
  return { kind: 'failed', error: new LanacmeError(code, message, facts) };
}
