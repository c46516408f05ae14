/**
 * What a Roles Anywhere session knows of the certificate: session tags (default attribute mappings) and source identity.
 * Source: https://docs.aws.amazon.com/rolesanywhere/latest/userguide/trust-model.html
 */
import type { X509Certificate } from 'node:crypto';
import * as x509 from '@peculiar/x509';

/** Tag to value: `x509Subject/CN`, `x509Issuer/O`, `x509SAN/DNS`, … */
export function tagsOf(certificate: X509Certificate): Readonly<Record<string, string>> {
  const parsed = new x509.X509Certificate(certificate.raw);
  const all = {
    ...namesOf('x509Subject', parsed.subjectName),
    ...namesOf('x509Issuer', parsed.issuerName),
    ...alternativeNamesOf(parsed),
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => isTagValue(value)));
}

/** `CN=<cn>`, the bare name if that is too long, or the serial of a certificate without one. */
export function sourceIdentityOf(certificate: X509Certificate): string {
  const [name] = new x509.X509Certificate(certificate.raw).subjectName.getField('CN');
  if (name === undefined) return `ID=${certificate.serialNumber.toLowerCase()}`;
  return name.length <= 61 ? `CN=${name}` : name;
}

/** Repeated attributes are joined by `/`. */
function namesOf(prefix: string, name: x509.Name): Record<string, string> {
  const tags: Record<string, string> = {};
  for (const attributes of name.toJSON()) {
    for (const [type, values] of Object.entries(attributes)) {
      const tag = `${prefix}/${type}`;
      tags[tag] = [...(tags[tag] === undefined ? [] : [tags[tag]]), ...values].join('/');
    }
  }
  return tags;
}

/** Of each kind only the first. */
function alternativeNamesOf(certificate: x509.X509Certificate): Record<string, string> {
  const names = certificate.getExtension(x509.SubjectAlternativeNameExtension)?.names.items ?? [];
  const first = (type: x509.GeneralNameType): string | undefined =>
    names.find((name) => name.type === type)?.value;
  const [dns, uri, directory] = [first('dns'), first('url'), first('dn')];
  return {
    ...(directory === undefined ? {} : namesOf('x509SAN/Name', new x509.Name(directory))),
    ...(dns === undefined ? {} : { 'x509SAN/DNS': dns }),
    ...(uri === undefined ? {} : { 'x509SAN/URI': uri }),
  };
}

/** What STS takes as the value of a tag: no `*`, so that the name of a wildcard is left out. */
function isTagValue(value: string): boolean {
  return /^[\p{L}\p{Z}\p{N}_.:/=+\-@]{0,256}$/u.test(value);
}
