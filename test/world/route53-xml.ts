/** Route 53's XML: requests read against their schema, with the messages of AWS's parser, and answers written. */
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { Route53Refusal } from './route53-refusal.ts';

const namespace = 'https://route53.amazonaws.com/doc/2013-04-01/';

/** An element with its children in order; `text` is what stands directly inside. */
export interface Element {
  readonly name: string;
  readonly children: readonly Element[];
  readonly text: string;
}

interface Particle {
  readonly name: string;
  readonly isRequired?: boolean;
  readonly isRepeated?: boolean;
}

/** The children that each element may have, in this order; an element that is not named here holds text. */
const schema: Readonly<Record<string, readonly Particle[]>> = {
  ChangeResourceRecordSetsRequest: [{ name: 'ChangeBatch', isRequired: true }],
  ChangeBatch: [{ name: 'Comment' }, { name: 'Changes', isRequired: true }],
  Changes: [{ name: 'Change', isRequired: true, isRepeated: true }],
  Change: [
    { name: 'Action', isRequired: true },
    { name: 'ResourceRecordSet', isRequired: true },
  ],
  ResourceRecordSet: [
    { name: 'Name', isRequired: true },
    { name: 'Type', isRequired: true },
    { name: 'SetIdentifier' },
    { name: 'Weight' },
    { name: 'Region' },
    { name: 'GeoLocation' },
    { name: 'Failover' },
    { name: 'MultiValueAnswer' },
    { name: 'TTL' },
    { name: 'ResourceRecords' },
    { name: 'AliasTarget' },
    { name: 'HealthCheckId' },
    { name: 'CidrRoutingConfig' },
  ],
  GeoLocation: [{ name: 'ContinentCode' }, { name: 'CountryCode' }, { name: 'SubdivisionCode' }],
  CidrRoutingConfig: [
    { name: 'CollectionId', isRequired: true },
    { name: 'LocationName', isRequired: true },
  ],
  ResourceRecords: [{ name: 'ResourceRecord', isRequired: true, isRepeated: true }],
  ResourceRecord: [{ name: 'Value', isRequired: true }],
  AliasTarget: [
    { name: 'HostedZoneId', isRequired: true },
    { name: 'DNSName', isRequired: true },
    { name: 'EvaluateTargetHealth', isRequired: true },
  ],
};

/**
 * The one place where order is known not to matter: AWS's own JavaScript SDK writes Changes before Comment, against
 * the order of the published schema.
 */
const unordered = ['ChangeBatch'];

const integers = ['Weight', 'TTL'];
const booleans = ['MultiValueAnswer', 'EvaluateTargetHealth'];

const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: '',
  parseTagValue: false,
  trimValues: false,
  // The library stops after a number of entities that a lawful batch of quoted values exceeds; decoded below.
  processEntities: false,
  cdataPropName: '#cdata',
});

/** The request's root element, if it is well-formed and follows the schema. Throws `Route53Refusal`. */
export function parseRequest(body: string, expectedRoot: string): Element {
  const document = isWellFormed(body) ? parseTree(body) : [];
  const [root, ...others] = document.filter(
    (node) => !tagOf(node).startsWith('?') && tagOf(node) !== '#text',
  );
  if (root === undefined || others.length > 0) throw malformed('Could not parse XML');
  const name = tagOf(root);
  if (name !== expectedRoot) throw malformed(`${name} is not valid, expected ${expectedRoot}`);
  if (attributesOf(root)['xmlns'] !== namespace) {
    throw invalidXml(`cvc-elt.1: Cannot find the declaration of element '${name}'.`);
  }
  return toElement(root, true);
}

/** No document type either: nothing that AWS's parser would have to fetch or expand. */
function isWellFormed(body: string): boolean {
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- its successor is the same code in a package of its own
  return !body.includes('<!DOCTYPE') && XMLValidator.validate(body) === true;
}

/** fast-xml-parser's node: one member named like the tag, and the attributes under `:@`. */
type Node = Readonly<Record<string, unknown>>;

function parseTree(body: string): readonly Node[] {
  return parser.parse(body) as readonly Node[];
}

function tagOf(node: Node): string {
  return Object.keys(node).find((key) => key !== ':@') ?? '';
}

function attributesOf(node: Node): Readonly<Record<string, string>> {
  return (node[':@'] ?? {}) as Readonly<Record<string, string>>;
}

function toElement(node: Node, isRoot: boolean): Element {
  const name = tagOf(node);
  const attribute = Object.keys(attributesOf(node)).find((key) => !(isRoot && key === 'xmlns'));
  if (attribute !== undefined) {
    throw invalidXml(
      `cvc-complex-type.3.2.2: Attribute '${attribute}' is not allowed to appear in element '${name}'.`,
    );
  }
  const content = node[name] as readonly Node[];
  const children = content.filter((child) => !tagOf(child).startsWith('#'));
  const text = content.map(textOf).join('');
  checkContent(name, children.map(tagOf), text);
  return { name, text, children: children.map((child) => toElement(child, false)) };
}

function textOf(node: Node): string {
  if (typeof node['#text'] === 'string') return decodeEntities(node['#text']);
  const cdata = node['#cdata'] as readonly Node[] | undefined;
  return cdata?.map((part) => String(part['#text'])).join('') ?? '';
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** An ampersand that begins no entity has not passed `isWellFormed`. */
function decodeEntities(text: string): string {
  return text.replace(/&([^;]*);/g, (_, entity: string) => {
    const code = /^#(?:x([0-9a-fA-F]+)|(\d+))$/.exec(entity);
    const decoded =
      code === null
        ? entities[entity]
        : String.fromCodePoint(code[1] === undefined ? Number(code[2]) : Number.parseInt(code[1], 16));
    if (decoded === undefined) throw malformed('Could not parse XML');
    return decoded;
  });
}

/** Order, unknown elements, missing elements and simple types, in the words of the validator that AWS runs. */
function checkContent(name: string, children: readonly string[], text: string): void {
  const particles = schema[name];
  if (particles === undefined) {
    checkText(name, children, text);
    return;
  }
  if (text.trim() !== '') {
    throw invalidXml(
      `cvc-complex-type.2.3: Element '${name}' cannot have character [children], because the type's content ` +
        `type is element-only.`,
    );
  }
  const isOrdered = !unordered.includes(name);
  let rest = particles;
  for (const child of children) {
    const expected = isOrdered ? upToRequired(rest) : rest;
    const found = expected.findIndex((particle) => particle.name === child);
    if (found < 0) {
      const tail = expected.length === 0 ? 'No child element is expected at this point.' : oneOf(expected);
      throw invalidXml(
        `cvc-complex-type.2.4.a: Invalid content was found starting with element '${child}'. ${tail}`,
      );
    }
    rest = isOrdered ? after(rest, found) : rest.toSpliced(found, 1);
  }
  const missing = upToRequired(rest);
  if (missing.some((particle) => particle.isRequired === true)) {
    throw invalidXml(
      `cvc-complex-type.2.4.b: The content of element '${name}' is not complete. ${oneOf(missing)}`,
    );
  }
}

/** What is left of the sequence once this element was seen; a repeated one may come again. */
function after(particles: readonly Particle[], found: number): readonly Particle[] {
  const seen = particles[found];
  const again = seen?.isRepeated === true ? [{ ...seen, isRequired: false }] : [];
  return [...again, ...particles.slice(found + 1)];
}

/** What may come next: the optional ones and the first that must. */
function upToRequired(particles: readonly Particle[]): readonly Particle[] {
  const required = particles.findIndex((particle) => particle.isRequired === true);
  return required < 0 ? particles : particles.slice(0, required + 1);
}

function oneOf(particles: readonly Particle[]): string {
  const names = particles.map((particle) => `"${namespace}":${particle.name}`);
  return `One of '{${names.join(', ')}}' is expected.`;
}

function checkText(name: string, children: readonly string[], text: string): void {
  if (children.length > 0) {
    throw invalidXml(
      `cvc-type.3.1.2: Element '${name}' is a simple type, so it must have no element information item [children].`,
    );
  }
  if (integers.includes(name) && !/^\s*[+-]?\d{1,19}\s*$/.test(text)) throw notOfType(text, 'integer');
  if (booleans.includes(name) && !/^\s*(true|false|0|1)\s*$/.test(text)) throw notOfType(text, 'boolean');
}

function notOfType(text: string, type: string): Route53Refusal {
  return invalidXml(`cvc-datatype-valid.1.2.1: '${text}' is not a valid value for '${type}'.`);
}

function malformed(message: string): Route53Refusal {
  return new Route53Refusal(400, 'MalformedInput', message);
}

function invalidXml(message: string): Route53Refusal {
  return new Route53Refusal(400, 'InvalidInput', `Invalid XML ; ${message}`);
}

// ---- reading an element ----

export function child(element: Element, name: string): Element | undefined {
  return element.children.find((each) => each.name === name);
}

export function textAt(element: Element, name: string): string | undefined {
  return child(element, name)?.text;
}

// ---- writing ----

/** What an answer is made of; a member that is `undefined` is left out, an array repeats its element. */
export type Content =
  | string
  | number
  | boolean
  | undefined
  | { readonly [name: string]: Content | readonly Content[] };

export function writeDocument(root: string, content: Content): string {
  return `<?xml version="1.0"?>\n<${root} xmlns="${namespace}">${write(content)}</${root}>`;
}

function write(content: Content): string {
  if (typeof content !== 'object') return escapeText(String(content));
  return Object.entries(content)
    .flatMap(([name, value]) =>
      list(value).map((item) => (item === undefined ? '' : `<${name}>${write(item)}</${name}>`)),
    )
    .join('');
}

function list(value: Content | readonly Content[]): readonly Content[] {
  return Array.isArray(value) ? (value as readonly Content[]) : [value as Content];
}

function escapeText(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
