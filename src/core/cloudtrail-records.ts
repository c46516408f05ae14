import { jsonMember, parseJson } from './json-text.ts';

/** A list in a log file in a list: nothing that AWS gives out is wrapped more often. */
const mostWrappings = 4;

/** What was found, and whether it is of a form that can hold any number of records, none included. */
export interface CloudtrailRecords {
  readonly records: readonly unknown[];
  readonly mayBeNone: boolean;
}

/**
 * The records in what CloudTrail and the tools around it give out; undefined if the text is not JSON.
 *
 * One record, a list of them, a log file (`{"Records": […]}`), the answer of LookupEvents (`{"Events":
 * [{"CloudTrailEvent": "…"}]}`), an event of EventBridge (`{"detail": …}`); or several of these, each on a line of its
 * own or, as the AWS CLI writes lists with `--output text`, after a tab.
 */
export function cloudtrailRecords(text: string): CloudtrailRecords | undefined {
  const plain = text.replace(/^\uFEFF/, '');
  const json = parseJson(plain);
  if (json !== undefined) {
    return { records: unwrapped(json, mostWrappings), mayBeNone: listIn(json) !== undefined };
  }
  const parts = plain
    .split(/[\r\n\t]+/)
    .filter((part) => part.trim() !== '')
    .map(parseJson);
  if (parts.length < 2 || parts.includes(undefined)) return undefined;
  return { records: parts.flatMap((part) => unwrapped(part, mostWrappings)), mayBeNone: true };
}

function unwrapped(value: unknown, deeper: number): readonly unknown[] {
  const inside = insideOf(value);
  if (inside === undefined || deeper === 0) return [value];
  return inside.flatMap((one) => unwrapped(one, deeper - 1));
}

/** What a wrapping holds; undefined if the value is none. */
function insideOf(value: unknown): readonly unknown[] | undefined {
  if (typeof value === 'string') return [parseJson(value)];
  const wrapped = jsonMember(value, 'CloudTrailEvent') ?? jsonMember(value, 'detail');
  return listIn(value) ?? (wrapped === undefined ? undefined : [wrapped]);
}

function listIn(value: unknown): readonly unknown[] | undefined {
  return [value, jsonMember(value, 'Records'), jsonMember(value, 'Events')].find(isList);
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}
