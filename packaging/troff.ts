/** Text as troff takes it (groff_char(7), man(7)): what stands here is what is shown. */

/** ASCII that troff would show as something else, or act upon. A hyphen between letters is one; others are to be typed. */
const special: Readonly<Record<string, string>> = {
  '\\': '\\(rs',
  "'": '\\(aq',
  '"': '\\(dq',
  '`': '\\(ga',
  '^': '\\(ha',
  '~': '\\(ti',
};

/** A piece of a line, with nothing in it that troff understands. */
export function escaped(text: string): string {
  return text
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/[\\'"`^~]/g, (character) => special[character] ?? character)
    .replaceAll(/(?<![a-z])-|-(?![a-z])/gi, '\\-')
    .replaceAll(/[^ -~]/gu, (character) => `\\[u${hexadecimal(character)}]`);
}

/** What somebody types as it stands: each of its hyphens is a minus. */
export function typed(text: string): string {
  return escaped(text).replaceAll(/(?<!\\)-/g, '\\-');
}

export function bold(text: string): string {
  return `\\fB${typed(text)}\\fR`;
}

export function italic(text: string): string {
  return `\\fI${typed(text)}\\fR`;
}

/** A sentence or more, in which `code` between backticks is bold. */
export function prose(text: string): string {
  const pieces = text.split('`').map((piece, index) => (index % 2 === 0 ? escaped(piece) : bold(piece)));
  return asLine(pieces.join(''));
}

/** A line of escaped text: troff would take one that begins with a dot for a request. */
export function asLine(text: string): string {
  return text.startsWith('.') ? `\\&${text}` : text;
}

/** The argument of a macro. */
export function argument(text: string): string {
  return `"${text}"`;
}

function hexadecimal(character: string): string {
  return (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
}
