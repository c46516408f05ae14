import { badAnswer } from '../core/acme-member.ts';
import { problemError } from '../core/acme-problem.ts';
import { problemOfAnswer } from '../core/acme-problem-document.ts';
import { retryAfterMs } from '../core/retry-after.ts';
import type { Clock } from '../ports.ts';
import { acmeFailure } from './acme-failure.ts';
import type { LibraryAnswer } from './acme-library.ts';
import { HttpFailure } from './http.ts';

/** What a request was about, for messages. */
export interface RequestSubject {
  readonly url: string;
  /** `the order for a.lan.example`. */
  readonly asked: string;
  readonly accountUrl?: string;
}

/** The answer to a request if it is a good one; a refusal or no answer at all is thrown as a LanacmeError. */
export async function goodAnswer(
  subject: RequestSubject,
  clock: Clock,
  ask: () => Promise<LibraryAnswer>,
): Promise<LibraryAnswer> {
  const answer = await ask().catch((error: unknown) => {
    throw error instanceof HttpFailure ? acmeFailure(error, subject.asked) : error;
  });
  // Redirects are no answers: every URL of ACME is meant as it is written.
  if (answer.status >= 200 && answer.status < 300) return answer;
  throw refusal(answer, subject, clock.now());
}

function refusal({ status, headers, data }: LibraryAnswer, subject: RequestSubject, now: Date): Error {
  const { url, asked, accountUrl } = subject;
  const wait = retryAfterMs(headers['retry-after'], now);
  return problemError(problemOfAnswer(status, data), {
    ca: new URL(url).host,
    asked,
    now,
    ...(wait === undefined ? {} : { retryAt: new Date(now.getTime() + wait) }),
    ...(accountUrl === undefined ? {} : { accountUrl }),
  });
}

/** The JSON of a good answer: parsed by the transport if the CA called it that. */
export function jsonOf({ data, headers }: LibraryAnswer, url: string): unknown {
  if (typeof data !== 'string') return data;
  throw badAnswer(`${url} came as ${headers['content-type'] ?? 'no content type'}, not as application/json`);
}
