import { type ErrorCode, LanacmeError } from '../errors.ts';
import type { CredentialsAnswer } from './credentials-refusal.ts';
import { type IotQuestion, iotRefusal } from './iot-refusal.ts';
import { jsonMember, parseJson } from './json-text.ts';
import { judgeEnd, readSession, type SessionVerdict } from './session-answer.ts';

export type IotVerdict = SessionVerdict;

/** Judges an answer. The body of a 200 holds secrets: no error repeats any of it. */
export function judgeIotAnswer(answer: CredentialsAnswer, question: IotQuestion, now: Date): IotVerdict {
  if (answer.status === 200) return judgeCredentials(answer, question, now);
  return iotRefusal(answer, question, now);
}

function judgeCredentials(
  answer: CredentialsAnswer,
  { host, roleAlias }: IotQuestion,
  now: Date,
): IotVerdict {
  const credentials = readSession(
    jsonMember(parseJson(new TextDecoder().decode(answer.body)), 'credentials'),
  );
  if (credentials === undefined) {
    return failed('credentials.bad-answer', `the answer of ${host} holds no credentials`, {
      hint: 'something else answers in the place of the AWS IoT credentials provider: check --iot-endpoint and any proxy in between',
    });
  }
  return judgeEnd(credentials, `the role alias '${roleAlias}'`, answer, now);
}

function failed(code: ErrorCode, message: string, facts: { readonly hint: string }): IotVerdict {
  return { kind: 'failed', error: new LanacmeError(code, message, facts) };
}
