/** What is in a certificate and Node does not tell: its version, its issuer's algorithm, its extensions. */
import asn1 from 'node-forge/lib/asn1.js';

type Der = ReturnType<typeof asn1.fromDer>;

/** The parts of a certificate (RFC 5280 §4.1) as Node gives it in `X509Certificate.raw`. */
export interface CertificateParts {
  /** 1 to 3. */
  readonly version: number;
  /** What it is signed with, as an OID. */
  readonly signatureAlgorithm: string;
  /** The value of an extension; undefined if it is not there, or is no DER: nobody has checked what is in it. */
  extension(oid: string): Der | undefined;
}

export function certificateParts(raw: Uint8Array): CertificateParts {
  const [signed, algorithm] = membersOf(parsed(raw));
  const [version] = tagged(signed, 0);
  const extensions = membersOf(tagged(signed, 3)[0]).map(membersOf);
  return {
    // It counts from 0, and is left out for the first.
    version: typeof version?.value === 'string' ? version.value.charCodeAt(0) + 1 : 1,
    signatureAlgorithm: oidOf(membersOf(algorithm)[0]) ?? '',
    extension: (oid) => {
      // The last member: between them may stand whether it is critical.
      const content = extensions.find(([id]) => oidOf(id) === oid)?.at(-1)?.value;
      return typeof content === 'string' ? parsedOrNothing(content) : undefined;
    },
  };
}

/** The members of `[tag]` in a sequence. */
function tagged(der: Der | undefined, tag: number): readonly Der[] {
  const found = membersOf(der).find(
    ({ tagClass, type }) => tagClass === asn1.Class.CONTEXT_SPECIFIC && (type as number) === tag,
  );
  return membersOf(found);
}

export function membersOf(der: Der | undefined): readonly Der[] {
  return Array.isArray(der?.value) ? der.value : [];
}

export function oidOf(der: Der | undefined): string | undefined {
  return der?.type === asn1.Type.OID && typeof der.value === 'string' ? asn1.derToOid(der.value) : undefined;
}

/** The bytes of an element that has no members, each as a character. */
export function contentOf(der: Der | undefined): string | undefined {
  return typeof der?.value === 'string' ? der.value : undefined;
}

function parsed(der: Uint8Array): Der {
  return asn1.fromDer(Buffer.from(der).toString('latin1'));
}

function parsedOrNothing(content: string): Der | undefined {
  try {
    return asn1.fromDer(content);
  } catch {
    return undefined;
  }
}
