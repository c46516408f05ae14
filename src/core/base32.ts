/** RFC 4648 §6. */
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** How many characters the last group of eight may have: other numbers end within a byte. */
const lastGroups: ReadonlySet<number> = new Set([0, 2, 4, 5, 7]);

/**
 * The bytes of a base32 text (RFC 4648 §6), in upper or lower case; the padding may be left out, as authenticators do.
 * Undefined if anything else stands in it, or bits that belong to no byte.
 */
export function fromBase32(text: string): Uint8Array | undefined {
  const [, digits = '', padding = ''] = /^([A-Za-z2-7]+)(=*)$/.exec(text) ?? [];
  if (digits === '' || !lastGroups.has(digits.length % 8)) return undefined;
  if (padding !== '' && (text.length % 8 !== 0 || padding.length > 6)) return undefined;
  const bytes: number[] = [];
  let [bits, held] = [0, 0];
  for (const digit of digits.toUpperCase()) {
    bits = (bits << 5) | alphabet.indexOf(digit);
    held += 5;
    if (held < 8) continue;
    held -= 8;
    bytes.push(bits >> held);
    bits &= (1 << held) - 1;
  }
  return bits === 0 ? Uint8Array.from(bytes) : undefined;
}
