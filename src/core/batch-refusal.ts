import { isChallengeText } from './challenge-value.ts';
import { escapeText } from './escape.ts';
import { type DnsName, parseListedName } from './names.ts';

/**
 * - `exists`, `not-found`, `values-differ`: the set is not as we thought; read it again
 * - `other-style`: simple and multivalue sets cannot share a name; read it again, and write in the style that is there
 * - `cname-in-the-way`: the name has a CNAME, beside which nothing else can stand
 * - `outside-zone`: the hosted zone is not the one of this name
 * - `too-large`: over one of Route 53's limits
 * - `malformed`: Route 53 could not accept it from anybody; a bug of ours
 */
type RefusalKind =
  | 'exists'
  | 'not-found'
  | 'values-differ'
  | 'other-style'
  | 'cname-in-the-way'
  | 'outside-zone'
  | 'too-large'
  | 'malformed'
  | 'other';

/** One reason for which Route 53 refused a whole batch (InvalidChangeBatch). */
export interface BatchRefusal {
  readonly kind: RefusalKind;
  /** Route 53's words, safe to print. */
  readonly message: string;
  /** The set that it is about, if the message says so and it is a name that lanacme could write. */
  readonly name?: DnsName;
  /** Of that set, if it has the form that lanacme gives it: the quoted challenge value. */
  readonly setIdentifier?: string;
}

/** A name as Route 53 prints it: no spaces, and a dot at the end. */
const fqdn = String.raw`(?<name>\S*\.)`;
/** A text in the quotation marks of TXT values: whatever it holds, nothing in it ends a message. */
const quoted = String.raw`"(?:[^"\\]|\\.)*"(?: *"(?:[^"\\]|\\.)*")*`;
const set = String.raw`resource record set \[name='(?<name>[^']*)', type='\w+'(?:, set-identifier='(?<identifier>${quoted}|[^'"]*)')?\]`;
/** A value, which may hold anything, in quotation marks or not. */
const value = `'{0,2}(?:${quoted}|.*?)'{0,2}`;

/** How the messages that we know begin. */
const opening = String.raw`(?:Tried to (?:create|delete) resource record set \[|RRSet (?:with DNS name|of type) |The request contains an invalid set of changes |Duplicate Resource Record: |Invalid Resource Record: |FATAL problem: |Number of records limit of |RDATA character limit of |Cannot have more than )`;
const end = '(?=$|, )';
/** After text that may hold commas itself. */
const surelyEnd = `(?=$|, ${opening})`;

/** The texts are not documented: these are what many reports quote (`reference/route53.md` §3). */
const texts: readonly (readonly [RefusalKind, string])[] = [
  ['exists', `Tried to create ${set} but it already exists${end}`],
  ['not-found', `Tried to delete ${set} but it was not found${end}`],
  ['values-differ', `Tried to delete ${set} but the values provided do not match the current values${end}`],
  ['outside-zone', String.raw`RRSet with DNS name ${fqdn} is not permitted in zone \S+?${end}`],
  [
    'cname-in-the-way',
    String.raw`RRSet of type \w+ with DNS name ${fqdn} is not permitted because a conflicting RRSet of type +CNAME with the same DNS name already exists in zone \S+?${end}`,
  ],
  [
    'cname-in-the-way',
    String.raw`RRSet of type CNAME with DNS name ${fqdn} is not permitted as it conflicts with other records with the same DNS name in zone \S+?${end}`,
  ],
  [
    'other-style',
    String.raw`RRSet with DNS name ${fqdn}, type \w+(?:, SetIdentifier (?:${quoted}|[^\s"]+))? cannot be created (?:as|because) [^,]*? exists? with the same name and type\.?${end}`,
  ],
  [
    'malformed',
    String.raw`The request contains an invalid set of changes for a resource record set '\w+ ${fqdn}'${end}`,
  ],
  ['malformed', `Duplicate Resource Record: ${value}${surelyEnd}`],
  [
    'malformed',
    String.raw`(?:Invalid Resource Record: )?[ ']*FATAL problem: \w+ (?:\([^)]*\) )?encountered (?:with|at) ${value}${surelyEnd}`,
  ],
  ['too-large', String.raw`Number of records limit of \d+ exceeded\.?${end}`],
  ['too-large', String.raw`RDATA character limit of \d+ exceeded\.?${end}`],
  ['too-large', String.raw`Cannot have more than \d+ records in a RRSet\.?${end}`],
];
const known = texts.map(([kind, text]) => [kind, new RegExp(text, 'sy')] as const);
const unknown = new RegExp(`.+?${surelyEnd}`, 'sy');

/**
 * What Route 53 has against a batch, from the messages of its answer. One string may hold several in brackets,
 * `[first, second]`, and any of them may hold commas and brackets itself.
 */
export function readBatchRefusals(messages: readonly string[]): readonly BatchRefusal[] {
  return messages.flatMap((message) => {
    const text = message.trim();
    return readAll(/^\[(.*)\]$/s.exec(text)?.[1] ?? text);
  });
}

function readAll(text: string): readonly BatchRefusal[] {
  const refusals: BatchRefusal[] = [];
  for (let at = 0; at < text.length; ) {
    const { refusal, length } = readOne(text, at);
    refusals.push(refusal);
    at += length + ', '.length;
  }
  return refusals;
}

function readOne(text: string, at: number): { readonly refusal: BatchRefusal; readonly length: number } {
  for (const [kind, pattern] of known) {
    const match = matchAt(pattern, text, at);
    if (match === null) continue;
    const refusal = { kind, message: escapeText(match[0]), ...aboutOf(match.groups ?? {}) };
    return { refusal, length: match[0].length };
  }
  const message = matchAt(unknown, text, at)?.[0] ?? text.slice(at);
  return { refusal: { kind: 'other', message: escapeText(message) }, length: message.length };
}

function aboutOf({
  name: listed = '',
  identifier = '',
}: Readonly<Record<string, string>>): Pick<BatchRefusal, 'name' | 'setIdentifier'> {
  const name = parseListedName(listed);
  return {
    ...(name === undefined ? {} : { name }),
    ...(isChallengeText(identifier) ? { setIdentifier: identifier } : {}),
  };
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}
