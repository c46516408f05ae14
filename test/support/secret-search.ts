/** Looks for a secret in whatever form a program could have let it slip. */
import { Buffer } from 'node:buffer';

export interface Secret {
  readonly name: string;
  readonly bytes: Buffer;
}

/** A secret of a length that nothing else has by chance; of longer ones three pieces are looked for. */
const pieceLength = 24;

/** The form in which a part of the secret stands in the text, if any does. */
export function formOfSecret(secret: Secret, text: Buffer | string): string | undefined {
  const latin1 = (typeof text === 'string' ? Buffer.from(text) : text).toString('latin1');
  // PEM, logs and dumps break lines where they like; JSON writes the break as `\n`.
  const joined = latin1.replaceAll(/\\n|\s/g, '');
  for (const piece of piecesOf(secret.bytes)) {
    for (const [form, needles] of Object.entries(formsOf(piece))) {
      if (needles.some((needle) => latin1.includes(needle) || joined.includes(needle))) return form;
    }
  }
  return undefined;
}

function piecesOf(bytes: Buffer): readonly Buffer[] {
  if (bytes.length <= pieceLength) return [bytes];
  const middle = Math.floor((bytes.length - pieceLength) / 2);
  return [0, middle, bytes.length - pieceLength].map((start) => bytes.subarray(start, start + pieceLength));
}

function formsOf(piece: Buffer): Readonly<Record<string, readonly string[]>> {
  const hex = piece.toString('hex');
  const standard = base64Alignments(piece);
  return {
    plain: [piece.toString('latin1')],
    hex: [hex, hex.toUpperCase(), (hex.match(/../g) ?? []).join(':')],
    base64: standard,
    base64url: standard.map((text) => text.replaceAll('+', '-').replaceAll('/', '_')),
    'list of numbers': [[...piece].join(',')],
    'percent encoding': [encodeURIComponent(piece.toString('latin1'))],
  };
}

/** The characters of base64 that depend on these bytes alone, for each place that they can have in a group of three. */
function base64Alignments(piece: Buffer): readonly string[] {
  return [0, 1, 2].map((before) => {
    const text = Buffer.concat([Buffer.alloc(before), piece]).toString('base64');
    const bits = (before + piece.length) * 8;
    return text.slice(Math.ceil((before * 8) / 6), Math.floor(bits / 6));
  });
}
