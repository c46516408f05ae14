/**
 * The id of a certificate in renewal information and `replaces` (RFC 9773 §4.1): its issuer's key identifier, a period,
 * and its serial number, base64url each.
 *
 * @param keyIdentifier of the authority key identifier.
 * @param serial hex of the number, without the leading zeros that DER may need.
 */
export function ariCertIdOf(keyIdentifier: Uint8Array, serial: string): string {
  return [keyIdentifier, contentOctets(serial)]
    .map((octets) => Buffer.from(octets).toString('base64url'))
    .join('.');
}

/** Of the INTEGER in DER: one whose top bit is set has a zero before it, or it would be negative. */
function contentOctets(serial: string): Uint8Array {
  const even = serial.length % 2 === 0 ? serial : `0${serial}`;
  const octets = Buffer.from(even, 'hex');
  return (octets[0] ?? 0) < 0x80 ? octets : Buffer.concat([Buffer.of(0), octets]);
}
