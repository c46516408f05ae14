import { createPublicKey, generateKeyPairSync, type JsonWebKey } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  accountThumbprint,
  challengeValue,
  isChallengeText,
  quoteStrings,
  quoteTxt,
  unquoteTxt,
} from '../../src/core/challenge-value.ts';

describe('the value of a challenge', () => {
  it('is the base64url SHA-256 of token, dot and thumbprint (RFC 8555 §8.4)', () => {
    const token = 'evaGxfADs6pSRb2LAv9IZf17Dt3juxGJ-PCt92wr-oA';
    const thumbprint = '9jg46WB3rR_AHD-EBXdN7cBkH1WOu0tA3M9fm21mqTI';
    // By: printf TOKEN.THUMBPRINT | openssl dgst -sha256 -binary | base64 | tr '+/' '-_' | tr -d =
    expect(challengeValue(token, thumbprint)).toBe('lCM7cZyQXcVHK2nnW3jjAhNT3Fvm18UN-kWZZknKoYM');
  });

  it('is what makes a challenge text', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (token, thumbprint) => {
        expect(isChallengeText(quoteTxt(challengeValue(token, thumbprint)))).toBe(true);
      }),
    );
  });

  it.each([
    ['no quotation marks', 'a'.repeat(43)],
    ['too short', `"${'a'.repeat(42)}"`],
    ['too long', `"${'a'.repeat(44)}"`],
    ['base64, not base64url', `"${'a'.repeat(42)}/"`],
    ['padding', `"${'a'.repeat(42)}="`],
    ['two strings', `"${'a'.repeat(43)}" "${'a'.repeat(43)}"`],
    ['a line end', `"${'a'.repeat(43)}"\n`],
    ['a standing right to issue', '"letsencrypt.org; accounturi=https://a.example/1"'],
  ])('is not %s', (_, text) => {
    expect(isChallengeText(text)).toBe(false);
  });
});

const pemOf = (jwk: JsonWebKey): string =>
  createPublicKey({ key: jwk, format: 'jwk' }).export({ type: 'spki', format: 'pem' }) as string;

describe('the thumbprint of an account key', () => {
  it('is that of RFC 7638 §3.1 for an RSA key', () => {
    const n =
      '0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMs' +
      'tn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91' +
      'CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw';
    expect(accountThumbprint(pemOf({ kty: 'RSA', n, e: 'AQAB' }))).toBe(
      'NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs',
    );
  });

  it('is the hash of the four members of a P-256 key, in their order', () => {
    // By: printf '{"crv":"P-256","kty":"EC","x":"…","y":"…"}' | openssl dgst -sha256 -binary | base64, to base64url.
    expect(
      accountThumbprint(
        pemOf({
          kty: 'EC',
          crv: 'P-256',
          x: 'iGVsF9hjX3mZaNiBLepdZgvx2SWsZh-W3H_UfCHWO9Y',
          y: 'lAuw2JBZUrvIbVWf8OitPFRnIP9witoD3jZTO1Q7qXI',
        }),
      ),
    ).toBe('i5qjqzV54PD2rki-Ng7l66HAqCHgqDeWDGPU8Z6wAMU');
  });

  it('is the same for a private key and its public half', () => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-384' });
    expect(accountThumbprint(privateKey.export({ type: 'pkcs8', format: 'pem' }) as string)).toBe(
      accountThumbprint(publicKey.export({ type: 'spki', format: 'pem' }) as string),
    );
  });

  it('is refused for a key that no CA takes for an account', () => {
    const { publicKey } = generateKeyPairSync('ed25519');
    expect(() => accountThumbprint(publicKey.export({ type: 'spki', format: 'pem' }) as string)).toThrow(
      'no thumbprint is defined for a key of type OKP',
    );
  });
});

describe('TXT texts of Route 53', () => {
  it.each([
    ['nothing', '', '""'],
    ['plain text', 'v=spf1 -all', '"v=spf1 -all"'],
    ['a quotation mark and a backslash', 'say "hi" \\o/', '"say \\"hi\\" \\\\o/"'],
    ['bytes', '\0\x1f\x7f\xc3\xbc', '"\\000\\037\\177\\303\\274"'],
    ['a digit after a byte', '\u00011', '"\\0011"'],
    ['255 bytes', 'a'.repeat(255), `"${'a'.repeat(255)}"`],
    ['256 bytes', 'a'.repeat(256), `"${'a'.repeat(255)}" "a"`],
    ['line ends', 'a\nb', '"a\\012b"'],
  ])('quote %s', (_, value, text) => {
    expect(quoteTxt(value)).toBe(text);
    expect(unquoteTxt(text)).toBe(value);
  });

  it('keep the strings of a value as they were cut', () => {
    expect(quoteStrings(['a', '', 'b "c"'])).toBe('"a" "" "b \\"c\\""');
    expect(quoteStrings([''])).toBe('""');
  });

  it.each([
    ['strings side by side', '"a""b"', 'ab'],
    ['strings with space between', '"part1"  "part2"', 'part1part2'],
    ['a needless escape', '"\\a\\;"', 'a;'],
    ['a backslash before digits', '"\\\\101"', '\\101'],
  ])('are read back: %s', (_, text, value) => {
    expect(unquoteTxt(text)).toBe(value);
  });

  it.each(['', 'a', '"a', 'a"', '"a" b', '"a\\"', '"a" "', ' "a"'])('are not %j', (text) => {
    expect(unquoteTxt(text)).toBeUndefined();
  });

  it('give back every value', () => {
    const bytes = fc.uint8Array({ maxLength: 600 }).map((value) => Buffer.from(value).toString('latin1'));
    fc.assert(
      fc.property(bytes, (value) => {
        const text = quoteTxt(value);
        expect(text).toMatch(/^[ -~]+$/);
        expect(unquoteTxt(text)).toBe(value);
      }),
    );
  });
});
