/** Why a certificate must not be trusted any more, by the names of RFC 5280 §5.3.1, with their codes. */
const codes = {
  unspecified: 0,
  keyCompromise: 1,
  affiliationChanged: 3,
  superseded: 4,
  cessationOfOperation: 5,
} as const;

export type RevocationReason = keyof typeof codes;

/** Those that an ACME client may ask for; Let's Encrypt takes all but `affiliationChanged`. */
export const revocationReasons = Object.keys(codes) as readonly RevocationReason[];

export function revocationCode(reason: RevocationReason): number {
  return codes[reason];
}
