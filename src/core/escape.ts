/**
 * Makes text of others safe to print: a CA, a name server, AWS, a file name or a hook must not move the cursor,
 * recolour the screen, forge a line of the log or turn the reading direction.
 */

/** Control characters (C0, DEL, C1), format characters (bidi, zero width, tags), line separators, lone surrogates. */
const unsafe = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/** C0, DEL and C1: all that is `\p{Cc}`, which takes longer to compile than all settings to read. */
export const control = /[\0-\x1f\x7f-\x9f]/;

/** Most texts: to look for nothing else takes a fraction of the time. */
const plain = /^[ -~]*$/;

const shortForms: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** The longest text that is printed in one piece. */
const defaultLimit = 4000;

/**
 * The text with every unsafe character spelled visibly (`\n`, `\x1b`, `\u{202e}`), cut after `limit` characters.
 * A backslash stays as it is: the result is for eyes, nobody reads it back.
 */
export function escapeText(text: string, limit: number = defaultLimit): string {
  const kept =
    text.length > limit ? `${text.slice(0, limit)}… (${text.length - limit} more characters)` : text;
  if (plain.test(kept)) return kept;
  return kept.replace(unsafe, (character) => shortForms[character] ?? spelled(character));
}

/** One line of JSON: the exact value for a program that parses it, and harmless when it is shown on a terminal. */
export function safeJson(value: unknown): string {
  return escapeJson(JSON.stringify(value));
}

/**
 * JSON text in which nothing unsafe stands bare. `JSON.stringify` escapes only what is under U+0020; outside strings
 * JSON has no unsafe character but line ends, which are kept.
 */
export function escapeJson(json: string): string {
  return json.replace(unsafe, (character) => (character === '\n' ? character : jsonEscape(character)));
}

function spelled(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
}

function jsonEscape(character: string): string {
  return Array.from({ length: character.length }, (_, index) => character.charCodeAt(index))
    .map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`)
    .join('');
}
