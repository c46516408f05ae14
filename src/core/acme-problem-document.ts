import { isObject, optional } from './acme-member.ts';
import type { AcmeProblem } from './acme-objects.ts';

/** More subproblems than names in the largest order are no explanation. */
const mostSubproblems = 200;

/** A problem document as ours. Never throws: whatever a CA says of a failure is better than nothing. */
export function parseProblem(json: unknown): AcmeProblem {
  const problem = isObject(json) ? json : {};
  const { type, detail, title, status, identifier, instance, subproblems } = problem;
  return {
    type: typeof type === 'string' ? type : 'about:blank',
    detail: [detail, title].find((text) => typeof text === 'string') ?? '',
    ...optional('status', typeof status === 'number' ? status : undefined, Number),
    ...optional('identifier', identifierName(identifier), String),
    ...optional('instance', typeof instance === 'string' ? instance : undefined, String),
    subproblems: Array.isArray(subproblems)
      ? subproblems.slice(0, mostSubproblems).map((sub) => ({ ...parseProblem(sub), subproblems: [] }))
      : [],
  };
}

/** What an answer with an error status says: its problem document, or the beginning of whatever else came. */
export function problemOfAnswer(status: number, data: unknown): AcmeProblem {
  if (isObject(data)) return { ...parseProblem(data), status };
  const said =
    typeof data === 'string'
      ? data
          .replace(/<[^>]*>|\s+/g, ' ')
          .trim()
          .slice(0, 200)
      : '';
  const detail = `it answered with status ${status}${said === '' ? '' : `: ${said}`}`;
  return { type: 'about:blank', detail, status, subproblems: [] };
}

function identifierName(identifier: unknown): string | undefined {
  return isObject(identifier) && typeof identifier['value'] === 'string' ? identifier['value'] : undefined;
}
