/**
 * IAM policy documents and their evaluation, as far as Route 53's permissions need it. An operator or element that is
 * not known here is an error, never a silent yes or no.
 */

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

/** Condition keys (in any case) to what the request carries for them; a key that is left out is unset. */
export type RequestContext = Readonly<Record<string, OneOrMore<string>>>;

export interface AccessRequest {
  /** `route53:ChangeResourceRecordSets` */
  readonly action: string;
  /** An ARN, or `*` for actions that have no resource. */
  readonly resource: string;
  readonly context: RequestContext;
}

export type Verdict = 'allowed' | 'implicitly denied' | 'explicitly denied';

/** A deny wins over every allow; without an allow nothing is allowed. */
export function evaluate(policies: readonly PolicyDocument[], request: AccessRequest): Verdict {
  const context = new Map(
    Object.entries(request.context).map(([key, value]) => [key.toLowerCase(), list(value)]),
  );
  const effects = policies.flatMap((policy) =>
    list(policy.Statement)
      .filter((statement) => applies(statement, request, new Scope(policy, context)))
      .map((statement) => statement.Effect),
  );
  if (effects.includes('Deny')) return 'explicitly denied';
  return effects.includes('Allow') ? 'allowed' : 'implicitly denied';
}

/** AWS's sentence for a refusal; it never says which condition failed. */
export function deniedMessage(principalArn: string, request: AccessRequest, verdict: Verdict): string {
  const on = request.resource === '*' ? '' : ` on resource: ${request.resource}`;
  const why =
    verdict === 'explicitly denied'
      ? 'with an explicit deny in an identity-based policy'
      : `because no identity-based policy allows the ${request.action} action`;
  return `User: ${principalArn} is not authorized to perform: ${request.action}${on} ${why}`;
}

/** A policy's version and the request's context: all that a value with variables needs. */
class Scope {
  readonly #hasVariables: boolean;
  readonly #context: ReadonlyMap<string, readonly string[]>;

  constructor(policy: PolicyDocument, context: ReadonlyMap<string, readonly string[]>) {
    this.#hasVariables = policy.Version === '2012-10-17';
    this.#context = context;
  }

  values(key: string): readonly string[] {
    return this.#context.get(key.toLowerCase()) ?? [];
  }

  /** The value as the parts of a pattern; `undefined` if it names a variable that is unset. */
  pattern(value: string): Pattern | undefined {
    if (!this.#hasVariables) return [{ text: value, isLiteral: false }];
    const parts: PatternPart[] = [];
    for (const part of value.split(/(\$\{[^}]*\})/)) {
      const variable = /^\$\{([^}]*)\}$/.exec(part)?.[1];
      if (variable === undefined) parts.push({ text: part, isLiteral: false });
      else {
        const text = this.#variable(variable);
        if (text === undefined) return undefined;
        parts.push({ text, isLiteral: true });
      }
    }
    return parts;
  }

  #variable(variable: string): string | undefined {
    if (['*', '?', '$'].includes(variable)) return variable;
    const [key = '', fallback] = variable.split(/\s*,\s*/);
    const [value, ...others] = this.values(key);
    if (value !== undefined && others.length === 0) return value;
    return fallback === undefined ? undefined : fallback.replace(/^'(.*)'$/, '$1');
  }
}

interface PatternPart {
  readonly text: string;
  /** What came out of a variable: `*` and `?` in it stand for themselves. */
  readonly isLiteral: boolean;
}
type Pattern = readonly PatternPart[];

function applies(statement: PolicyStatement, request: AccessRequest, scope: Scope): boolean {
  refuseUnknownElements(statement);
  const actions = list(statement.Action).map((action): Pattern => [{ text: action, isLiteral: false }]);
  const resources = list(statement.Resource).map((resource) => scope.pattern(resource));
  return (
    actions.some((pattern) => isLike(request.action.toLowerCase(), pattern, 'i')) &&
    resources.some((pattern) => pattern !== undefined && isLike(request.resource, pattern)) &&
    conditionsHold(statement.Condition ?? {}, scope)
  );
}

function refuseUnknownElements(statement: PolicyStatement): void {
  const known = ['Sid', 'Effect', 'Action', 'Resource', 'Condition'];
  const unknown = Object.keys(statement).filter((element) => !known.includes(element));
  if (unknown.length > 0)
    throw new Error(`This IAM does not know the statement element ${unknown.join(', ')}.`);
}

/** Every key of every operator has to hold. */
function conditionsHold(condition: ConditionBlock, scope: Scope): boolean {
  return Object.entries(condition).every(([operator, keys]) =>
    Object.entries(keys).every(([key, wanted]) => holds(operator, scope.values(key), list(wanted), scope)),
  );
}

interface Test {
  readonly matches: (value: string, pattern: Pattern) => boolean;
  readonly isNegated: boolean;
}

const equals = (value: string, pattern: Pattern): boolean => value === plain(pattern);
const equalsIgnoringCase = (value: string, pattern: Pattern): boolean =>
  value.toLowerCase() === plain(pattern).toLowerCase();
const like = (value: string, pattern: Pattern): boolean => isLike(value, pattern);

const tests: Readonly<Record<string, Test>> = {
  StringEquals: { matches: equals, isNegated: false },
  StringNotEquals: { matches: equals, isNegated: true },
  StringEqualsIgnoreCase: { matches: equalsIgnoringCase, isNegated: false },
  StringNotEqualsIgnoreCase: { matches: equalsIgnoringCase, isNegated: true },
  StringLike: { matches: like, isNegated: false },
  StringNotLike: { matches: like, isNegated: true },
  ArnEquals: { matches: arnLike, isNegated: false },
  ArnLike: { matches: arnLike, isNegated: false },
  ArnNotEquals: { matches: arnLike, isNegated: true },
  ArnNotLike: { matches: arnLike, isNegated: true },
};

/** The six parts of an ARN each by itself: no wildcard reaches over a colon, but in the last one. */
function arnLike(value: string, pattern: Pattern): boolean {
  const parts: PatternPart[][] = [[]];
  for (const { text, isLiteral } of pattern) {
    for (const character of text) {
      if (character === ':' && parts.length < 6) parts.push([]);
      else parts.at(-1)?.push({ text: character, isLiteral });
    }
  }
  const values = /^([^:]*):([^:]*):([^:]*):([^:]*):([^:]*):(.*)$/s.exec(value)?.slice(1) ?? [];
  return (
    parts.length === 6 &&
    values.length === 6 &&
    parts.every((part, index) => isLike(values[index] ?? '', part))
  );
}

type Quantifier = 'ForAllValues' | 'ForAnyValue' | 'none';

interface Operator {
  readonly quantifier: Quantifier;
  readonly test: Test;
  /** An absent key makes it true. */
  readonly ifExists: boolean;
}

function parseOperator(operator: string): Operator {
  const parts = /^(?:(ForAllValues|ForAnyValue):)?((?:String|Arn)[A-Za-z]+?)(IfExists)?$/.exec(operator);
  const test = tests[parts?.[2] ?? ''];
  if (test === undefined) throw new Error(`This IAM does not know the condition operator ${operator}.`);
  return {
    quantifier: (parts?.[1] ?? 'none') as Quantifier,
    test,
    ifExists: parts?.[3] !== undefined,
  };
}

function holds(
  operator: string,
  values: readonly string[],
  wanted: readonly string[],
  scope: Scope,
): boolean {
  if (operator === 'Null') {
    return wanted.some((isAbsent) => (isAbsent === 'true') === (values.length === 0));
  }
  const { quantifier, test, ifExists } = parseOperator(operator);
  const patterns = wanted.map((value) => scope.pattern(value));
  // A variable that is unset makes the whole comparison unknown, and the statement does not match.
  if (!patterns.every((pattern) => pattern !== undefined)) return false;
  if (ifExists && values.length === 0) return true;
  const passes = (value: string): boolean =>
    patterns.some((pattern) => test.matches(value, pattern)) !== test.isNegated;
  switch (quantifier) {
    case 'ForAllValues':
      return values.every(passes);
    case 'ForAnyValue':
      return values.some(passes);
    case 'none':
      // A negated test holds for an absent key, the others do not.
      return test.isNegated ? values.every(passes) : values.some(passes);
  }
}

function plain(pattern: Pattern): string {
  return pattern.map(({ text }) => text).join('');
}

/** `*` is any run of characters, dots and slashes included; `?` is one character. */
function isLike(value: string, pattern: Pattern, flags = ''): boolean {
  const source = pattern
    .map(({ text, isLiteral }) => {
      const escaped = text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
      return isLiteral ? escaped : escaped.replaceAll('\\*', '[^]*').replaceAll('\\?', '[^]');
    })
    .join('');
  return new RegExp(`^${source}$`, flags).test(value);
}

function list<T extends string | object>(value: OneOrMore<T>): readonly T[] {
  return Array.isArray(value) ? (value as readonly T[]) : [value as T];
}

// ---- the policies of the world ----

const names = 'route53:ChangeResourceRecordSetsNormalizedRecordNames';
const types = 'route53:ChangeResourceRecordSetsRecordTypes';
const actions = 'route53:ChangeResourceRecordSetsActions';

/**
 * The least that lanacme can run with: TXT records at these names, CREATE and DELETE, and asking whether a change is
 * INSYNC. A name without `*` is matched literally.
 */
export function smallPolicy(zoneId: string, recordNames: readonly string[]): PolicyDocument {
  return {
    Version: '2012-10-17',
    Statement: [
      {
        Sid: 'ChallengesOnly',
        Effect: 'Allow',
        Action: 'route53:ChangeResourceRecordSets',
        Resource: `arn:aws:route53:::hostedzone/${zoneId}`,
        Condition: {
          'ForAllValues:StringEquals': { [types]: ['TXT'], [actions]: ['CREATE', 'DELETE'] },
          'ForAllValues:StringLike': { [names]: recordNames },
          Null: { [names]: 'false', [types]: 'false', [actions]: 'false' },
        },
      },
      { Sid: 'Wait', Effect: 'Allow', Action: 'route53:GetChange', Resource: 'arn:aws:route53:::change/*' },
    ],
  };
}

/** The challenge names of every host of a zone, and of the zone itself. */
export function challengeNames(zoneName: string): readonly string[] {
  const zone = zoneName.replace(/\.$/, '');
  return [`_acme-challenge.${zone}`, `_acme-challenge.*.${zone}`];
}

/** The one challenge name of the host whose thing is named like its first label. */
export function ownChallengeName(zoneName: string): readonly string[] {
  return [`_acme-challenge.\${credentials-iot:ThingName}.${zoneName.replace(/\.$/, '')}`];
}

/** Everything: for the administrator who prepares a zone. */
export const administratorPolicy: PolicyDocument = {
  Version: '2012-10-17',
  Statement: { Effect: 'Allow', Action: '*', Resource: '*' },
};
