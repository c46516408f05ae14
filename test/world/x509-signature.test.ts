import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { canonicalRequest, headersOf, type RawRequest, verifyX509Signature } from './x509-signature.ts';

interface Vector {
  readonly name: string;
  readonly region: string;
  readonly query: Readonly<Record<string, string>>;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly canonicalRequest: string;
  readonly authorization: string;
  readonly serialHex: string;
}

const now = new Date('2026-11-22T12:00:00Z');
const vectorsFile = new URL('../vectors/roles-anywhere-vectors.json', import.meta.url);
const { vectors } = JSON.parse(await readFile(vectorsFile, 'utf8')) as { vectors: readonly Vector[] };

const requestOf = (vector: Vector): RawRequest => {
  const query = Object.entries(vector.query).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  return {
    method: 'POST',
    target: query.length === 0 ? '/sessions' : `/sessions?${query.reverse().join('&')}`,
    rawHeaders: Object.entries({ ...vector.headers, Authorization: vector.authorization }).flat(),
    body: Buffer.from(vector.body),
  };
};
const scopeOf = ({ region }: Vector): { region: string; toleratedSkewMs: number } => ({
  region,
  toleratedSkewMs: 300_000,
});

test.for(vectors)('the vector $name is good, its canonical request byte for byte', (vector) => {
  const request = requestOf(vector);
  const names = Object.keys(vector.headers).sort();
  expect(canonicalRequest(request, names, headersOf(request.rawHeaders))).toBe(vector.canonicalRequest);
  const { leaf, intermediates } = verifyX509Signature(request, scopeOf(vector), now);
  expect(leaf.serialNumber).toBe(vector.serialHex);
  expect(intermediates).toHaveLength('x-amz-x509-chain' in vector.headers ? 1 : 0);
});

type Change = (request: RawRequest) => RawRequest;
const inHeader =
  (name: string, from: string | RegExp, to: string): Change =>
  ({ rawHeaders, ...request }) => ({
    ...request,
    rawHeaders: rawHeaders.map((text, index) =>
      index % 2 === 1 && rawHeaders[index - 1]?.toLowerCase() === name ? text.replace(from, to) : text,
    ),
  });
const inAuthorization = (from: string | RegExp, to: string): Change => inHeader('authorization', from, to);
const without =
  (name: string): Change =>
  ({ rawHeaders, ...request }) => ({
    ...request,
    rawHeaders: rawHeaders.filter((_text, index) => rawHeaders[index - (index % 2)]?.toLowerCase() !== name),
  });
const withHeader =
  (name: string, value: string): Change =>
  ({ rawHeaders, ...request }) => ({ ...request, rawHeaders: [...rawHeaders, name, value] });

const changes: readonly (readonly [string, Change, string])[] = [
  ['the method', (request) => ({ ...request, method: 'PUT' }), 'does not match'],
  ['the path', ({ target, ...request }) => ({ ...request, target: `/v2${target}` }), 'does not match'],
  ['the query', ({ target, ...request }) => ({ ...request, target: `${target}?x=1` }), 'does not match'],
  [
    'the body, by a space',
    ({ body, ...request }) => ({ ...request, body: Buffer.concat([body, Buffer.from(' ')]) }),
    'does not match',
  ],
  [
    'the body, by a figure of the duration',
    ({ body, ...request }) => ({
      ...request,
      body: Buffer.from(body.toString().replace('Seconds":', 'Seconds":1')),
    }),
    'does not match',
  ],
  ['the content type', inHeader('content-type', 'json', 'xml'), 'does not match'],
  ['the host', inHeader('host', 'rolesanywhere.eu', 'other.eu'), 'does not match'],
  ['the second', inHeader('x-amz-date', '120000Z', '120001Z'), 'does not match'],
  ['the form of the date', inHeader('x-amz-date', /.*/, 'Sun, 22 Nov 2026 12:00:00 GMT'), 'is not like'],
  ['the day alone', inHeader('x-amz-date', '20261122', '20261121'), 'does not match X-Amz-Date'],
  ['the certificate, by a line feed', inHeader('x-amz-x509', /^(.{64})/, '$1\n'), 'is not base64'],
  ['the certificate, cut', inHeader('x-amz-x509', /^(.{64}).*/, '$1'), 'cannot be read'],
  ['no content type', without('content-type'), 'were not sent: content-type'],
  ['no host', without('host'), 'were not sent: host'],
  ['no date', without('x-amz-date'), 'is not like'],
  ['no certificate', without('x-amz-x509'), 'X-Amz-X509 is missing'],
  ['no Authorization', without('authorization'), 'Missing Authentication Token'],
  ['two Authorizations', withHeader('Authorization', 'AWS4'), 'Missing Authentication Token'],
  ['two hosts', withHeader('Host', 'other.example'), 'does not match'],
  ['a further x-amz header', withHeader('X-Amz-Security-Token', 'x'), 'have to be signed'],
  ['the label', inAuthorization(/^AWS4-X509-(RSA|ECDSA)/, 'AWS4-X509-MLDSA'), 'Missing Authentication'],
  ['the label of SigV4', inAuthorization(/^AWS4-X509-(RSA|ECDSA)-SHA256/, 'AWS4-HMAC-SHA256'), 'Missing'],
  ['the label with the hash of the issuer', inAuthorization(/SHA256 /, 'SHA384 '), 'Missing Authentication'],
  ['the serial', inAuthorization(/=(\d+)\//, '=1$1/'), 'serial number'],
  ['a serial with a zero before it', inAuthorization(/=(\d+)\//, '=0$1/'), 'serial number'],
  ['a serial in hex', inAuthorization(/=\d+\//, '=0123456789abcdef/'), 'Missing Authentication Token'],
  ['the day of the scope', inAuthorization('/20261122/', '/20261123/'), 'does not match X-Amz-Date'],
  ['the region of the scope', inAuthorization('/eu-west-2/', '/eu-west-1/'), 'valid region'],
  ['the service', inAuthorization('/rolesanywhere/', '/sts/'), 'Missing Authentication Token'],
  ['the end of the scope', inAuthorization('/aws4_request', '/aws4'), 'Missing Authentication Token'],
  [
    'the order of the signed headers',
    inAuthorization('content-type;host', 'host;content-type'),
    'is not sorted',
  ],
  ['a header signed twice', inAuthorization('host;', 'host;host;'), 'is not sorted'],
  ['a header less', inAuthorization('host;', ''), 'have to be signed: host'],
  ['a header that was not sent', inAuthorization('host;', 'expect;host;'), 'were not sent: expect'],
  ['a figure of the signature', inAuthorization(/=(..)([^=]*)$/, '=31$2'), 'does not match'],
  ['a signature that is longer', inAuthorization(/$/, '00'), 'does not match'],
  ['a signature that is longer by half a byte', inAuthorization(/$/, '0'), 'Missing Authentication'],
  ['a signature that is cut', inAuthorization(/..$/, ''), 'does not match'],
  ['an empty signature', inAuthorization(/Signature=.*/, 'Signature='), 'Missing Authentication Token'],
];

describe.for(vectors)('the vector $name is refused with another', (vector) => {
  test.for(changes)('%s', ([, change, message]) => {
    const changed = change(requestOf(vector));
    expect(changed).not.toEqual(requestOf(vector));
    expect(() => verifyX509Signature(changed, scopeOf(vector), now)).toThrow(message);
  });
});

test('the chain is signed, in its order', () => {
  const vector = vectors.find(({ headers }) => 'x-amz-x509-chain' in headers);
  if (vector === undefined) throw new Error('there is no vector with a chain');
  const chain = vector.headers['x-amz-x509-chain'] ?? '';
  for (const other of [`${chain},${chain}`, vector.headers['x-amz-x509'] ?? '']) {
    expect(() =>
      verifyX509Signature(inHeader('x-amz-x509-chain', /.*/, other)(requestOf(vector)), scopeOf(vector), now),
    ).toThrow('does not match');
  }
});

test('the leaf of another key is refused', () => {
  const [one, other] = vectors;
  if (one === undefined || other === undefined) throw new Error('there are two vectors');
  const swapped = inHeader('x-amz-x509', /.*/, other.headers['x-amz-x509'] ?? '')(requestOf(one));
  expect(() => verifyX509Signature(swapped, scopeOf(one), now)).toThrow('serial number');
});

test('an equals sign in a value of the query is encoded twice', () => {
  const request = {
    method: 'POST',
    target: '/sessions?b=x%3Dy&a=%2F',
    rawHeaders: [],
    body: Buffer.alloc(0),
  };
  expect(canonicalRequest(request, [], new Map()).split('\n')[2]).toBe('a=%2F&b=x%253Dy');
});
