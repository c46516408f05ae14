import type { LanacmeError } from '../errors.ts';

/** A DNS label has no more (RFC 1035 §2.3.4). */
const longestLabel = 63;

/** What to do about `thingNameProblem`. */
export const thingNameHint =
  'attach the certificate to a thing whose name is the first label of the host, in a-z 0-9 - _, or write the names into the policy';

/**
 * Why no IAM policy with `${credentials-iot:ThingName}` in a record name can admit this thing; nothing if one can. IAM
 * puts the name in as it is, and compares it with what Route 53 makes of a record's name: lower case, and `\ooo` for
 * all but `a-z 0-9 - _ .` (Route 53 developer guide, "Using IAM policy conditions").
 */
export function thingNameProblem(thingName: string): string | undefined {
  const why = reason(thingName);
  return why === undefined
    ? undefined
    : `no policy with \${credentials-iot:ThingName} can match the thing name ${thingName}: ${why}`;
}

function reason(thingName: string): string | undefined {
  if (/[A-Z]/.test(thingName)) return 'it has capitals, and Route 53 compares record names in lower case';
  const other = /[^a-z0-9_-]/.exec(thingName)?.[0];
  if (other !== undefined) return `it has '${other}', which Route 53 compares as ${octal(other)}`;
  if (thingName.length > longestLabel)
    return `it has ${thingName.length} characters, and a label of a DNS name at most ${longestLabel}`;
  return undefined;
}

function octal(character: string): string {
  return `\\${character.charCodeAt(0).toString(8).padStart(3, '0')}`;
}

/** AWS never says which condition refused a change: where it may well be the thing's name, that is told first. */
export function explainDenied(error: LanacmeError, thingName: string | undefined): LanacmeError {
  if (error.code !== 'route53.access-denied') return error;
  const problem =
    thingName === undefined
      ? 'without --iot-thing-name no policy with ${credentials-iot:ThingName} matches anything'
      : thingNameProblem(thingName);
  if (problem === undefined) return error;
  const mend = thingName === undefined ? 'set it if the policy is of this kind' : thingNameHint;
  return error.withHint(`${problem}; ${mend}; otherwise: ${error.hint}`);
}
