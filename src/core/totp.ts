import { createHmac } from 'node:crypto';
import { LanacmeError } from '../errors.ts';
import { fromBase32 } from './base32.ts';

/** How long a code is that of its step, in milliseconds (RFC 6238 §4.1, X). */
const stepMs = 30_000;

const digits = 6;

/** 80 bits: what authenticators have in their shortest seeds. RFC 4226 §4 asks for 128 and recommends 160. */
const leastSeedBytes = 10;

/** The secret that a host and whoever verifies its sessions share. */
export type TotpSeed = Uint8Array;

/**
 * A seed written in base32; in groups, too, as authenticators show it (`gezd gnbv …`).
 *
 * @param origin where it stands, for the message; the seed itself is never in one.
 * @throws LanacmeError `credentials.seed-invalid`.
 */
export function parseTotpSeed(text: string, origin: string): TotpSeed {
  const seed = fromBase32(text.replaceAll(/[ -]/g, ''));
  if (seed === undefined) throw invalidSeed(`${origin} holds no seed in base32`);
  if (seed.length < leastSeedBytes) {
    throw invalidSeed(`the seed in ${origin} has ${seed.length} bytes, fewer than ${leastSeedBytes}`);
  }
  return seed;
}

/** The code of the step that the instant is in: six digits (RFC 6238, HMAC-SHA-1, steps of 30 s since 1970). */
export function totp(seed: TotpSeed, at: Date): string {
  return codeOfStep(seed, stepOf(at));
}

/**
 * How many steps before (negative) or after the instant the code was right, not more than one: a host's clock may differ,
 * and a request takes its time. Undefined if it was not. Where two would do, the nearest.
 */
export function totpSkew(seed: TotpSeed, code: string, at: Date): -1 | 0 | 1 | undefined {
  const step = stepOf(at);
  return ([0, -1, 1] as const).find((skew) => codeOfStep(seed, step + skew) === code);
}

function stepOf(at: Date): number {
  return Math.floor(at.getTime() / stepMs);
}

/** HOTP (RFC 4226 §5.3) with the step as its counter. */
function codeOfStep(seed: TotpSeed, step: number): string {
  const counter = Buffer.alloc(8);
  counter.writeBigInt64BE(BigInt(step));
  const mac = createHmac('sha1', seed).update(counter).digest();
  // Dynamic truncation: 31 bits at an offset that the last four bits tell.
  const offset = mac.readUInt8(mac.length - 1) & 0xf;
  const number = mac.readUInt32BE(offset) & 0x7fff_ffff;
  return String(number % 10 ** digits).padStart(digits, '0');
}

function invalidSeed(message: string): LanacmeError {
  return new LanacmeError('credentials.seed-invalid', message, {
    hint: 'it is written in base32, with the letters A to Z and the digits 2 to 7: head -c 20 /dev/urandom | base32 makes one',
  });
}
