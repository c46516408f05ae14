import { type ErrorFacts, LanacmeError } from '../errors.ts';
import type { AcmeAuthorization, AcmeProblem } from './acme-objects.ts';
import { challengeMeaningOf, meaningOf, type ProblemMeaning, shortType } from './acme-problem-types.ts';
import { caWait } from './acme-wait.ts';
import { escapeText } from './escape.ts';
import { rfc3339 } from './rfc3339.ts';

/** What was going on when the CA answered with a problem. */
export interface ProblemContext {
  /** Host of the CA. */
  readonly ca: string;
  /** What was asked of it: `the order for a.lan.example`. */
  readonly asked: string;
  /** When it answered. */
  readonly now: Date;
  /** From Retry-After: trying again before is pointless. */
  readonly retryAt?: Date;
  /** For the CAA record that would let us in (RFC 8657). */
  readonly accountUrl?: string;
}

/** Texts of a CA are cut after this many characters; a rate limit's is given whole. */
const longestText = 500;
const longestWaitText = 4000;

/**
 * A CA's refusal as an error of ours: one sentence in the CA's words, what to do, one detail line per subproblem.
 * A rate limit, or a server error with a Retry-After, ends the run with `wait`; the sentence then ends with the time.
 */
export function problemError(problem: AcmeProblem, context: ProblemContext): LanacmeError {
  const meaning = compoundMeaning(problem) ?? meaningOf(problem.type, problem.status);
  const said = sentenceOf(problem, meaning.code === 'acme.rate-limited' ? longestWaitText : longestText);
  const verb = meaning.code === 'acme.server-error' ? 'failed at' : 'refused';
  const wait = waiting(meaning, problem, context);
  return new LanacmeError(meaning.code, `${context.ca} ${verb} ${context.asked}: ${said}${wait.words}`, {
    hint: hintFor(meaning, problem, context),
    details: problem.subproblems.map((sub) => lineOf(sub, sub.identifier)),
    ...wait.facts,
  });
}

/**
 * The error for validations that failed: the authorizations that are not valid, each challenge's own problem and its
 * subproblems a line under the name they are about, by name. The first problem decides code and hint.
 */
export function challengeError(
  invalid: readonly AcmeAuthorization[],
  context: Pick<ProblemContext, 'ca' | 'accountUrl' | 'now'>,
): LanacmeError {
  const failed = [...invalid].sort(byName);
  const problems = failed.flatMap((authorization) =>
    authorization.challenges.flatMap(({ error }) => (error === undefined ? [] : [{ authorization, error }])),
  );
  const first = problems[0]?.error;
  const meaning =
    first === undefined ? undefined : (challengeCompoundMeaning(first) ?? challengeMeaningOf(first.type));
  const names = [...new Set(failed.map(shownName))].join(', ');
  const wait = meaning === undefined || first === undefined ? noWait : waiting(meaning, first, context);
  return new LanacmeError(
    meaning?.code ?? 'acme.challenge-failed',
    `${context.ca} could not validate ${names}${wait.words}`,
    {
      hint:
        meaning === undefined
          ? 'the authorization ended without a reason from the CA: run again'
          : hintFor(meaning, first, context),
      details: [
        ...problems.flatMap(({ authorization, error }) => problemLines(error, shownName(authorization))),
        ...failed
          .filter((authorization) => authorization.challenges.every(({ error }) => error === undefined))
          .map(
            (authorization) => `${shownName(authorization)}: the authorization is ${authorization.status}`,
          ),
      ],
      ...wait.facts,
    },
  );
}

/** A compound problem (RFC 8555 §6.7.1) means what all its subproblems mean, if they agree. */
function compoundMeaning(problem: AcmeProblem): ProblemMeaning | undefined {
  return agreed(problem, (sub) => meaningOf(sub.type, sub.status));
}

function challengeCompoundMeaning(problem: AcmeProblem): ProblemMeaning | undefined {
  return agreed(problem, (sub) => challengeMeaningOf(sub.type));
}

function agreed(
  problem: AcmeProblem,
  meaning: (sub: AcmeProblem) => ProblemMeaning,
): ProblemMeaning | undefined {
  if (shortType(problem.type) !== 'compound') return undefined;
  const [first, ...others] = problem.subproblems.map(meaning);
  return others.every(({ code }) => code === first?.code) ? first : undefined;
}

interface Waiting {
  readonly facts: Partial<ErrorFacts>;
  /** The end of the sentence. */
  readonly words: string;
}

const noWait: Waiting = { facts: {}, words: '' };

/** A server error is a reason to come back later only if the CA says when. */
function waiting(
  { code }: ProblemMeaning,
  problem: AcmeProblem,
  { retryAt, now }: Pick<ProblemContext, 'retryAt' | 'now'>,
): Waiting {
  const { until, isTold } = caWait(problem, retryAt, now);
  if (code !== 'acme.rate-limited' && !(code === 'acme.server-error' && isTold)) return noWait;
  const retryAgain = new Date(Math.ceil(until.getTime() / 1000) * 1000);
  const time = rfc3339(retryAgain);
  const words = isTold
    ? `; try again at ${time} or later`
    : `; it names no time: try again at ${time}, an hour from now`;
  return { facts: { outcome: 'wait', retryAt: retryAgain }, words };
}

function hintFor(
  meaning: ProblemMeaning,
  problem: AcmeProblem | undefined,
  context: Pick<ProblemContext, 'accountUrl'>,
): string {
  if (meaning.code === 'acme.caa' && context.accountUrl !== undefined) {
    return `${meaning.hint}: the account is accounturi=${context.accountUrl}`;
  }
  if (meaning.code === 'acme.user-action-required' && problem?.instance !== undefined) {
    return `open ${escapeText(problem.instance, longestText)}, do what it asks, then run again`;
  }
  return meaning.hint;
}

/** For sorting, since a CA names authorizations in any order: a name comes before its wildcard. */
export function byName(a: AcmeAuthorization, b: AcmeAuthorization): number {
  if (a.domain !== b.domain) return a.domain < b.domain ? -1 : 1;
  return Number(a.wildcard) - Number(b.wildcard);
}

function problemLines(problem: AcmeProblem, name: string): readonly string[] {
  return [lineOf(problem, name), ...problem.subproblems.map((sub) => lineOf(sub, sub.identifier ?? name))];
}

function lineOf(problem: AcmeProblem, name: string | undefined): string {
  const said = sentenceOf(problem, longestText);
  return name === undefined ? said : `${escapeText(name, longestText)}: ${said}`;
}

/** `detail (type)`, in the CA's own words; `about:blank` says nothing beyond the status (RFC 9457 §4.2.1). */
function sentenceOf(problem: AcmeProblem, longest: number): string {
  const type = escapeText(shortType(problem.type), 100);
  const detail = escapeText(problem.detail.trim(), longest);
  if (detail === '') return type;
  return type === 'about:blank' ? detail : `${detail} (${type})`;
}

/** What an authorization is for, as it was ordered: a wildcard's identifier has no `*.` (RFC 8555 §7.1.4). */
export function shownName({ domain, wildcard }: AcmeAuthorization): string {
  return wildcard ? `*.${domain}` : domain;
}
