import { LanacmeError } from '../errors.ts';
import type { AwsOperation, AwsRefusal } from './aws-operation.ts';
import { rowOf } from './aws-refusal-rows.ts';
import { rightsLines } from './denied-rights.ts';
import { escapeText } from './escape.ts';

export interface AwsVerdict {
  /** `retry`: worth asking again; `new-session`: with other credentials, once; `failed`: never. */
  readonly kind: 'retry' | 'new-session' | 'failed';
  /** For when asking again is over. */
  readonly error: LanacmeError;
}

/**
 * What a refusal means and what to do about it. The code decides, not the status: Throttling and
 * PriorRequestNotComplete come with 400.
 */
export function judgeAwsRefusal(refusal: AwsRefusal, operation: AwsOperation): AwsVerdict {
  const { kind, code, what, hint } = rowOf(refusal);
  const error = new LanacmeError(code, `${what(operation)}: ${wordsOf(refusal)}`, {
    hint: hint(operation, refusal),
    details: detailsOf(refusal, operation),
  });
  return { kind, error };
}

/** What Route 53 has against the contents of a batch, in its words; nothing if the refusal is about something else. */
export function batchRefusalMessages({
  code,
  batchMessages,
  message,
}: AwsRefusal): readonly string[] | undefined {
  if (code !== 'InvalidChangeBatch') return undefined;
  return batchMessages.length > 0 ? batchMessages : [message];
}

function wordsOf({ status, code, message }: AwsRefusal): string {
  const said = message.trim();
  if (code !== undefined) return escapeText(said === '' ? code : said, 600);
  return `status ${status}${said === '' ? '' : `, ${escapeText(said, 300)}`}`;
}

/** More would push what AWS says off the screen. */
const mostChanges = 20;

/** AWS never says which condition failed, so the batch stands beside its words. */
function detailsOf(refusal: AwsRefusal, operation: AwsOperation): readonly string[] {
  const { status, code, requestId } = refusal;
  const changes = [...new Set(operation.changes?.map(({ action, set }) => `${action} TXT ${set.name}`))];
  const more = changes.length - mostChanges;
  return [
    ...changes.slice(0, mostChanges),
    ...(more > 0 ? [`and ${more} more`] : []),
    `status ${status}${code === undefined ? '' : `, ${escapeText(code, 100)}`}${requestId === undefined ? '' : `, request id ${escapeText(requestId, 100)}`}`,
    ...(rowOf(refusal).code === 'route53.access-denied' ? rightsLines(refusal.message, operation) : []),
  ];
}
