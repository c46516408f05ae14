import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
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

test.for(vectors)('one byte of $name is another: refused', (vector) => {
  const request = requestOf(vector);
  const changed = [
    { ...request, body: Buffer.from(vector.body.replace('"duration', '" duration')) },
    { ...request, target: `${request.target}?x=1` },
    {
      ...request,
      rawHeaders: request.rawHeaders.map((text) => text.replace('rolesanywhere.eu', 'other.eu')),
    },
  ];
  for (const one of changed) {
    expect(() => verifyX509Signature(one, scopeOf(vector), now)).toThrow('does not match');
  }
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
