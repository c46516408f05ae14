import { describe, expect, it } from 'vitest';
import { parseTotpSeed, totp, totpSkew } from '../../src/core/totp.ts';
import { LanacmeError } from '../../src/errors.ts';

const at = (seconds: number): Date => new Date(seconds * 1000);

/** `12345678901234567890` in ASCII: the seed of RFC 4226 appendix D and of RFC 6238 appendix B. */
const seedText = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';
const seed = parseTotpSeed(seedText, 'the test');

describe('a TOTP code', () => {
  // RFC 6238 appendix B, SHA-1; there the codes have eight digits, of which ours are the last six.
  it.each([
    [59, '94287082'],
    [1_111_111_109, '07081804'],
    [1_111_111_111, '14050471'],
    [1_234_567_890, '89005924'],
    [2_000_000_000, '69279037'],
    [20_000_000_000, '65353130'],
  ])('at %d seconds is that of RFC 6238', (seconds, code) => {
    expect(totp(seed, at(seconds))).toBe(code.slice(-6));
  });

  // RFC 4226 appendix D, by counter.
  it.each(
    '755224 287082 359152 969429 338314 254676 287922 162583 399871 520489'
      .split(' ')
      .map((code, counter) => [counter, code] as const),
  )('in step %d is that of RFC 4226', (counter, code) => {
    expect(totp(seed, at(counter * 30))).toBe(code);
    expect(totp(seed, at(counter * 30 + 29.999))).toBe(code);
  });

  it.each([
    ['is right in its own step', 60, 89, 0],
    ['is right one step later, for a host whose clock is late', 60, 90, -1],
    ['is right at the end of that', 60, 119.999, -1],
    ['is wrong two steps later', 60, 120, undefined],
    ['is right one step before, for a host whose clock is early', 60, 59, 1],
    ['is right from the start of that', 60, 30, 1],
    ['is wrong two steps before', 60, 29.999, undefined],
  ])('%s', (_, made, seen, skew) => {
    expect(totpSkew(seed, totp(seed, at(made)), at(seen))).toBe(skew);
  });

  it.each(['', '28708', '2870820', ' 287082', '287 082', '２87082'])('is not %j', (text) => {
    expect(totpSkew(seed, text, at(45))).toBeUndefined();
  });
});

describe('a TOTP seed', () => {
  it.each([
    ['in lower case', seedText.toLowerCase(), 20],
    ['in groups', 'gezd gnbv gy3t qojq gezd gnbv gy3t qojq', 20],
    ['in groups with dashes', 'GEZD-GNBV-GY3T-QOJQ', 10],
    ['with all of its padding', 'GEZDGNBVGY3TQOJQGEZDGNBVGY======', 16],
    ['without its padding', 'GEZDGNBVGY3TQOJQGEZDGNBVGY', 16],
  ])('may be %s', (_, text, length) => {
    const bytes = Buffer.from('12345678901234567890').subarray(0, length);
    expect(Buffer.from(parseTotpSeed(text, 'the test'))).toEqual(bytes);
  });

  it.each([
    ['nothing', ''],
    ['spaces alone', '   '],
    ['groups of words', 'correct horse battery staple 1'],
    ['a digit that base32 has not', 'GEZDGNBVGY3TQOJ1'],
    ['base64', 'MTIzNDU2Nzg5MDEyMzQ1Njc4OTA='],
    ['padding alone', '========'],
    ['too little padding', 'GEZDGNBVGY3TQOJQGE====='],
    ['too much padding', 'GEZDGNBVGY3TQOJQ========'],
    ['an end that no byte has', 'GEZDGNBVGY3TQOJQG'],
    ['bits that belong to no byte', 'GEZDGNBVGY3TQOJQGF'],
    ['more lines', `${seedText}\n${seedText}`],
    ['nine bytes', 'GEZDGNBVGY3TQOI'],
  ])('of %s is refused, and not repeated', (_, text) => {
    const refused = (): unknown => parseTotpSeed(text, 'seed.txt');
    expect(refused).toThrow(expect.objectContaining({ code: 'credentials.seed-invalid' }) as Error);
    try {
      refused();
    } catch (error) {
      expect(error).toBeInstanceOf(LanacmeError);
      if (text !== '') expect(JSON.stringify(error) + String(error)).not.toContain(text);
    }
  });
});
