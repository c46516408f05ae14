import { describe, expect, it } from 'vitest';
import { type DeployEvent, deployEnvironment } from '../../src/core/hook-environment.ts';
import { parseCertificateName, parseDomain } from '../../src/core/names.ts';

const event: DeployEvent = {
  name: parseCertificateName('lan.example'),
  version: '0003',
  path: '/var/lib/lanacme/live/lan.example',
  facts: {
    serial: '0a1b',
    issuer: 'Some CA',
    domains: [parseDomain('lan.example'), parseDomain('*.lan.example')],
    notBefore: new Date('2026-11-22T11:00:00.000Z'),
    notAfter: new Date('2027-02-20T10:59:59.000Z'),
  },
  spec: { domains: [parseDomain('lan.example')], server: 'https://ca.example/dir', keyType: 'ec256' },
};

describe('what a deploy hook is told', () => {
  it('is this and nothing else', () => {
    expect(deployEnvironment(event)).toEqual({
      RENEWED_LINEAGE: '/var/lib/lanacme/live/lan.example',
      RENEWED_DOMAINS: 'lan.example *.lan.example',
      LANACME_HOOK_EVENT: 'deploy',
      LANACME_HOOK_NAME: 'lan.example',
      LANACME_HOOK_VERSION: '0003',
      LANACME_HOOK_PATH: '/var/lib/lanacme/live/lan.example',
      LANACME_HOOK_DOMAINS: 'lan.example *.lan.example',
      LANACME_HOOK_SERIAL: '0a1b',
      LANACME_HOOK_NOT_BEFORE: '2026-11-22T11:00:00Z',
      LANACME_HOOK_NOT_AFTER: '2027-02-20T10:59:59Z',
      LANACME_HOOK_KEY_TYPE: 'ec256',
      LANACME_HOOK_SERVER: 'https://ca.example/dir',
    });
  });

  it.each([
    ['a line end', '\n'],
    ['a NUL', '\0'],
    ['an escape', '\x1b'],
    ['a C1 control', '\x9b'],
  ])('never holds %s', (_, character) => {
    expect(() => deployEnvironment({ ...event, path: `/state${character}/live/x` })).toThrow(
      expect.objectContaining({
        code: 'hook.not-started',
        message: 'the hook cannot be told RENEWED_LINEAGE: its value holds a control character',
        hint: 'take the control character out of the path or name that it comes from',
      }),
    );
  });
});
