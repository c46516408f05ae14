import type { AwsOperation, AwsRefusal } from '../core/aws-operation.ts';
import { type AwsVerdict, judgeAwsRefusal } from '../core/aws-refusal.ts';
import { jsonMember } from '../core/json-text.ts';
import { type ErrorCode, LanacmeError } from '../errors.ts';
import { HttpFailure } from './http-failure.ts';
import { IncompleteAnswer } from './route53-answers.ts';

/** Judges what a call of the SDK threw. What is neither AWS's answer nor the network's failure is thrown again. */
export function judgeAwsFailure(thrown: unknown, operation: AwsOperation, now: Date): AwsVerdict {
  if (thrown instanceof HttpFailure) return judgeNetwork(thrown);
  const refusal = readAwsRefusal(thrown);
  if (refusal === undefined) throw thrown;
  return judgeAwsRefusal({ ...refusal, ...clockOffset(thrown, now) }, operation);
}

/** The refusal inside an error of the SDK; nothing if there was no answer of a server. */
export function readAwsRefusal(thrown: unknown): AwsRefusal | undefined {
  if (thrown instanceof IncompleteAnswer) return { status: 200, message: thrown.message, batchMessages: [] };
  const metadata = jsonMember(thrown, '$metadata');
  const status = jsonMember(metadata, 'httpStatusCode');
  if (!(thrown instanceof Error) || typeof status !== 'number') return undefined;
  const requestId = jsonMember(metadata, 'requestId');
  const batchMessages = batchMessagesOf(thrown);
  return {
    status,
    message: wordsOf(thrown),
    batchMessages,
    ...codeOf(thrown, batchMessages),
    ...(typeof requestId === 'string' ? { requestId } : {}),
  };
}

/** Its exceptions are named after the code; an answer that was not XML has none, and one in another form is `Unknown`. */
function codeOf(thrown: Error, batchMessages: readonly string[]): { readonly code?: string } {
  if (batchMessages.length > 0) return { code: 'InvalidChangeBatch' };
  const isModelled = jsonMember(thrown, '$fault') !== undefined && thrown.name !== 'Unknown';
  return isModelled ? { code: thrown.name } : {};
}

/** `<InvalidChangeBatch><Messages>` as its own root is not in the SDK's model: its members are on the error as they were. */
function batchMessagesOf(thrown: Error): readonly string[] {
  const raw = jsonMember(jsonMember(thrown, 'Messages'), 'Message');
  const modelled = jsonMember(thrown, 'messages');
  return [raw, modelled].flat().filter((message) => typeof message === 'string');
}

/** The SDK adds words about its own internals to a message about bad XML. */
function wordsOf({ message }: Error): string {
  const words = message.split('\n', 1)[0] ?? '';
  return words === 'UnknownError' ? '' : words;
}

function clockOffset(thrown: unknown, now: Date): { readonly clockOffsetMs?: number } {
  const headers = jsonMember(jsonMember(thrown, '$response'), 'headers');
  const date = new Date(String(jsonMember(headers, 'date')));
  return Number.isNaN(date.getTime()) ? {} : { clockOffsetMs: date.getTime() - now.getTime() };
}

const networkHint = 'check the network of this host, its firewall (TCP 443 outwards) and HTTPS_PROXY';
const trustHint =
  'if a proxy opens TLS on the way, or the endpoint is not of AWS, give its root certificates with AWS_CA_BUNDLE; check also the clock of this host';

/** A batch whose answer was lost may have been applied: the same batch again is then refused, and says so. */
function judgeNetwork(failure: HttpFailure): AwsVerdict {
  switch (failure.kind) {
    case 'reset':
    case 'timeout':
    case 'cut-off':
      return { kind: 'retry', error: unreachable(failure, networkHint) };
    case 'untrusted':
      return { kind: 'failed', error: unreachable(failure, trustHint, 'route53.server-untrusted') };
    case 'too-large':
      return {
        kind: 'failed',
        error: unreachable(failure, 'check AWS_ENDPOINT_URL_ROUTE_53', 'route53.bad-answer'),
      };
    case 'dns':
    case 'refused':
    case 'unreachable':
    case 'tls':
    case 'aborted':
      return { kind: 'failed', error: unreachable(failure, networkHint) };
  }
}

function unreachable(
  failure: HttpFailure,
  hint: string,
  code: ErrorCode = 'route53.unreachable',
): LanacmeError {
  return new LanacmeError(code, failure.message, { hint, cause: failure });
}
