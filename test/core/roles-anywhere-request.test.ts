import { createPrivateKey, sign, verify, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  authorization,
  canonicalRequest,
  type Signer,
  serialDecimal,
  sessionRequest,
  signingLabel,
  stringToSign,
  type UnsignedRequest,
} from '../../src/core/roles-anywhere-request.ts';

interface Vector extends UnsignedRequest {
  readonly name: string;
  readonly algorithm: string;
  readonly certPem: string;
  readonly keyPem: string;
  readonly chainPem: readonly string[];
  readonly region: string;
  readonly xAmzDate: string;
  readonly serialDecimal: string;
  readonly canonicalRequest: string;
  readonly stringToSign: string;
  readonly signature: string;
  readonly signatureDeterministic: boolean;
  readonly authorization: string;
}

const file = new URL('../vectors/roles-anywhere-vectors.json', import.meta.url);
const { vectors } = JSON.parse(readFileSync(file, 'utf8')) as { readonly vectors: readonly Vector[] };

function signerOf({ keyPem, certPem }: Vector): Signer {
  const key = createPrivateKey(keyPem);
  return {
    label: signingLabel(key.asymmetricKeyType, 'key.pem'),
    serialHex: new X509Certificate(certPem).serialNumber,
    sign: (text) => sign('sha256', text, key),
  };
}

const der = (pem: string): string => new X509Certificate(pem).raw.toString('base64');

describe.each(vectors)('the vector $name', (vector) => {
  it('has this canonical request', () => {
    expect(canonicalRequest(vector)).toBe(vector.canonicalRequest);
  });

  it('has this string to sign, with the label of its key', () => {
    const { label } = signerOf(vector);
    expect(label).toBe(vector.algorithm);
    expect(stringToSign(vector, label, vector.region)).toBe(vector.stringToSign);
  });

  it('has this serial', () => {
    expect(serialDecimal(new X509Certificate(vector.certPem).serialNumber)).toBe(vector.serialDecimal);
  });

  it('has this Authorization, or one with another signature that is as good', () => {
    const header = authorization(vector, signerOf(vector), vector.region);
    const [before, signature = ''] = header.split('Signature=');
    expect(before).toBe(vector.authorization.split('Signature=')[0]);
    if (vector.signatureDeterministic) expect(header).toBe(vector.authorization);
    const { publicKey } = new X509Certificate(vector.certPem);
    const text = Buffer.from(vector.stringToSign);
    expect(verify('sha256', text, publicKey, Buffer.from(signature, 'hex'))).toBe(true);
  });

  it('has these headers when a session is asked for', () => {
    const asked = sessionRequest(
      { trustAnchorArn: 't', profileArn: 'p', roleArn: 'r', durationSeconds: 3600 },
      { leaf: der(vector.certPem), chain: vector.chainPem.map(der) },
      vector.headers['host'] ?? '',
      new Date('2026-11-22T12:00:00.789Z'),
    );
    expect(asked.headers).toEqual(vector.headers);
  });
});

describe('a session that is asked for', () => {
  const arns = {
    trustAnchorArn:
      'arn:aws:rolesanywhere:eu-west-2:123456789012:trust-anchor/aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee',
    profileArn: 'arn:aws:rolesanywhere:eu-west-2:123456789012:profile/11111111-2222-3333-4444-555555555555',
    roleArn: 'arn:aws:iam::123456789012:role/lan/lanacme-dns',
  };
  const asked = (more: object) =>
    sessionRequest(
      { ...arns, durationSeconds: 3600, ...more },
      { leaf: 'AAAA', chain: [] },
      'host',
      new Date(0),
    );

  it('is all in the body, which is that of the vector', () => {
    expect(asked({}).body).toBe(vectors.find(({ name }) => name === 'rsa-body')?.body);
    expect(asked({}).query).toEqual({});
  });

  it('has a name only if one is given: profiles refuse it unless they are told not to', () => {
    expect(JSON.parse(asked({ sessionName: 'pi-hole' }).body)).toHaveProperty('roleSessionName', 'pi-hole');
    expect(JSON.parse(asked({}).body)).not.toHaveProperty('roleSessionName');
  });

  it('has no chain if there is none', () => {
    expect(asked({}).headers).not.toHaveProperty('x-amz-x509-chain');
  });
});

describe('the serial of a certificate', () => {
  it.each([
    ['00', '0'],
    ['0123456789ABCDEF0123456789ABCDEF01234567', '6495562832581790663061892574634853316331521383'],
    ['F1E2D3C4B5A69788796A5B4C3D2E1F00', '321521701247558003770699513734837968640'],
    ['20000000000001', '9007199254740993'],
  ])('%s is %s', (hex, decimal) => {
    expect(serialDecimal(hex)).toBe(decimal);
  });
});

describe('a serial that is negative, which RFC 5280 forbids,', () => {
  it('signs nothing', () => {
    expect(() => serialDecimal('-05')).toThrow('the serial of the certificate is no positive number: -05');
  });
});

describe('the label', () => {
  it.each(['ed25519', 'rsa-pss', undefined])('of a key of type %s is none', (type) => {
    expect(() => signingLabel(type, 'key.pem')).toThrow(
      `key.pem holds a key of the type ${type ?? 'unknown'}, with which no session can be signed`,
    );
  });
});
