/** IAM policy documents, as JSON has them. */

/** One value or several: IAM takes both everywhere. */
export type OneOrMore<T> = T | readonly T[];

/** Operator to condition key to wanted values, e.g. `{ StringEquals: { 'aws:PrincipalTag/host': 'nas' } }`. */
export type ConditionBlock = Readonly<Record<string, Readonly<Record<string, OneOrMore<string>>>>>;

export interface PolicyStatement {
  readonly Sid?: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Action: OneOrMore<string>;
  readonly Resource: OneOrMore<string>;
  readonly Condition?: ConditionBlock;
}

export interface PolicyDocument {
  readonly Version: '2012-10-17' | '2008-10-17';
  readonly Statement: OneOrMore<PolicyStatement>;
}
