/**
 * AWS credentials in the forms that other programs take: the external process of the AWS SDKs
 * (https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html), a shell, JSON.
 */
import { type ErrorCode, LanacmeError } from '../errors.ts';
import { safeJson } from './escape.ts';
import { rfc3339 } from './rfc3339.ts';

/** As the port has them: what does not end has no expiration, and no token if it belongs to a user of IAM. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  readonly expiration?: Date;
}

/** The forms that are text of their own; `file` is a section in a file of others. */
export type TextFormat = 'process' | 'env' | 'json';

/** In the words that AWS STS answers with. */
export interface CredentialsDocument {
  readonly AccessKeyId: string;
  readonly SecretAccessKey: string;
  readonly SessionToken?: string;
  /** RFC 3339 UTC; absent where the credentials do not end. */
  readonly Expiration?: string;
}

/** What an external process prints. */
export interface ProcessDocument extends CredentialsDocument {
  /** The only version that there is. */
  readonly Version: 1;
}

/**
 * The text to print, or to write to a file of its own; it ends with a line end.
 *
 * @throws LanacmeError `credentials.bad-answer` as `credentialsDocument` does.
 */
export function formatCredentials(credentials: Credentials, format: TextFormat): string {
  switch (format) {
    case 'process':
      return `${safeJson(processDocument(credentials))}\n`;
    case 'json':
      return `${safeJson(credentialsDocument(credentials))}\n`;
    case 'env':
      return environmentLines(credentialsDocument(credentials));
  }
}

export function processDocument(credentials: Credentials): ProcessDocument {
  return { Version: 1, ...credentialsDocument(credentials) };
}

/**
 * @throws LanacmeError `credentials.bad-answer` for what no AWS credentials can be: a line end in one of them would be a
 * line of its own in a file, and an empty one would make a program ask elsewhere who it is.
 */
export function credentialsDocument(credentials: Credentials): CredentialsDocument {
  const { accessKeyId, secretAccessKey, sessionToken, expiration } = credentials;
  const texts = [accessKeyId, secretAccessKey, ...(sessionToken === undefined ? [] : [sessionToken])];
  if (!texts.every((text) => /^[!-~]+$/.test(text))) throw notCredentials();
  return {
    AccessKeyId: accessKeyId,
    SecretAccessKey: secretAccessKey,
    ...(sessionToken === undefined ? {} : { SessionToken: sessionToken }),
    ...(expiration === undefined ? {} : { Expiration: rfc3339(expiration) }),
  };
}

/** The variables of `aws configure export-credentials`, for `eval` in sh. What a session before has left is unset. */
function environmentLines(document: CredentialsDocument): string {
  const variables = [
    ['AWS_ACCESS_KEY_ID', document.AccessKeyId],
    ['AWS_SECRET_ACCESS_KEY', document.SecretAccessKey],
    ['AWS_SESSION_TOKEN', document.SessionToken],
    ['AWS_CREDENTIAL_EXPIRATION', document.Expiration],
  ] as const;
  return variables
    .map(([name, value]) => (value === undefined ? `unset ${name}\n` : `export ${name}=${quoted(value)}\n`))
    .join('');
}

/** For sh: everything between single quotes is what it is. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

function notCredentials(): LanacmeError {
  const code: ErrorCode = 'credentials.bad-answer';
  return new LanacmeError(code, 'what came are no AWS credentials: a part is empty or holds odd characters', {
    hint: 'find out what answers in the place of AWS: check --credentials, the endpoint and any proxy in between',
  });
}
