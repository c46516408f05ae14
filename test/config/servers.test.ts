import { describe, expect, it } from 'vitest';
import { directoryUrl, isStaging } from '../../src/config/servers.ts';

describe('isStaging', () => {
  it.each([
    [directoryUrl('letsencrypt-staging'), true],
    [directoryUrl('letsencrypt'), false],
    ['https://dv.acme-v02.test-api.pki.goog/directory', true],
    ['https://dv.acme-v02.api.pki.goog/directory', false],
    ['https://ca.staging.lan.example/acme', true],
    ['https://localhost:14000/dir', false],
    ['https://ca.lan.example/staging/dir', false],
    ['https://upstaging.example/dir', false],
  ])('%s: %s', (url, expected) => {
    expect(isStaging(url)).toBe(expected);
  });
});
