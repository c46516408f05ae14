import { describe, expect, it } from 'vitest';
import type { CertificateFacts } from '../../src/core/certificate-facts.ts';
import type { CertificateRecord } from '../../src/core/certificate-record.ts';
import { inspectionOf, knownFacts } from '../../src/core/inspection.ts';
import { type Domain, parseCertificateName } from '../../src/core/names.ts';

const facts: CertificateFacts = {
  serial: '0a1b',
  issuer: 'Test CA',
  domains: ['lan.example', '*.lan.example'] as readonly string[] as readonly Domain[],
  notBefore: new Date('2026-11-22T10:00:00Z'),
  notAfter: new Date('2027-02-20T10:00:00Z'),
};
const spec = { domains: facts.domains, server: 'https://ca.example/dir', keyType: 'ec256' } as const;
const record: CertificateRecord = {
  format: 1,
  name: parseCertificateName('lan.example'),
  spec,
  deployHooks: [],
  hooks: [],
  installed: {
    version: '0003',
    at: '2026-11-22T11:00:00Z',
    spec,
    inspection: inspectionOf(facts, '1@2 3@4'),
  },
};

describe('what is known of a version without opening its files', () => {
  it('is what was found when they were checked', () => {
    expect(knownFacts(record, { version: '0003', stamp: '1@2 3@4' })).toEqual(facts);
  });

  it.each([
    ['files that were touched', { version: '0003', stamp: '1@2 3@5' }],
    ['files that are not all there', { version: '0003', stamp: '' }],
    ['another version', { version: '0002', stamp: '1@2 3@4' }],
  ])('is nothing for %s', (_, live) => {
    expect(knownFacts(record, live)).toBeUndefined();
  });

  it('is nothing for files that were not all there when it was noted, and are not now', () => {
    const installed = { ...record.installed!, inspection: inspectionOf(facts, '') };
    expect(knownFacts({ ...record, installed }, { version: '0003', stamp: '' })).toBeUndefined();
  });

  it('is nothing without a record, or with one of a version that did not note it', () => {
    const { version, at } = record.installed!;
    const installed = { version, at, spec };
    const live = { version: '0003', stamp: '1@2 3@4' };
    expect([undefined, { ...record, installed }].map((known) => knownFacts(known, live))).toEqual([
      undefined,
      undefined,
    ]);
  });
});
