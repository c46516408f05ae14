/** How the services that trade an identity for credentials say no: one reader, a table of rows for each of them. */
import { type ErrorCode, type ErrorFacts, LanacmeError } from '../errors.ts';
import { jsonMember, parseJson } from './json-text.ts';
import { retryAfterMs } from './retry-after.ts';
import { rfc3339 } from './rfc3339.ts';

/** What such a service sent back. */
export interface CredentialsAnswer {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

export type CredentialsRefusal =
  /** Nothing will change by asking again. */
  | { readonly kind: 'failed'; readonly error: LanacmeError }
  /** Worth asking again; the error is for when that is over. */
  | {
      readonly kind: 'retry';
      readonly error: LanacmeError;
      /** How long the service wants to be left alone at least, if it says so. */
      readonly afterMs?: number;
    };

/** The refusal as it was sent. */
export interface Refusal {
  readonly status: number;
  /** Of the JSON body, capped; empty if there is none. */
  readonly message: string;
  /** Without namespace and link. */
  readonly errorType: string | undefined;
  readonly requestId: string | undefined;
}

/** One refusal that is known; `Question` is what was asked, as messages name it. */
export interface RefusalRow<Question> {
  readonly code: ErrorCode;
  readonly retry?: true;
  fits(refusal: Refusal, question: Question): boolean;
  message(question: Question, refusal: Refusal): string;
  hint(question: Question): string;
}

/** The first row that fits, as a typed error; the last one has to fit everything. */
export function refusalByRows<Question>(
  rows: readonly RefusalRow<Question>[],
  answer: CredentialsAnswer,
  question: Question,
  now: Date,
): CredentialsRefusal {
  const refusal = readRefusal(answer);
  const row = rows.find((candidate) => candidate.fits(refusal, question));
  if (row === undefined) throw new Error('no row fits, not even the last');
  const facts = { hint: row.hint(question), details: refusalDetails(refusal) };
  const failure = (more: Partial<ErrorFacts> = {}) =>
    new LanacmeError(row.code, row.message(question, refusal), { ...facts, ...more });
  if (row.retry !== true) return { kind: 'failed', error: failure() };
  const afterMs = retryAfterMs(answer.headers['retry-after'], now);
  if (afterMs === undefined) return { kind: 'retry', error: failure() };
  const retryAt = new Date(now.getTime() + afterMs);
  const details = [...facts.details, `it asks to be left alone until ${rfc3339(retryAt)}`];
  return { kind: 'retry', error: failure({ details, retryAt }), afterMs };
}

/** The refusal in an answer other than 2xx. */
function readRefusal({ status, headers, body }: CredentialsAnswer): Refusal {
  return {
    status,
    message: messageOf(body),
    errorType: errorTypeOf(headers['x-amzn-errortype'] ?? bodyType(body)),
    requestId: headers['x-amzn-requestid']?.slice(0, 200),
  };
}

/**
 * Proxies answer in HTML, gateways in plain text: those words help too, if they are few. Of JSON the message alone: the
 * rest may be secret, whatever the status.
 */
function messageOf(body: Uint8Array): string {
  const text = new TextDecoder().decode(body.subarray(0, 4096)).trim();
  const parsed = parseJson(text);
  const message =
    jsonMember(parsed, 'message') ?? jsonMember(parsed, 'Message') ?? (/^[[{"]/.test(text) ? '' : text);
  return typeof message === 'string' ? message.trim().slice(0, 300) : '';
}

/** What was sent back, for the lines under a message. */
function refusalDetails({ status, message, errorType, requestId }: Refusal): readonly string[] {
  return [
    `status ${status}${errorType === undefined ? '' : `, ${errorType}`}${message === '' ? '' : `: ${message}`}`,
    ...(requestId === undefined ? [] : [`request id ${requestId}`]),
  ];
}

/** Where a service puts the type into the body, it is `__type` or `code` (AWS restJson1, "Operation error serialization"). */
function bodyType(body: Uint8Array): string | undefined {
  const parsed = parseJson(new TextDecoder().decode(body.subarray(0, 4096)));
  const type = jsonMember(parsed, '__type') ?? jsonMember(parsed, 'code');
  return typeof type === 'string' ? type : undefined;
}

/** `NAMESPACE#Type:LINK` */
function errorTypeOf(text: string | undefined): string | undefined {
  return text?.replace(/:.*$/s, '').replace(/^.*#/s, '').slice(0, 200);
}
