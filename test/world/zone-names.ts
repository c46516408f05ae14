/**
 * Domain names as Route 53 takes and gives them.
 *
 * A name is a list of labels; a label is a string of bytes (char codes 0 to 255), lower-case. As text a name is
 * absolute, and every byte outside `a-z 0-9 - _` is a backslash with three octal digits (`\052.lan.example.`).
 */

/** What Route 53 calls a FATAL problem: a name or value that is not even well-formed. */
export class FatalProblem extends Error {
  constructor(problem: string, explanation: string, encountered: string) {
    super(`FATAL problem: ${problem} (${explanation}) encountered with '${encountered}'`);
    this.name = 'FatalProblem';
  }
}

export type Labels = readonly string[];

/** A name as written in a request: any case, trailing dot or not, octal escapes. Throws `FatalProblem`. */
export function parseName(text: string): Labels {
  const labels: string[] = [];
  let label = '';
  for (let at = 0; at < text.length; at += 1) {
    const char = text.charAt(at);
    if (char === '.') {
      labels.push(label);
      label = '';
    } else if (char === '\\') {
      label += octal(text, at);
      at += 3;
    } else label += supported(char);
  }
  if (label !== '' || labels.length === 0) labels.push(label);
  check(labels, text);
  return labels.map(lowerCase);
}

function octal(text: string, at: number): string {
  const digits = /^[0-3][0-7]{2}/.exec(text.slice(at + 1, at + 4));
  if (digits === null) {
    throw new FatalProblem('UnsupportedCharacter', 'Value contains unsupported characters', '\\');
  }
  return String.fromCharCode(Number.parseInt(digits[0], 8));
}

function supported(char: string): string {
  if (/^[!-~]$/.test(char)) return char;
  throw new FatalProblem('UnsupportedCharacter', 'Value contains unsupported characters', char);
}

function check(labels: readonly string[], text: string): void {
  for (const label of labels) {
    if (label === '') throw new FatalProblem('DomainLabelEmpty', 'Domain label is empty', text);
    if (label.length > 63) throw new FatalProblem('DomainLabelTooLong', 'Domain label is too long', label);
  }
  const octets = labels.reduce((sum, label) => sum + label.length + 1, 1);
  if (octets > 255) throw new FatalProblem('DomainNameTooLong', 'Domain name is too long', text);
}

/** ASCII only: 0x20 has no meaning outside it. */
function lowerCase(label: string): string {
  return label.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

/** As Route 53 returns it. */
export function formatName(labels: Labels): string {
  return labels.length === 0 ? '.' : labels.map((label) => `${escapeLabel(label)}.`).join('');
}

function escapeLabel(label: string): string {
  return label.replace(/[^a-z0-9_-]/g, (char) => `\\${char.charCodeAt(0).toString(8).padStart(3, '0')}`);
}

/** `WWW.Lan.Example` and `www.lan.example.` are the same name: this is it. */
export function normalizeName(text: string): string {
  return formatName(parseName(text));
}

/** The labels of a name that is already normalised. */
export function labelsOf(name: string): Labels {
  return name === '.' ? [] : parseName(name);
}

export function isWithin(name: string, zone: string): boolean {
  return name === zone || name.endsWith(`.${zone}`);
}

/** Labels reversed, trailing dot included: what Route 53 sorts names by. */
function sortKey(name: string): string {
  return name
    .replace(/\.$/, '')
    .split('.')
    .reverse()
    .map((label) => `${label}.`)
    .join('');
}

export function compareNames(a: string, b: string): number {
  return compareText(sortKey(a), sortKey(b));
}

/** Byte order, not the user's language. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
