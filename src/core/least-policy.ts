import type { DnsName } from './names.ts';
import type { Change } from './record-set.ts';

/** What a run has to change: TXT record sets at these names of one hosted zone. */
export interface RecordRights {
  /** Bare hosted-zone id. */
  readonly zoneId: string;
  /**
   * As IAM compares them: lower case, no trailing dot, `\ooo` for all but `a-z 0-9 - _ .` (Route 53 developer guide,
   * "Using IAM policy conditions"). A `DnsName` is that already.
   */
  readonly names: readonly DnsName[];
  readonly actions: readonly Change['action'][];
  /** Of AWS: `aws`, `aws-cn`, `aws-us-gov`, … */
  readonly partition?: string;
}

/** The JSON of an IAM policy, as far as lanacme needs it. */
export interface Policy {
  readonly Version: '2012-10-17';
  readonly Statement: readonly Statement[];
}

interface Statement {
  readonly Effect: 'Allow';
  readonly Action: string;
  readonly Resource: string;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

const keyPrefix = 'route53:ChangeResourceRecordSets';

/**
 * The smallest policy with which lanacme works: these changes and no other, and asking whether one is INSYNC. Every key
 * has to be there: `ForAllValues` holds for a request without it.
 */
export function leastPolicy({ zoneId, names, actions, partition = 'aws' }: RecordRights): Policy {
  const conditions = {
    [`${keyPrefix}NormalizedRecordNames`]: [...new Set(names)].toSorted(),
    [`${keyPrefix}RecordTypes`]: ['TXT'],
    [`${keyPrefix}Actions`]: [...new Set(actions)].toSorted(),
  };
  const present = Object.fromEntries(Object.keys(conditions).map((key) => [key, 'false']));
  return policyOf(
    {
      ...allow('ChangeResourceRecordSets', hostedZone(zoneId, partition)),
      Condition: { 'ForAllValues:StringEquals': conditions, Null: present },
    },
    allow('GetChange', `arn:${partition}:route53:::change/*`),
  );
}

/** One action on one resource, an ARN or `*`. */
export function policyOfOne(action: string, resource: string): Policy {
  return policyOf(allow(action, resource));
}

/** The policy as JSON in a few lines that fit a terminal, one operator of a condition a line. */
export function policyLines({ Version, Statement }: Policy): readonly string[] {
  const last = Statement.length - 1;
  return [
    `{"Version":${JSON.stringify(Version)},"Statement":[`,
    ...Statement.flatMap((statement, index) => statementLines(statement, index === last ? ']}' : ',')),
  ];
}

function statementLines({ Condition, ...statement }: Statement, end: string): readonly string[] {
  const head = JSON.stringify(statement);
  if (Condition === undefined) return [` ${head}${end}`];
  const operators = Object.entries(Condition).map(
    ([operator, keys]) => `${JSON.stringify(operator)}:${JSON.stringify(keys)}`,
  );
  return [
    ` ${head.slice(0, -1)},"Condition":{`,
    ...operators.map(
      (operator, index) => `  ${operator}${index === operators.length - 1 ? `}}${end}` : ','}`,
    ),
  ];
}

function policyOf(...statements: readonly Statement[]): Policy {
  return { Version: '2012-10-17', Statement: statements };
}

function allow(action: string, resource: string): Statement {
  return { Effect: 'Allow', Action: `route53:${action}`, Resource: resource };
}

/** `arn:aws:route53:::hostedzone/Z…` */
export function hostedZone(id: string, partition: string): string {
  return `arn:${partition}:route53:::hostedzone/${id}`;
}
