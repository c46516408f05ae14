declare const dnsName: unique symbol;
declare const domain: unique symbol;
declare const certificateName: unique symbol;

/** A DNS name in normal form: lower-case, Punycode, no trailing dot, no wildcard. */
export type DnsName = string & { readonly [dnsName]: true };

/** A name for a certificate in normal form: a `DnsName` of LDH labels, or `*.` and one. */
export type Domain = string & { readonly [domain]: true };

/** A certificate's local name, safe as one component of a path. */
export type CertificateName = string & { readonly [certificateName]: true };
