/** DER, encoded by node-forge, whose octet strings are texts of one character a byte. */
import asn1 from 'node-forge/lib/asn1.js';

export type Der = ReturnType<typeof asn1.create>;
type Tag = Parameters<typeof asn1.create>[1];

const { UNIVERSAL, CONTEXT_SPECIFIC } = asn1.Class;
const { SEQUENCE, SET, INTEGER, OCTETSTRING, OID, NULL, BMPSTRING } = asn1.Type;
/** The tag `[0]`. */
const first = asn1.Type.NONE;

export const sequence = (...members: readonly Der[]): Der => constructed(SEQUENCE, members);
export const set = (...members: readonly Der[]): Der => constructed(SET, members);
export const integer = (value: number): Der => primitive(INTEGER, asn1.integerToDer(value).getBytes());
export const octets = (bytes: Uint8Array): Der => primitive(OCTETSTRING, latin1(bytes));
export const oid = (dotted: string): Der => primitive(OID, asn1.oidToDer(dotted).getBytes());
export const nothing = (): Der => primitive(NULL, '');
/** UTF-16, the high byte first: node-forge makes that of a text. */
export const bmpString = (text: string): Der => primitive(BMPSTRING, text);

/** `[0] EXPLICIT` */
export const explicit = (member: Der): Der => asn1.create(CONTEXT_SPECIFIC, first, true, [member]);
/** `[0] IMPLICIT OCTET STRING` */
export const implicitOctets = (bytes: Uint8Array): Der =>
  asn1.create(CONTEXT_SPECIFIC, first, false, latin1(bytes));

export function encoded(der: Der): Uint8Array {
  return Buffer.from(asn1.toDer(der).getBytes(), 'latin1');
}

function constructed(tag: Tag, members: readonly Der[]): Der {
  return asn1.create(UNIVERSAL, tag, true, [...members]);
}

function primitive(tag: Tag, content: string): Der {
  return asn1.create(UNIVERSAL, tag, false, content);
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1');
}
