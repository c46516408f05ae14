/**
 * What Route 53 refuses as InvalidInput, before it looks at the zone: members out of their range, and changes that
 * lack a part or have one too many.
 */
import { type Change, routingMembers } from './zone-records.ts';
import { recordTypes } from './zone-values.ts';

/** The request is refused as InvalidInput with this message. */
export class InvalidInput extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'InvalidInput';
  }
}

/** Throws `InvalidInput` with every violation, in AWS's form. */
export function checkConstraints(changes: readonly Change[], comment: string | undefined): void {
  const violations = [
    ...lengthViolation(comment, 'changeBatch.comment', 0, 256),
    ...changes.flatMap((change, index) => ofChange(change, `changeBatch.changes.${index + 1}.member`)),
  ];
  if (violations.length > 0) throw validationError(violations);
}

/** `1 validation error detected: …`, as AWS's frameworks say it. */
export function validationError(violations: readonly string[]): InvalidInput {
  const count = `${violations.length} validation error${violations.length === 1 ? '' : 's'} detected`;
  return new InvalidInput(`${count}: ${violations.join('; ')}`);
}

/** Throws `InvalidInput` for the first change that is not exactly one thing. */
export function checkStructure(changes: readonly Change[]): void {
  for (const change of changes) {
    const problem = structureProblem(change);
    if (problem !== undefined)
      throw new InvalidInput(`Invalid request: ${problem} in Change with ${tell(change)}`);
  }
}

function ofChange({ action, recordSet: set }: Change, path: string): readonly string[] {
  const at = `${path}.resourceRecordSet`;
  return [
    ...enumViolation(action, `${path}.action`, ['CREATE', 'DELETE', 'UPSERT']),
    ...lengthViolation(set.name, `${at}.name`, 0, 1024),
    ...enumViolation(set.type, `${at}.type`, recordTypes),
    ...lengthViolation(set.setIdentifier, `${at}.setIdentifier`, 1, 128),
    ...rangeViolation(set.weight, `${at}.weight`, 0, 255),
    ...(set.failover === undefined
      ? []
      : enumViolation(set.failover, `${at}.failover`, ['PRIMARY', 'SECONDARY'])),
    ...rangeViolation(set.ttl, `${at}.tTL`, 0, 2147483647),
    ...(set.values ?? []).flatMap((value, index) =>
      lengthViolation(value, `${at}.resourceRecords.${index + 1}.member.value`, 0, 4000),
    ),
  ];
}

function violation(value: string | number, path: string, constraint: string): string {
  return `Value '${value}' at '${path}' failed to satisfy constraint: Member must ${constraint}`;
}

function enumViolation(value: string, path: string, allowed: readonly string[]): readonly string[] {
  if (allowed.includes(value)) return [];
  return [violation(value, path, `satisfy enum value set: [${allowed.join(', ')}]`)];
}

export function lengthViolation(
  value: string | undefined,
  path: string,
  minimum: number,
  maximum: number,
): readonly string[] {
  if (value === undefined) return [];
  if (value.length > maximum) {
    return [violation(value, path, `have length less than or equal to ${maximum}`)];
  }
  if (value.length < minimum) {
    return [violation(value, path, `have length greater than or equal to ${minimum}`)];
  }
  return [];
}

function rangeViolation(
  value: number | undefined,
  path: string,
  minimum: number,
  maximum: number,
): readonly string[] {
  if (value === undefined) return [];
  if (value > maximum) return [violation(value, path, `have value less than or equal to ${maximum}`)];
  if (value < minimum) return [violation(value, path, `have value greater than or equal to ${minimum}`)];
  return [];
}

function structureProblem({ action, recordSet: set }: Change): string | undefined {
  const payloads = [set.aliasTarget !== undefined, set.ttl !== undefined || set.values !== undefined];
  const expected =
    'Expected exactly one of [AliasTarget, all of [TTL, and ResourceRecords], or TrafficPolicyInstanceId]';
  if (payloads.every(Boolean)) return `${expected}, but found more than one`;
  if (set.aliasTarget === undefined && (set.ttl === undefined || set.values === undefined)) {
    return `${expected}, but found none`;
  }
  const routing = routingMembers(set);
  const oneRouting = 'Expected exactly one of [Weight, Region, Failover, GeoLocation, or MultiValueAnswer]';
  if (routing.length > 1) return `${oneRouting}, but found more than one`;
  if (routing.length === 1 && set.setIdentifier === undefined) return `Missing field 'SetIdentifier'`;
  // A DELETE may leave the routing members out: the set identifier says which set is meant.
  if (set.setIdentifier !== undefined && routing.length === 0 && action !== 'DELETE') {
    return `${oneRouting}, but found none`;
  }
  return undefined;
}

function tell({ action, recordSet: set }: Change): string {
  return `[Action=${action}, Name=${set.name}, Type=${set.type}, SetIdentifier=${set.setIdentifier ?? 'null'}]`;
}
