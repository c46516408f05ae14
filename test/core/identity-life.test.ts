import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type CertificateLife, certificateLife } from '../../src/core/certificate-life.ts';
import { identityRow, noCertificate } from '../../src/core/identity-life.ts';
import { jsonMember } from '../../src/core/json-text.ts';
import { LanacmeError } from '../../src/errors.ts';

/** The certificate of the event, from 2026-01-01 to 2036-01-01. */
const event: unknown = JSON.parse(
  readFileSync(new URL('../vectors/cloudtrail-create-session.json', import.meta.url), 'utf8'),
);
const pem = String(jsonMember(jsonMember(event, 'requestParameters'), 'cert')).replaceAll(/.{1,64}/g, '$&\n');
const certificate = certificateLife(
  `-----BEGIN CERTIFICATE-----\n${pem}-----END CERTIFICATE-----\n`,
) as CertificateLife;
const iot = { source: 'iot', file: '/etc/lanacme/device.pem' } as const;
const rolesAnywhere = { source: 'roles-anywhere', file: 'credential:leaf' } as const;

describe("a host's identity at AWS", () => {
  it('is shown with what is in the certificate', () => {
    expect(identityRow(iot, certificate, new Date('2026-11-22T12:00:00Z'))).toEqual({
      ...iot,
      serial: '0123456789abcdef0123456789abcdef01234567',
      notBefore: '2026-01-01T00:00:00Z',
      notAfter: '2036-01-01T00:00:00Z',
      daysLeft: 3326,
      error: null,
    });
  });

  it.each([
    ['2035-12-01T23:59:59Z', 30, null],
    ['2035-12-02T00:00:00Z', 30, 'credentials.certificate-ends-soon'],
    ['2035-12-31T23:59:59Z', 0, 'credentials.certificate-ends-soon'],
    ['2036-01-01T00:00:00Z', 0, 'credentials.certificate-expired'],
    ['2037-01-01T00:00:00Z', 0, 'credentials.certificate-expired'],
    ['2025-12-31T23:59:59Z', 3652, 'credentials.certificate-not-yet-valid'],
  ])('on %s has %d days left and the error %s', (now, daysLeft, code) => {
    expect(identityRow(iot, certificate, new Date(now))).toMatchObject({
      daysLeft,
      error: code === null ? null : { code },
    });
  });

  it.each([
    [iot, 'the device certificate in /etc/lanacme/device.pem ends in 2 days', 'the same thing'],
    [rolesAnywhere, 'the Roles Anywhere certificate in credential:leaf ends in 2 days', 'your CA'],
  ])('that ends soon is named, with what to do', (identity, message, hint) => {
    expect(identityRow(identity, certificate, new Date('2035-12-29T12:00:00Z')).error).toMatchObject({
      message: expect.stringContaining(message) as string,
      hint: expect.stringContaining(hint) as string,
    });
  });

  it('that cannot be read says why', () => {
    const error = new LanacmeError('credentials.file-unreadable', 'cannot read it', {
      hint: 'let it be read',
    });
    const row = identityRow(iot, error, new Date());
    expect(row).toMatchObject({ notAfter: null, daysLeft: null });
    expect(row.error).toEqual({ code: error.code, message: error.message, hint: error.hint });
    expect(identityRow(iot, noCertificate(iot), new Date()).error?.code).toBe(
      'credentials.certificate-invalid',
    );
  });
});
