/** What a certificate needs to be an identity at IAM Roles Anywhere, and what it should not be. */

/** What a certificate says of itself, as far as it matters here. */
export interface IdentityFacts {
  /** Of X.509: 1 to 3. */
  readonly version: number;
  readonly isCa: boolean;
  /** Empty if it has no name. */
  readonly subject: string;
  /** An attribute on each line: `O=Let's Encrypt`. */
  readonly issuer: string;
  /** What its issuer signed with, as an OID. */
  readonly signatureAlgorithm: string;
  /** Whether digitalSignature is in its key usage. */
  readonly signs: boolean;
  /** OIDs of its extended key usage. */
  readonly purposes: readonly string[];
  /** OIDs of its certificate policies. */
  readonly policies: readonly string[];
  /** Whether it carries timestamps of transparency logs. */
  readonly isLogged: boolean;
}

export interface IdentityWarning {
  readonly message: string;
  readonly hint: string;
}

/**
 * What AWS may refuse, as warnings: rules of theirs may become milder, and the last word is theirs. (Roles Anywhere User
 * Guide, "Signature verification": an end entity is of version 3, no CA, for signing, signed with SHA-256 or stronger,
 * and has a subject. It says nothing of clientAuth; users of AWS's helper found it needed, others not.)
 *
 * @param file where the certificate stands.
 */
export function identityWarnings(facts: IdentityFacts, file: string): readonly IdentityWarning[] {
  return rows
    .filter(({ fits }) => fits(facts))
    .map(({ what, hint }) => ({ message: `the certificate in ${file} ${what}`, hint }));
}

interface Row {
  readonly fits: (facts: IdentityFacts) => boolean;
  readonly what: string;
  readonly hint: string;
}

const refused = 'IAM Roles Anywhere may refuse it (Insufficient certificate)';
const anew = 'have the private CA issue it anew,';

/** clientAuth and anyExtendedKeyUsage (RFC 5280 §4.2.1.12). */
const clientPurposes: ReadonlySet<string> = new Set(['1.3.6.1.5.5.7.3.2', '2.5.29.37.0']);

/** RFC 8017 A.2.4, RFC 3279 §2.2: with MD2, MD5 and SHA-1; RSA, DSA and ECDSA. */
const weakAlgorithms: ReadonlySet<string> = new Set([
  '1.2.840.113549.1.1.2',
  '1.2.840.113549.1.1.4',
  '1.2.840.113549.1.1.5',
  '1.2.840.10040.4.3',
  '1.2.840.10045.4.1',
]);

const rows: readonly Row[] = [
  {
    fits: ({ version }) => version < 3,
    what: `is of an older version of X.509 than 3: ${refused}`,
    hint: `${anew} with extensions: keyUsage = critical,digitalSignature and extendedKeyUsage = clientAuth`,
  },
  {
    fits: ({ isCa }) => isCa,
    what: 'is that of a CA, which IAM Roles Anywhere takes for no identity',
    hint: 'use a certificate that this CA has issued to the host, with basicConstraints = CA:FALSE',
  },
  {
    fits: ({ subject }) => subject === '',
    what: 'has an empty subject, which IAM Roles Anywhere does not take',
    hint: `${anew} with a common name: the policies of the role can go by it`,
  },
  {
    fits: ({ version, signs }) => version >= 3 && !signs,
    what: `has no digitalSignature in its key usage: ${refused}`,
    hint: `${anew} with keyUsage = critical,digitalSignature`,
  },
  {
    fits: ({ version, purposes }) => version >= 3 && !purposes.some((purpose) => clientPurposes.has(purpose)),
    what: 'is not for clientAuth, without which IAM Roles Anywhere has refused certificates, as users report',
    hint: `if it is refused, ${anew} with extendedKeyUsage = clientAuth`,
  },
  {
    fits: ({ signatureAlgorithm }) => weakAlgorithms.has(signatureAlgorithm),
    what: `is signed with SHA-1 or MD5: ${refused}`,
    hint: `${anew} signed with SHA-256 or stronger`,
  },
];

/**
 * Policies of domain, organization, individual and extended validation: a CA that is bound by the Baseline Requirements
 * asserts one of them in each certificate for TLS, and no other may (CA/Browser Forum, Baseline Requirements §7.1.6.1).
 */
const publicPolicies: ReadonlySet<string> = new Set([
  '2.23.140.1.2.1',
  '2.23.140.1.2.2',
  '2.23.140.1.2.3',
  '2.23.140.1.1',
]);

/** The public CAs that ACME clients meet, by the organization of their intermediates, those for tests included. */
const publicIssuer =
  /^O=(?:\(STAGING\) )?(?:Let's Encrypt|Internet Security Research Group|ZeroSSL(?: GmbH)?|Google Trust Services(?: LLC)?|SSL Corporation|Buypass AS-\d+)$/m;

/**
 * Whether a public CA issued it. Browsers ask for both marks, and no private CA has reason to set either; but the
 * timestamps may come with the connection instead (RFC 6962 §3.3), so the name counts, too.
 */
export function isFromPublicCa({ policies, isLogged, issuer }: IdentityFacts): boolean {
  return isLogged || policies.some((policy) => publicPolicies.has(policy)) || publicIssuer.test(issuer);
}

/** What to do about an identity of either kind below. */
const ownIdentityHint =
  'use a certificate of a private CA (FreeIPA, step-ca, Vault, AWS Private CA), made for nothing else';

export function publicCaWarning(file: string): IdentityWarning {
  const message =
    `the certificate in ${file} is of a public CA: whoever can answer a challenge for its name gets the AWS role, and AWS does not support ` +
    'public CAs as trust anchors';
  return { message, hint: ownIdentityHint };
}

export function renewedByUsWarning(file: string): IdentityWarning {
  const message =
    `the certificate in ${file} is one that lanacme renews with the very role that it opens: ` +
    'once it has ended, nothing can renew it';
  return { message, hint: ownIdentityHint };
}
