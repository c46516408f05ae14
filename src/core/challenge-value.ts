import { createHash, createPublicKey } from 'node:crypto';

/** The TXT value that proves control of a name (RFC 8555 §8.4): 43 characters of base64url. */
export function challengeValue(token: string, thumbprint: string): string {
  return sha256(`${token}.${thumbprint}`);
}

/** Whether the Route 53 text is that of a dns-01 value: one string, 43 characters of base64url. */
export function isChallengeText(text: string): boolean {
  return /^"[A-Za-z0-9_-]{43}"$/.test(text);
}

/** The members that count for each type of key, in the order of the alphabet (RFC 7638 §3.2). */
const thumbprintMembers: ReadonlyMap<unknown, readonly string[]> = new Map([
  ['EC', ['crv', 'kty', 'x', 'y']],
  ['RSA', ['e', 'kty', 'n']],
]);

/** The JWK thumbprint (RFC 7638) of an account key, given as PEM. */
export function accountThumbprint(keyPem: string): string {
  const jwk = createPublicKey(keyPem).export({ format: 'jwk' });
  const members = thumbprintMembers.get(jwk.kty);
  if (members === undefined)
    throw new TypeError(`no thumbprint is defined for a key of type ${String(jwk.kty)}`);
  return sha256(JSON.stringify(Object.fromEntries(members.map((member) => [member, jwk[member]]))));
}

/** The longest string within a TXT record, in bytes (RFC 1035 §3.3). */
const longestString = 255;

/** A TXT value, one character a byte, as Route 53's text: cut into strings that are as long as they may be. */
export function quoteTxt(value: string): string {
  return quoteStrings(value.match(new RegExp(`[^]{1,${longestString}}`, 'g')) ?? ['']);
}

/** The strings of a TXT value, one character a byte, as Route 53's text: with `\"`, `\\` and `\ooo` in them. */
export function quoteStrings(strings: readonly string[]): string {
  return strings.map((string) => `"${string.replace(/["\\]|[^ -~]/g, escaped)}"`).join(' ');
}

/** What Route 53's text stands for, its strings joined, one character a byte; nothing if it is no TXT text. */
export function unquoteTxt(text: string): string | undefined {
  if (!/^"(?:[^"\\]|\\[^])*"(?: *"(?:[^"\\]|\\[^])*")*$/.test(text)) return undefined;
  const strings = text.match(/"(?:[^"\\]|\\[^])*"/g) ?? [];
  return strings.map((string) => string.slice(1, -1).replace(/\\([0-3][0-7]{2}|[^])/g, unescaped)).join('');
}

function escaped(character: string): string {
  if (character === '"' || character === '\\') return `\\${character}`;
  return `\\${character.charCodeAt(0).toString(8).padStart(3, '0')}`;
}

function unescaped(_: string, escape: string): string {
  return escape.length === 3 ? String.fromCharCode(Number.parseInt(escape, 8)) : escape;
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}
